//! What the reset has to know of a table, read from the template's file.

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{failure::Failure, sql::identifier};

#[derive(Debug)]
pub struct Table {
    /// Quoted for SQL.
    pub name: String,
    /// Quoted for SQL, without generated columns. The first is the rowid, if the table has one that isn't a column
    /// already.
    pub columns: Vec<String>,
    /// The migrations inserted rows.
    pub filled: bool,
}

/// The tables of the template. It is attached to this connection.
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
        // An integer primary key is the rowid.
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
        let query = format!(
            "select exists (select 1 from template.{})",
            identifier(&name)
        );
        let filled = sqlx::query_scalar(AssertSqlSafe(query))
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
