//! Reads a table or view: its columns, its rows, their number.

use std::collections::HashSet;

use crate::database::{
    Connection, Rows,
    name::{TableName, identifiers, postgres_literal},
    value::Value,
};
use crate::failure::{Failure, nearest_first};
use crate::sql::literal;

/// The columns of a table or view that a feature names, as a statement of the scenario would find it.
async fn columns(connection: &mut Connection, table: &TableName) -> Result<Vec<String>, Failure> {
    let sql = if connection.is_postgres() {
        let relation = postgres_literal(&table.quoted());
        format!(
            "select attname::text
               from pg_catalog.pg_attribute
              where attrelid = pg_catalog.to_regclass({relation})
                and attnum > 0 and not attisdropped
              order by attnum"
        )
    } else {
        format!("select name from {}", sqlite_pragma("table_xinfo", table))
    };
    let columns = texts(connection.fetch(&sql).await?);
    if columns.is_empty() {
        return Err(unknown(connection, table).await);
    }
    Ok(columns)
}

/// The rows of a table, with the columns of a heading.
pub async fn read(
    connection: &mut Connection,
    table: &str,
    heading: &[String],
) -> Result<Rows, Failure> {
    let table = TableName::parse(table)?;
    // Most headings are correct, and then one statement is enough. A refused statement would end a transaction, and
    // SQLite takes an unknown quoted name for a text.
    if connection.is_postgres()
        && heading.iter().collect::<HashSet<_>>().len() == heading.len()
        && !connection.in_transaction().await?
        && let Ok(rows) = select(connection, &table, heading).await
    {
        return Ok(rows);
    }
    let columns = columns(connection, &table).await?;
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let named = named(&table, &columns, heading)?;
    select(connection, &table, &named).await
}

/// The columns' names are returned even if there is no row.
async fn select(
    connection: &mut Connection,
    table: &TableName,
    columns: &[String],
) -> Result<Rows, Failure> {
    let sql = format!("select {} from {}", identifiers(columns), table.quoted());
    let rows = connection.fetch(&sql).await?;
    if rows.columns.is_empty() {
        return rows.only(columns);
    }
    Ok(rows)
}

/// The number of rows, and the first of them if the number isn't as expected.
pub async fn count(
    connection: &mut Connection,
    table: &str,
    expected: u64,
) -> Result<(u64, Rows), Failure> {
    let table = TableName::parse(table)?;
    let name = table.quoted();
    if connection.in_transaction().await? {
        columns(connection, &table).await?;
    }
    let counted = connection
        .fetch(&format!("select count(*) from {name}"))
        .await;
    let counted = match counted {
        Ok(rows) => texts(rows),
        Err(failure) => {
            columns(connection, &table).await?;
            return Err(failure);
        }
    };
    let count = counted.first().and_then(|count| count.parse().ok());
    let count = count.ok_or("the database didn't return the number of rows")?;
    if count == expected {
        return Ok((count, Rows::default()));
    }
    let first = connection
        .fetch(&format!("select * from {name} limit 5"))
        .await?;
    Ok((count, first))
}

/// The table's own spelling of the columns in a heading.
pub fn named(
    table: &TableName,
    columns: &[&str],
    heading: &[String],
) -> Result<Vec<String>, Failure> {
    let mut named: Vec<String> = Vec::new();
    for name in heading {
        let exact = columns.iter().find(|column| *column == name);
        let folded = || {
            columns
                .iter()
                .find(|column| column.eq_ignore_ascii_case(name))
        };
        let column = exact.or_else(folded).ok_or_else(|| {
            Failure::new(format!(
                "the table {table} has no column `{name}`; it has: {}",
                nearest_first(columns.iter().copied(), name).join(", ")
            ))
        })?;
        if named.iter().any(|known| known == column) {
            return Err(format!("the column `{name}` is in the heading twice").into());
        }
        named.push((*column).to_owned());
    }
    Ok(named)
}

/// The first column of a result.
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
    let schema = name
        .schema
        .iter()
        .fold(String::new(), |_, schema| format!(", {}", literal(schema)));
    format!("pragma_{pragma}({}{schema})", literal(&name.table))
}

pub async fn unknown(connection: &mut Connection, table: &TableName) -> Failure {
    let text = table.to_string();
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
    let mut nearest = nearest_first(names.iter().map(String::as_str), &text);
    nearest.truncate(8);
    if nearest.is_empty() {
        return format!("there is no table {text}; the database has no tables").into();
    }
    format!(
        "there is no table {text}; the nearest are: {}",
        nearest.join(", ")
    )
    .into()
}
