//! The shape of a table: what a row of it needs.

use serde::Deserialize;

use crate::database::{
    Connection, Rows, explain,
    name::{TableName, identifiers, literal, postgres_literal},
    schema_text::checks,
    table::{sqlite_pragma, texts},
    value::Value,
};
use crate::failure::Failure;

/// What the catalogs say about one table.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Shape {
    /// The quoted name, as a statement writes it.
    pub name: String,
    pub columns: Vec<Column>,
    pub references: Vec<Reference>,
    pub checks: Vec<Check>,
}

/// One column; the type is the one below all domains.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Column {
    pub name: String,
    /// With length or precision: `character varying(20)`.
    pub type_name: String,
    /// `pg_type.typcategory`: E is an enum, A an array, C a row type.
    #[serde(default)]
    pub category: String,
    pub required: bool,
    pub default: Option<String>,
    pub filled: Filled,
    /// The labels of an enum.
    #[serde(default)]
    pub labels: Vec<String>,
    /// How many fields a row type has.
    #[serde(default)]
    pub parts: usize,
}

/// Who gives a column its value when a row doesn't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    #[default]
    ByTheRow,
    Generated,
    IdentityAlways,
    IdentityByDefault,
    /// The row's number in `SQLite`.
    RowNumber,
}

/// A foreign key.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    pub columns: Vec<String>,
    pub table: String,
    pub key: Vec<String>,
}

/// A condition on a row: a CHECK, a domain's, or the bounds of partitions.
#[derive(Clone, Debug, Deserialize)]
pub struct Check {
    pub name: String,
    pub columns: Vec<String>,
    pub expression: String,
}

impl Shape {
    /// Reads the catalogs; `name` is quoted.
    pub async fn of(connection: &mut Connection, name: &str) -> Result<Self, Failure> {
        let shape = if connection.is_postgres() {
            postgres(connection, name).await
        } else {
            sqlite(connection, name).await
        };
        shape.map_err(|error| explain(&error, None))
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

async fn postgres(connection: &mut Connection, name: &str) -> Result<Shape, sqlx::Error> {
    let sql = SHAPE.replace("{relation}", &postgres_literal(name));
    let answer = texts(connection.fetch(&sql).await?)
        .pop()
        .unwrap_or_default();
    let mut shape: Shape =
        serde_json::from_str(&answer).map_err(|error| sqlx::Error::Decode(error.into()))?;
    for check in &mut shape.checks {
        // A domain's condition speaks of VALUE; here it is the column.
        if let Some(condition) = check.expression.strip_prefix("domain CHECK ") {
            let condition = condition.trim_end_matches(" NOT VALID");
            check.expression =
                crate::database::schema_text::value_named(condition, &identifiers(&check.columns));
        }
    }
    Ok(shape)
}

/// One object in JSON: columns with their types below all domains, foreign keys, and conditions.
const SHAPE: &str = "
with recursive relation as (
    select oid, relkind
      from pg_catalog.pg_class
     where oid = pg_catalog.to_regclass({relation})
), chain as (
    select a.attnum, t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault,
           a.atttypmod as typmod
      from relation r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
     union all
    select c.attnum, t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault,
           c.typtypmod
      from chain c
      join pg_catalog.pg_type t on t.oid = c.typbasetype
     where c.typtype = 'd'
), col as (
    select a.attnum, a.attname,
           (select pg_catalog.format_type(oid, typmod) from chain c where c.attnum = a.attnum and typtype <> 'd') as type_name,
           (select typcategory::text from chain c where c.attnum = a.attnum and typtype <> 'd') as category,
           (select oid from chain c where c.attnum = a.attnum and typtype <> 'd') as base,
           a.attnotnull or (select bool_or(typtype = 'd' and typnotnull) from chain c where c.attnum = a.attnum) as required,
           case when a.attgenerated <> '' then 'generated'
                when a.attidentity = 'a' then 'identity_always'
                when a.attidentity = 'd' then 'identity_by_default'
                else 'by_the_row'
            end as filled,
           coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                    (select min(typdefault) from chain c where c.attnum = a.attnum and typtype = 'd')) as default_text
      from relation r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum and a.attgenerated = ''
), named as (
    select con.oid,
           (select pg_catalog.json_agg(a.attname order by k.place)
              from unnest(con.conkey) with ordinality as k (attnum, place)
              join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.attnum) as columns,
           (select pg_catalog.json_agg(a.attname order by k.place)
              from unnest(con.confkey) with ordinality as k (attnum, place)
              join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.attnum) as key
      from relation r
      join pg_catalog.pg_constraint con on con.conrelid = r.oid
)
select pg_catalog.json_build_object(
    'name', (select pg_catalog.format('%I.%I', n.nspname, c.relname)
               from pg_catalog.pg_class c
               join pg_catalog.pg_namespace n on n.oid = c.relnamespace
               join relation r on r.oid = c.oid),
    'columns', (select pg_catalog.json_agg(pg_catalog.json_build_object(
                           'name', attname, 'type_name', type_name, 'category', category, 'required', required,
                           'default', default_text, 'filled', filled,
                           'labels', (select coalesce(pg_catalog.json_agg(e.enumlabel order by e.enumsortorder), '[]')
                                        from pg_catalog.pg_enum e
                                       where e.enumtypid = col.base),
                           'parts', (select pg_catalog.count(*)
                                       from pg_catalog.pg_type t
                                       join pg_catalog.pg_attribute a
                                         on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                                      where t.oid = col.base)) order by attnum)
                  from col),
    'references', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                              'columns', n.columns, 'key', n.key,
                              'table', pg_catalog.format('%I.%I', s.nspname, t.relname))
                              order by pg_catalog.cardinality(con.conkey) desc, con.conname), '[]')
                     from named n
                     join pg_catalog.pg_constraint con on con.oid = n.oid and con.contype = 'f'
                     join pg_catalog.pg_class t on t.oid = con.confrelid
                     join pg_catalog.pg_namespace s on s.oid = t.relnamespace),
    'checks', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                          'name', c.name, 'columns', c.columns, 'expression', c.expression)), '[]')
                 from (select con.conname as name, coalesce(n.columns, '[]') as columns,
                              pg_catalog.pg_get_expr(con.conbin, con.conrelid) as expression
                         from named n
                         join pg_catalog.pg_constraint con on con.oid = n.oid and con.contype = 'c'
                        union all
                       select con.conname, pg_catalog.json_build_array(col.attname),
                              'domain ' || pg_catalog.pg_get_constraintdef(con.oid)
                         from chain c
                         join col on col.attnum = c.attnum
                         join pg_catalog.pg_constraint con on con.contypid = c.oid and con.contype = 'c'
                        union all
                       select 'the partitions', (select coalesce(pg_catalog.json_agg(a.attname), '[]')
                                                   from pg_catalog.pg_partitioned_table p
                                                   join pg_catalog.pg_attribute a
                                                     on a.attrelid = p.partrelid and a.attnum = any (p.partattrs)
                                                  where p.partrelid = r.oid),
                              (select pg_catalog.string_agg(
                                          '(' || pg_catalog.pg_get_partition_constraintdef(i.inhrelid) || ')', ' or ')
                                 from pg_catalog.pg_inherits i
                                where i.inhparent = r.oid)
                         from relation r
                        where r.relkind = 'p') c
                where c.expression is not null)
)";

async fn sqlite(connection: &mut Connection, name: &str) -> Result<Shape, sqlx::Error> {
    let table = TableName::parse(name).unwrap_or(TableName {
        schema: None,
        table: name.to_owned(),
    });
    let columns = connection
        .fetch(&format!(
            "select name, type, \"notnull\", dflt_value, pk, hidden from {}",
            sqlite_pragma("table_xinfo", &table)
        ))
        .await?;
    let keys = columns
        .rows
        .iter()
        .filter(|row| text(row, 4) != "0")
        .count();
    let definition = texts(
        connection
            .fetch(&format!(
                "select sql from sqlite_master where lower(name) = lower({})",
                literal(&table.table)
            ))
            .await?,
    )
    .pop()
    .unwrap_or_default();
    let columns: Vec<Column> = columns
        .rows
        .iter()
        .map(|row| sqlite_column(row, keys))
        .collect();
    let checks = checks(&definition, &columns);
    Ok(Shape {
        name: table.quoted(),
        references: sqlite_references(connection, &table).await?,
        checks,
        columns,
    })
}

fn sqlite_column(row: &[Option<Value>], keys: usize) -> Column {
    let is_key = text(row, 4) != "0";
    let type_name = text(row, 1).to_owned();
    let filled = match text(row, 5) {
        "2" | "3" => Filled::Generated,
        _ if is_key && keys == 1 && type_name.eq_ignore_ascii_case("integer") => Filled::RowNumber,
        _ => Filled::ByTheRow,
    };
    Column {
        name: text(row, 0).to_owned(),
        type_name,
        required: is_key || text(row, 2) == "1",
        default: row[3].as_ref().map(|value| value.text.clone()),
        filled,
        ..Column::default()
    }
}

async fn sqlite_references(
    connection: &mut Connection,
    table: &TableName,
) -> Result<Vec<Reference>, sqlx::Error> {
    let keys = connection
        .fetch(&format!(
            "select id, \"table\", \"from\", \"to\" from {} order by id, seq",
            sqlite_pragma("foreign_key_list", table)
        ))
        .await?;
    let mut references: Vec<(String, Reference)> = Vec::new();
    for row in &keys.rows {
        if references.last().is_none_or(|(id, _)| id != text(row, 0)) {
            let reference = Reference {
                columns: Vec::new(),
                table: crate::database::name::identifier(text(row, 1)),
                key: Vec::new(),
            };
            references.push((text(row, 0).to_owned(), reference));
        }
        if let Some((_, reference)) = references.last_mut() {
            reference.columns.push(text(row, 2).to_owned());
            reference
                .key
                .extend(row[3].as_ref().map(|value| value.text.clone()));
        }
    }
    let mut references: Vec<Reference> = references
        .into_iter()
        .map(|(_, reference)| reference)
        .collect();
    for reference in references
        .iter_mut()
        .filter(|reference| reference.key.is_empty())
    {
        let parent = TableName::parse(&reference.table)
            .map_err(|error| sqlx::Error::Protocol(error.message))?;
        let pragma = sqlite_pragma("table_info", &parent);
        reference.key = texts(
            connection
                .fetch(&format!(
                    "select name from {pragma} where pk > 0 order by pk"
                ))
                .await?,
        );
    }
    references.sort_by_key(|reference| usize::MAX - reference.columns.len());
    Ok(references)
}

/// A cell of an answer; NULL is empty.
fn text(row: &[Option<Value>], index: usize) -> &str {
    row[index].as_ref().map_or("", |value| value.text.as_str())
}

/// The values of one-column rows, in order, NULL kept.
pub fn single(rows: &Rows) -> Option<String> {
    rows.rows
        .first()?
        .first()?
        .as_ref()
        .map(|value| value.text.clone())
}
