//! SQL as text: names, texts, and statements run as they are.

use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use crate::failure::Failure;

/// Runs one or more statements as they are.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    Ok(())
}

/// A name as SQL writes it.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
