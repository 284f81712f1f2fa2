//! What has to be known of a table, read from the template's file.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{failure::Failure, sql::identifier};

#[derive(Debug)]
pub struct Table {
    /// As SQL writes it.
    pub name: String,
    /// As SQL writes them, without the generated ones; first the row's own number, where it has one that no column is.
    pub columns: Vec<String>,
    /// The migrations put rows into it.
    pub filled: bool,
}

/// The tables of the template, which is attached to this connection.
pub async fn tables(connection: &mut SqliteConnection) -> Result<Vec<Table>, Failure> {
    let names: Vec<String> = sqlx::query_scalar(
        "select name from template.sqlite_schema
          where type = 'table' and name not like 'sqlite\\_%' escape '\\' and sql not like 'create virtual%'
          order by name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::with_capacity(names.len());
    for name in names {
        let mut columns: Vec<String> = sqlx::query_scalar(
            "select name from pragma_table_xinfo($1, 'template') where hidden = 0",
        )
        .bind(&name)
        .fetch_all(&mut *connection)
        .await?;
        // A key that is an integer is the row's number already.
        let numbered: bool = sqlx::query_scalar(
            "select not wr
                    and not (select count(*) = 1 and max(type) like 'integer'
                               from pragma_table_xinfo($1, 'template') where pk > 0)
               from pragma_table_list where schema = 'template' and name = $1",
        )
        .bind(&name)
        .fetch_one(&mut *connection)
        .await?;
        let free = ["rowid", "_rowid_", "oid"].into_iter().find(|number| {
            !columns
                .iter()
                .any(|column| column.eq_ignore_ascii_case(number))
        });
        columns = columns.iter().map(|column| identifier(column)).collect();
        if let (true, Some(number)) = (numbered, free) {
            columns.insert(0, number.to_owned());
        }
        let look = format!(
            "select exists (select 1 from template.{})",
            identifier(&name)
        );
        let filled = sqlx::query_scalar(AssertSqlSafe(look))
            .fetch_one(&mut *connection)
            .await?;
        tables.push(Table {
            columns,
            name: identifier(&name),
            filled,
        });
    }
    Ok(tables)
}
