//! Proof: a slot's file holds what the template's holds, compared value by value.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::failure::Failure;
use crate::isolation::sqlite::{execute, reset::is_busy, table::Table};

/// The first difference, when there is one; the template is attached to this connection.
pub async fn first_difference(
    connection: &mut SqliteConnection,
    tables: &[Table],
) -> Result<Option<String>, Failure> {
    // Fails while another connection has a writing transaction open.
    match sqlx::query("begin immediate")
        .execute(&mut *connection)
        .await
    {
        Err(error) if is_busy(&error) => {
            return Ok(Some(
                "an open transaction that writes to the file".to_owned(),
            ));
        }
        begun => begun?,
    };
    let found = compare(connection, tables).await;
    execute(connection, "rollback").await?;
    found
}

async fn compare(
    connection: &mut SqliteConnection,
    tables: &[Table],
) -> Result<Option<String>, Failure> {
    let schema = "type || ' ' || name || ': ' || coalesce(sql, '')";
    if let Some(difference) = differs(connection, "the schema", "sqlite_schema", schema).await? {
        return Ok(Some(difference));
    }
    for table in tables {
        // Both forms, because one shortens numbers and the other text.
        let values: Vec<_> = table
            .columns
            .iter()
            .map(|column| format!("typeof({column}) || quote({column}) || hex({column})"))
            .collect();
        let row = values.join(" || ',' || ");
        let difference = differs(
            connection,
            &format!("table {}", table.name),
            &table.name,
            &row,
        )
        .await?;
        if difference.is_some() {
            return Ok(difference);
        }
    }
    let counted =
        "select exists (select 1 from template.sqlite_schema where name = 'sqlite_sequence')";
    if sqlx::query_scalar(counted)
        .fetch_one(&mut *connection)
        .await?
    {
        let row = "name || ': ' || seq";
        return differs(connection, "the sequences", "sqlite_sequence", row).await;
    }
    Ok(None)
}

/// Rows of one that the other hasn't got, each with how often it is there.
async fn differs(
    connection: &mut SqliteConnection,
    what: &str,
    table: &str,
    row: &str,
) -> Result<Option<String>, Failure> {
    let rows = |database: &str| {
        format!("select {row} as line, count(*) from {database}.{table} group by 1")
    };
    let (ours, template) = (rows("main"), rows("template"));
    for (left, right, told) in [
        (&ours, &template, "is there, and not in the template"),
        (&template, &ours, "is gone, which the template has"),
    ] {
        let look = format!("select line from ({left} except {right}) limit 1");
        let line: Option<String> = sqlx::query_scalar(AssertSqlSafe(look))
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(line) = line {
            return Ok(Some(format!("{what}: {line} {told}")));
        }
    }
    Ok(None)
}
