//! The rows that a scenario wrote: rows that differ between the slot's file and the template's file.

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{Resetter, table::Table};
use crate::{
    failure::{Failure, database_error},
    isolation::written::{MOST, WrittenTable},
    sql::literal,
};

impl Resetter {
    /// What was committed since the last reset.
    pub async fn written(&mut self) -> Result<Vec<WrittenTable>, Failure> {
        let mut written = Vec::new();
        for table in &self.tables {
            let shown = table.name.trim_matches('"').to_owned();
            let removed = missing(&mut self.connection, table, "template", "main").await;
            let added = missing(&mut self.connection, table, "main", "template").await;
            match (removed, added) {
                (Ok(removed), Ok(added)) if removed.is_empty() && added.is_empty() => {}
                (Ok(removed), Ok(added)) => {
                    let key = key(&mut self.connection, &shown).await?;
                    written.push(WrittenTable::new(shown, &key, removed, added));
                }
                (Err(error), _) | (_, Err(error)) => {
                    written.push(WrittenTable::unreadable(shown, database_error(&error)));
                }
            }
        }
        Ok(written)
    }
}

async fn key(connection: &mut SqliteConnection, table: &str) -> Result<Vec<String>, Failure> {
    let columns = "select name from pragma_table_xinfo($1, 'template') where pk > 0 order by pk";
    Ok(sqlx::query_scalar(columns)
        .bind(table)
        .fetch_all(connection)
        .await?)
}

/// The rows that only one of the files has, as JSON. Blobs are hexadecimal.
async fn missing(
    connection: &mut SqliteConnection,
    table: &Table,
    of: &str,
    other: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let Table { name, columns, .. } = table;
    // Without the rowid, which isn't a column. It isn't quoted in the list.
    let columns = columns.iter().map(String::as_str);
    let columns: Vec<_> = columns.filter(|column| column.starts_with('"')).collect();
    let list = columns.join(", ");
    let members = columns.iter().map(|column| {
        let name = column.trim_matches('"').replace("\"\"", "\"");
        let label = literal(&format!("{}: ", serde_json::Value::from(name)));
        format!("{label} || json_quote(case typeof({column}) when 'blob' then lower(hex({column})) else {column} end)")
    });
    let line = members.collect::<Vec<_>>().join(" || ', ' || ");
    let select = format!(
        "select '{{' || {line} || '}}'
           from (select {list} from {of}.{name} except select {list} from {other}.{name}) limit {}",
        MOST + 1
    );
    sqlx::query_scalar(AssertSqlSafe(select))
        .fetch_all(connection)
        .await
}
