//! The rows that a scenario wrote, found by the marks of its writes.

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use super::Resetter;
use crate::{
    failure::{Failure, database_error},
    isolation::written::{MOST, WrittenTable},
    sql::execute,
};

/// Larger tables aren't compared, because that takes too long.
const LARGEST: i64 = 16 * 1024 * 1024;

impl Resetter {
    /// What was committed since the last reset.
    pub async fn written(&mut self) -> Result<Vec<WrittenTable>, Failure> {
        let connection = &mut self.connection;
        let marked = sqlx::query(include_str!("written.sql"))
            .fetch_all(&mut *connection)
            .await?;
        let mut tables = Vec::new();
        for row in &marked {
            tables.push(table(connection, row).await?);
        }
        tables.retain(|table| !table.rows.is_empty() || table.unreadable.is_some());
        Ok(tables)
    }
}

async fn table(connection: &mut PgConnection, row: &PgRow) -> Result<WrittenTable, Failure> {
    let (shown, name): (String, String) = (row.get("shown"), row.get("name"));
    let (shadow, key): (Option<String>, Vec<String>) = (row.get("shadow"), row.get("key"));
    if row.get::<i64, _>("size") > LARGEST {
        let why = "it is too large to be compared".to_owned();
        return Ok(WrittenTable::unreadable(shown, why));
    }
    // Another session may hold a lock on the table.
    execute(&mut *connection, "set lock_timeout = '200ms'").await?;
    let read = changed_rows(&mut *connection, &name, shadow.as_deref()).await;
    execute(connection, "set lock_timeout = '2s'").await?;
    Ok(match read {
        Ok((removed, added)) => WrittenTable::new(shown, &key, removed, added),
        Err(error) => WrittenTable::unreadable(shown, database_error(&error)),
    })
}

/// The rows that are gone, and the rows that are new.
async fn changed_rows(
    connection: &mut PgConnection,
    name: &str,
    shadow: Option<&str>,
) -> Result<(Vec<String>, Vec<String>), sqlx::Error> {
    let Some(shadow) = shadow else {
        return Ok((Vec::new(), rows(connection, &all(name)).await?));
    };
    let removed = rows(connection, &missing(shadow, name)).await?;
    Ok((removed, rows(connection, &missing(name, shadow)).await?))
}

fn all(name: &str) -> String {
    format!(
        "select row_to_json(t.*)::text from only {name} t limit {}",
        MOST + 1
    )
}

/// The rows of one table that the other doesn't have.
fn missing(of: &str, other: &str) -> String {
    format!(
        "select t.line
           from (select row_to_json(t.*)::text as line from only {of} t) t
          where not exists (select from (select row_to_json(o.*)::text as line from only {other} o) o where o.line = t.line)
          limit {}",
        MOST + 1
    )
}

async fn rows(connection: &mut PgConnection, select: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(select.to_owned()))
        .fetch_all(connection)
        .await
}
