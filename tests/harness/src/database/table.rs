//! A table or view by its name: whether it is there, its columns, its rows.

use crate::database::{
    Connection, Rows, explain,
    name::{TableName, identifiers, postgres_literal},
    value::{Column, Value},
};
use crate::failure::{Failure, nearest_first};

/// A table that is there.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: TableName,
    pub columns: Vec<String>,
}

impl Table {
    /// Finds the table that a feature names, as a statement of the scenario would.
    pub async fn find(connection: &mut Connection, text: &str) -> Result<Self, Failure> {
        let name = TableName::parse(text)?;
        let rows = if connection.is_postgres() {
            let relation = postgres_literal(&name.quoted());
            connection
                .fetch(&format!(
                    "select attname::text
                       from pg_catalog.pg_attribute
                      where attrelid = pg_catalog.to_regclass({relation})
                        and attnum > 0 and not attisdropped
                      order by attnum"
                ))
                .await
        } else {
            let pragma = sqlite_pragma("table_xinfo", &name);
            connection
                .fetch(&format!("select name from {pragma}"))
                .await
        };
        let columns: Vec<String> = texts(rows.map_err(|error| explain(&error, None))?);
        if columns.is_empty() {
            return Err(unknown(connection, text).await);
        }
        Ok(Self { name, columns })
    }

    /// The table's own spelling of the columns that a feature names.
    pub fn named(&self, heading: &[String]) -> Result<Vec<String>, Failure> {
        let mut named: Vec<String> = Vec::new();
        for name in heading {
            let exact = self.columns.iter().find(|column| *column == name);
            let folded = || {
                self.columns
                    .iter()
                    .find(|column| column.eq_ignore_ascii_case(name))
            };
            let column = exact.or_else(folded).ok_or_else(|| {
                Failure::new(format!(
                    "the table {} has no column `{name}`; it has: {}",
                    self.name.quoted(),
                    nearest_first(self.columns.iter().map(String::as_str), name).join(", ")
                ))
            })?;
            if named.contains(column) {
                return Err(format!("the column `{name}` stands twice in the heading").into());
            }
            named.push(column.clone());
        }
        Ok(named)
    }
}

/// Rows of some columns, at most `limit`. The names are told even when there is no row.
pub async fn read(
    connection: &mut Connection,
    table: &Table,
    columns: &[String],
    limit: Option<usize>,
) -> Result<Rows, Failure> {
    let limit = limit
        .map(|limit| format!(" limit {limit}"))
        .unwrap_or_default();
    let sql = format!(
        "select {} from {}{limit}",
        identifiers(columns),
        table.name.quoted()
    );
    let mut rows = connection
        .fetch(&sql)
        .await
        .map_err(|error| explain(&error, None))?;
    if rows.columns.is_empty() {
        rows.columns = columns
            .iter()
            .map(|name| Column {
                name: name.clone(),
                type_id: None,
            })
            .collect();
    }
    Ok(rows)
}

/// How many rows there are.
pub async fn count(connection: &mut Connection, table: &Table) -> Result<u64, Failure> {
    let sql = format!("select count(*) from {}", table.name.quoted());
    let rows = connection
        .fetch(&sql)
        .await
        .map_err(|error| explain(&error, None))?;
    texts(rows)
        .first()
        .and_then(|count| count.parse().ok())
        .ok_or_else(|| "the database didn't say how many rows there are".into())
}

/// The first column of an answer.
pub fn texts(rows: Rows) -> Vec<String> {
    let first = |mut row: Vec<Option<Value>>| {
        if row.is_empty() {
            None
        } else {
            row.swap_remove(0)
        }
    };
    rows.rows
        .into_iter()
        .filter_map(first)
        .map(|value| value.text)
        .collect()
}

/// A table-valued pragma over one table.
pub fn sqlite_pragma(pragma: &str, name: &TableName) -> String {
    let schema = name.schema.iter().fold(String::new(), |_, schema| {
        format!(", {}", crate::database::name::literal(schema))
    });
    format!(
        "pragma_{pragma}({}{schema})",
        crate::database::name::literal(&name.table)
    )
}

async fn unknown(connection: &mut Connection, text: &str) -> Failure {
    let sql = if connection.is_postgres() {
        "select case when pg_catalog.pg_table_is_visible(c.oid)
                     then pg_catalog.quote_ident(c.relname)
                     else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
                 end
           from pg_catalog.pg_class c
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'v', 'm', 'f')
            and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'bdd_harness')"
    } else {
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'"
    };
    let names = connection.fetch(sql).await.map(texts).unwrap_or_default();
    let mut nearest = nearest_first(names.iter().map(String::as_str), text);
    nearest.truncate(8);
    if nearest.is_empty() {
        return format!("there is no table {text}; the database has none at all").into();
    }
    format!(
        "there is no table {text}; the nearest are: {}",
        nearest.join(", ")
    )
    .into()
}
