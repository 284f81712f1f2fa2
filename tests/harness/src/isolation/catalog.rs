//! What PostgreSQL's catalogs say of a schema, row by row, but for what changes without anybody changing the schema.
//!
//! A clone has the object ids of its template, so rows can be compared as they are.

use sqlx::{PgConnection, Row as _};

use crate::failure::Failure;

/// One catalog, as its rows are looked at.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// `pg_class`, `pg_proc`, ….
    pub name: String,
    /// A query that answers `object` (for people) and `line` (everything the catalog says of it).
    pub rows: String,
}

/// These hold figures, contents, or what follows from the others.
const LEFT_OUT: &[&str] = &[
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_largeobject",
    "pg_largeobject_metadata",
    "pg_subscription_rel",
    "pg_user_mapping",
];

/// Columns that VACUUM, ANALYZE, TRUNCATE, REINDEX or REFRESH write.
const VOLATILE: &[&str] = &[
    "relfilenode",
    "relpages",
    "reltuples",
    "relallvisible",
    "relallfrozen",
    "relfrozenxid",
    "relminmxid",
    "relhasindex",
    "relhasrules",
    "relhastriggers",
    "relhassubclass",
    "relispopulated",
    "reltoastrelid",
    "relrewrite",
    "indcheckxmin",
    "atthasmissing",
    "attmissingval",
];

/// Temporary objects belong to a session, and what is stored beside a table belongs to the table.
const OTHER_SCHEMAS: &str =
    "(select oid from pg_catalog.pg_namespace where nspname ~ '^pg_(toast|temp_)')";

/// Every catalog of the database, from what the catalogs say of themselves.
///
/// The system's own rows are left out unless they were written since `born`, a transaction id.
pub async fn catalogs(connection: &mut PgConnection, born: i64) -> Result<Vec<Catalog>, Failure> {
    let rows = sqlx::query(
        "select c.relname::text                                                           as name,
                array(select quote_ident(a.attname)
                        from pg_catalog.pg_attribute a
                       where a.attrelid = c.oid and a.attnum > 0 and not a.attname = any($2)
                       order by a.attnum)                                                 as columns,
                array(select k.fkcols[1]
                        from pg_catalog.pg_get_catalog_foreign_keys() k
                       where k.fktable = c.oid and k.pktable = 'pg_catalog.pg_class'::regclass
                         and not k.is_array and cardinality(k.fkcols) = 1
                         and k.fkcols[1] not in ('classoid', 'refclassid')
                         and not k.fkcols[1] = any($2))                                   as relations,
                array(select k.fkcols[1]
                        from pg_catalog.pg_get_catalog_foreign_keys() k
                       where k.fktable = c.oid and k.pktable = 'pg_catalog.pg_namespace'::regclass
                         and not k.is_array and cardinality(k.fkcols) = 1)                as namespaces
           from pg_catalog.pg_class c
          where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared
            and not c.relname = any($1)
          order by c.relname <> 'pg_class', c.relname <> 'pg_attribute', c.relname",
    )
    .bind(LEFT_OUT)
    .bind(VOLATILE)
    .fetch_all(connection)
    .await?;
    let catalogs = rows.iter().map(|row| {
        let name: String = row.get("name");
        let columns: Vec<String> = row.get("columns");
        let relations: Vec<String> = row.get("relations");
        let namespaces: Vec<String> = row.get("namespaces");
        let rows = rows_of(&name, &columns, &relations, &namespaces, born);
        Catalog { name, rows }
    });
    Ok(catalogs.collect())
}

fn rows_of(
    name: &str,
    columns: &[String],
    relations: &[String],
    namespaces: &[String],
    born: i64,
) -> String {
    let identified = columns.iter().any(|column| column == "oid");
    let key = match name {
        _ if identified => Some("oid"),
        "pg_description" | "pg_seclabel" | "pg_init_privs" => Some("objoid"),
        "pg_aggregate" => Some("aggfnoid"),
        "pg_range" => Some("rngtypid"),
        "pg_ts_config_map" => Some("mapcfg"),
        "pg_depend" => Some("objid"),
        "pg_index" => Some("indexrelid"),
        _ => relations.first().map(String::as_str),
    };
    let object = match name {
        "pg_attribute" => {
            "pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.attrelid, r.attnum)"
                .to_owned()
        }
        "pg_depend" => {
            "'what ' || pg_catalog.pg_describe_object(r.classid, r.objid, r.objsubid) || ' depends on'".to_owned()
        }
        "pg_description" => {
            "'the comment on ' || pg_catalog.pg_describe_object(r.classoid, r.objoid, r.objsubid)"
                .to_owned()
        }
        "pg_enum" => "'value ' || r.enumlabel || ' of type ' || r.enumtypid::regtype".to_owned(),
        _ if identified => "pg_catalog.pg_describe_object(r.tableoid, r.oid, 0)".to_owned(),
        _ if !relations.is_empty() => format!(
            "pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, r.{}, 0)",
            key.unwrap_or(&relations[0])
        ),
        _ => "null::text".to_owned(),
    };
    let ours = key.map_or(String::new(), |key| format!("r.{key}::oid >= 16384 or "));
    let mut kept = format!("({ours}r.xmin::text::bigint >= {born})");
    for column in namespaces {
        kept.push_str(&format!(" and r.{column} not in {OTHER_SCHEMAS}"));
    }
    for column in relations {
        kept.push_str(&format!(" and r.{column} not in {}", other_relations()));
    }
    match name {
        // The others follow from what the objects themselves say.
        "pg_depend" => kept.push_str(&format!(
            " and (r.deptype in ('e', 'x')
                   or r.classid = 'pg_catalog.pg_class'::regclass and r.objid not in {}
                      and r.objid in (select oid from pg_catalog.pg_class where relkind = 'S'))",
            other_relations()
        )),
        "pg_enum" | "pg_range" => kept.push_str(&format!(
            " and r.{} not in (select oid from pg_catalog.pg_type where typnamespace in {OTHER_SCHEMAS})",
            if name == "pg_enum" { "enumtypid" } else { "rngtypid" },
        )),
        "pg_aggregate" => kept.push_str(&format!(
            " and r.aggfnoid::oid not in (select oid from pg_catalog.pg_proc where pronamespace in {OTHER_SCHEMAS})"
        )),
        "pg_namespace" => kept.push_str(" and r.nspname !~ '^pg_(toast|temp_)'"),
        "pg_description" => kept.push_str(&format!(
            " and not (r.classoid = 'pg_catalog.pg_class'::regclass and r.objoid in {})",
            other_relations()
        )),
        _ => {}
    }
    format!(
        "select coalesce({object}, 'a row of {name}') as object, row({})::text as line
           from pg_catalog.{name} r where {kept}",
        columns
            .iter()
            .map(|column| match column.as_str() {
                // REINDEX CONCURRENTLY gives an index another object id, and nobody sees a difference.
                "oid" if name == "pg_class" => {
                    "case when r.relkind not in ('i', 'I') then r.oid end".to_owned()
                }
                column if relations.iter().any(|relation| relation == column) => {
                    format!("r.{column}::regclass")
                }
                column => format!("r.{column}"),
            })
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn other_relations() -> String {
    format!("(select oid from pg_catalog.pg_class where relnamespace in {OTHER_SCHEMAS})")
}
