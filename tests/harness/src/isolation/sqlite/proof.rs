//! Proof: compares a slot's file with the template's file, value by value.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::failure::Failure;
use crate::isolation::sqlite::{execute, is_busy, table::Table};

/// The first difference, if there is one. The template is attached to this connection.
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
        // Two forms of each value: `quote` cuts text at a NUL character, and `hex` rounds numbers.
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

/// Rows that only one of the two files has. Equal rows are counted.
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
    for (left, right, difference) in [
        (&ours, &template, "is there, and not in the template"),
        (&template, &ours, "is in the template, and missing here"),
    ] {
        let query = format!("select line from ({left} except {right}) limit 1");
        let line: Option<String> = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(line) = line {
            return Ok(Some(format!("{what}: {line} {difference}")));
        }
    }
    Ok(None)
}
