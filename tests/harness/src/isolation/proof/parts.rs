//! The queries of a proof: every row of every table, sequence, large object and catalog.
//!
//! The catalogs are listed here by hand. The reset finds them by itself and shares nothing with this list, so the proof
//! can find what the reset overlooks.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{failure::Failure, isolation::proof::Part};

/// Objects that belong to a session, or to a table that is compared anyway. Every statement of a proof starts with
/// this.
pub const HIDDEN: &str = "with space as materialized (
        select oid from pg_namespace where starts_with(nspname, 'pg_temp_') or starts_with(nspname, 'pg_toast')
    ),
    hidden as materialized (
        table space
        union select oid from pg_class where relnamespace in (table space)
        union select oid from pg_type where typnamespace in (table space)
        union select oid from pg_proc where pronamespace in (table space)
    )";

/// Columns that VACUUM, ANALYZE, TRUNCATE or REFRESH change, and columns that refer to an index: REINDEX CONCURRENTLY
/// replaces an index by another one of the same name.
const MAINTAINED: &str = "{relfilenode, relpages, reltuples, relallvisible, relallfrozen, relfrozenxid, relminmxid, \
    relhasindex, relhasrules, relhastriggers, relhassubclass, relispopulated, relrewrite, reltoastrelid, \
    indcheckxmin, atthasmissing, attmissingval, attrelid, indexrelid, inhrelid, conindid, tgconstrindid, objoid}";

/// Catalogs whose rows `pg_describe_object` can describe, and the column that tells whether the object is hidden.
const OBJECTS: &[(&str, &str)] = &[
    ("pg_class", "relnamespace"),
    ("pg_attrdef", "adrelid"),
    ("pg_constraint", "connamespace"),
    ("pg_trigger", "tgrelid"),
    ("pg_rewrite", "ev_class"),
    ("pg_policy", "polrelid"),
    ("pg_type", "typnamespace"),
    ("pg_proc", "pronamespace"),
    ("pg_namespace", "oid"),
    ("pg_extension", "oid"),
    ("pg_event_trigger", "oid"),
    ("pg_default_acl", "oid"),
    ("pg_statistic_ext", "stxnamespace"),
    ("pg_publication", "oid"),
    ("pg_publication_namespace", "oid"),
    ("pg_publication_rel", "prrelid"),
    ("pg_cast", "oid"),
    ("pg_collation", "collnamespace"),
    ("pg_conversion", "connamespace"),
    ("pg_operator", "oprnamespace"),
    ("pg_opclass", "opcnamespace"),
    ("pg_opfamily", "opfnamespace"),
    ("pg_amop", "oid"),
    ("pg_amproc", "oid"),
    ("pg_am", "oid"),
    ("pg_language", "oid"),
    ("pg_transform", "oid"),
    ("pg_foreign_data_wrapper", "oid"),
    ("pg_foreign_server", "oid"),
    ("pg_ts_config", "cfgnamespace"),
    ("pg_ts_dict", "dictnamespace"),
    ("pg_ts_parser", "prsnamespace"),
    ("pg_ts_template", "tmplnamespace"),
];

/// The other catalogs, the column that tells whether the object is hidden, and a description of the object.
/// [`MAINTAINED`] has columns that identify the objects of some of them: see [`key`].
const DETAILS: &[(&str, &str, &str)] = &[
    (
        "pg_attribute",
        "attrelid",
        "pg_describe_object('pg_class'::regclass, r.attrelid, r.attnum)",
    ),
    ("pg_index", "indexrelid", "r.indexrelid::regclass::text"),
    ("pg_inherits", "inhrelid", "r.inhrelid::regclass::text"),
    (
        "pg_partitioned_table",
        "partrelid",
        "r.partrelid::regclass::text",
    ),
    ("pg_foreign_table", "ftrelid", "r.ftrelid::regclass::text"),
    ("pg_sequence", "seqrelid", "r.seqrelid::regclass::text"),
    ("pg_aggregate", "aggfnoid", "r.aggfnoid::regprocedure::text"),
    (
        "pg_enum",
        "enumtypid",
        "'value ' || r.enumlabel || ' of ' || r.enumtypid::regtype",
    ),
    ("pg_range", "rngtypid", "r.rngtypid::regtype::text"),
    ("pg_ts_config_map", "mapcfg", "r.mapcfg::regconfig::text"),
    (
        "pg_description",
        "objoid",
        "'comment on ' || pg_describe_object(r.classoid, r.objoid, r.objsubid)",
    ),
    (
        "pg_seclabel",
        "objoid",
        "'label of ' || pg_describe_object(r.classoid, r.objoid, r.objsubid)",
    ),
    (
        "pg_init_privs",
        "objoid",
        "'first rights on ' || pg_describe_object(r.classoid, r.objoid, r.objsubid)",
    ),
];

/// What identifies a row of a catalog if its own columns don't. It is read for every row of every proof, so it costs
/// less than a description.
fn key(catalog: &str, object: &str) -> String {
    match catalog {
        "pg_attribute" => "r.attrelid::regclass::text".to_owned(),
        "pg_index" | "pg_inherits" | "pg_description" | "pg_seclabel" | "pg_init_privs" => {
            object.to_owned()
        }
        _ => "null".to_owned(),
    }
}

/// The compared columns of each catalog, separated by commas. A row of them as text takes a fifth of the time of
/// `to_jsonb`.
async fn compared_columns(
    connection: &mut PgConnection,
) -> Result<HashMap<String, String>, sqlx::Error> {
    let columns = format!(
        "select c.relname::text,
                string_agg(case when c.relname = 'pg_class' and a.attname = 'oid'
                                then 'case when r.relkind not in (''i'', ''I'') then r.oid end'
                                else format('r.%I', a.attname) end,
                           ', ' order by a.attnum)
           from pg_class c
           join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'pg_catalog'::regnamespace and a.attnum > 0
            and a.attname <> all ('{MAINTAINED}'::text[])
          group by c.relname"
    );
    let columns = sqlx::query_as(AssertSqlSafe(columns));
    Ok(columns.fetch_all(connection).await?.into_iter().collect())
}

/// Everything except tables. `first_transaction` is older than all rows of the schema.
pub async fn catalogs(
    connection: &mut PgConnection,
    first_transaction: i64,
) -> Result<Vec<Part>, Failure> {
    let mut parts = vec![
        sequences(connection).await?,
        Part::new(
            "the large objects",
            "select 'large object ' || m.oid as object, row(m.oid, m.lomowner, m.lomacl, md5(lo_get(m.oid)))::text as line
               from pg_largeobject_metadata m",
        ),
    ];
    let columns = compared_columns(connection).await?;
    let object = "pg_describe_object(r.tableoid, r.oid, 0)";
    let objects = OBJECTS
        .iter()
        .map(|(catalog, belongs_to)| (*catalog, *belongs_to, object));
    for (catalog, belongs_to, object) in objects.chain(DETAILS.iter().copied()) {
        let ignored = if catalog == "pg_class" {
            " - case when r.relkind in ('i', 'I') then 'oid' else '' end"
        } else {
            ""
        };
        let of_schema = format!(
            "from pg_catalog.{catalog} r
            where r.xmin::text::int8 >= {first_transaction} and r.{belongs_to} not in (table hidden)"
        );
        let (key, columns) = (key(catalog, object), &columns[catalog]);
        parts.push(Part {
            digested: format!("select {key} as object, row({columns})::text as line {of_schema}"),
            ..Part::new(
                catalog,
                &format!(
                    "select {object} as object, (to_jsonb(r) - '{MAINTAINED}'::text[]{ignored})::text as line
                     {of_schema}"
                ),
            )
        });
    }
    parts.push(Part::new(
        "pg_depend",
        &format!(
            "select 'dependency of ' || pg_describe_object(r.classid, r.objid, r.objsubid) as object,
                    concat(pg_describe_object(r.refclassid, r.refobjid, r.refobjsubid), ' ', r.deptype) as line
               from pg_depend r
              where r.xmin::text::int8 >= {first_transaction} and r.objid not in (table hidden)
                and (r.deptype in ('e', 'x') or r.objid in (select seqrelid from pg_sequence))"
        ),
    ));
    for (name, rows) in [
        (
            "settings of the database",
            "select setrole::regrole::text as object, setconfig::text as line
               from pg_db_role_setting, pg_database d
              where setdatabase = d.oid and d.datname = current_database()",
        ),
        (
            "the database",
            "select null as object, (to_jsonb(d) - '{oid, datname, datfrozenxid, datminmxid}'::text[])::text as line
               from pg_database d where datname = current_database()",
        ),
        (
            "the comment on the database",
            "select null as object, shobj_description(oid, 'pg_database') as line
               from pg_database where datname = current_database()",
        ),
    ] {
        parts.push(Part::new(name, rows));
    }
    Ok(parts)
}

/// Every table and materialized view: with `ours` those of the harness, otherwise all others. Of the harness's tables,
/// only copies of reference rows are equal after a reset.
pub async fn tables(connection: &mut PgConnection, ours: bool) -> Result<Vec<Part>, Failure> {
    let rows = sqlx::query(
        "select c.oid::int8 as oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'm' as is_view,
                c.relispopulated as is_populated,
                case n.nspname when 'public' then quote_ident(c.relname) else format('%I.%I', n.nspname, c.relname) end
                    as shown
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'm') and c.relpersistence <> 't'
            and n.nspname <> 'information_schema' and not starts_with(n.nspname, 'pg_')
            and (n.nspname = 'bdd_harness') = $1
            and (not $1 or c.relname not in ('dirty', 'refreshed', 'catalog_change', 'noted', 'planner_statistics'))
          order by c.relkind, c.oid",
    )
    .bind(ours)
    .fetch_all(connection)
    .await?;
    let parts = rows.iter().map(|row| {
        let (name, shown): (String, String) = (row.get("name"), row.get("shown"));
        let kind = if row.get("is_view") {
            "materialized view"
        } else {
            "table"
        };
        let rows = if row.get("is_populated") {
            format!("select null as object, r::text as line from only {name} r")
        } else {
            format!(
                "select null as object, 'it has been filled' as line
                   from pg_class where oid = {} and relispopulated",
                row.get::<i64, _>("oid")
            )
        };
        Part::new(&format!("{kind} {shown}"), &rows)
    });
    Ok(parts.collect())
}

async fn sequences(connection: &mut PgConnection) -> Result<Part, Failure> {
    let looks: Option<String> = sqlx::query_scalar(
        "select string_agg(format('select %L as object, ''('' || last_value || '','' || is_called || '')'' as line from %I.%I',
                                  'sequence ' || schemaname || '.' || sequencename, schemaname, sequencename),
                           ' union all ' order by schemaname, sequencename)
           from pg_sequences
          where schemaname <> 'bdd_harness' and not starts_with(schemaname, 'pg_')",
    )
    .fetch_one(connection)
    .await?;
    let none = "select null as object, null as line where false";
    Ok(Part::new("the sequences", looks.as_deref().unwrap_or(none)))
}

/// Tables whose row-level security would hide rows from an owner.
pub async fn tables_with_forced_policies(
    connection: &mut PgConnection,
) -> Result<Vec<String>, Failure> {
    let tables = sqlx::query_scalar(
        "select oid::regclass::text from pg_class where relforcerowsecurity order by oid",
    );
    Ok(tables.fetch_all(connection).await?)
}
