//! The SQLite file of another program, opened read-only.

use std::{collections::BTreeMap, io, path::Path};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use crate::store::error::plain;

/// The values of a row as texts, by column. NULL is left out.
pub type Row = BTreeMap<String, String>;

/// A table that another program's file must have, and the columns without which it is not that program's.
pub struct ForeignTable {
    pub name: &'static str,
    pub columns: &'static [&'static str],
}

/// An open file. Everything is read in one snapshot.
pub struct ForeignFile(SqliteConnection);

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// There is no such file, or it may not be read.
    #[error(transparent)]
    Unreadable(io::Error),
    /// It lacks these tables or columns.
    #[error("it has no {}", .0.join(", no "))]
    Lacks(Vec<String>),
    #[error("{}", plain(.0))]
    Database(#[from] sqlx::Error),
}

impl ForeignFile {
    /// Opens a file, and checks that it has these tables.
    pub async fn open(path: &Path, tables: &[ForeignTable]) -> Result<Self, ForeignError> {
        // SQLite's own error does not say why.
        std::fs::File::open(path).map_err(ForeignError::Unreadable)?;
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut file = Self(options.connect().await?);
        sqlx::raw_sql("begin").execute(&mut file.0).await?;
        let mut lacks = Vec::new();
        for table in tables {
            let columns = file.columns(table.name).await?;
            if columns.is_empty() {
                lacks.push(format!("table {}", table.name));
                continue;
            }
            for column in table.columns {
                if !columns.iter().any(|found| found == column) {
                    lacks.push(format!("column {}.{column}", table.name));
                }
            }
        }
        if lacks.is_empty() {
            Ok(file)
        } else {
            file.close().await;
            Err(ForeignError::Lacks(lacks))
        }
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<String>, sqlx::Error> {
        sqlx::query_scalar("select name from pragma_table_info($1)")
            .bind(table)
            .fetch_all(&mut self.0)
            .await
    }

    /// All rows of a table that [`Self::open`] has checked, in the order in which they were inserted.
    pub async fn rows(&mut self, table: &ForeignTable) -> Result<Vec<Row>, ForeignError> {
        let columns = self.columns(table.name).await?;
        // SQLite's columns hold values of any type. A number as text has the digits that people expect: 8.99.
        let texts: Vec<_> = columns
            .iter()
            .map(|column| format!("cast({0} as text)", quoted(column)))
            .collect();
        let sql = format!(
            "select {} from {} order by rowid",
            texts.join(", "),
            quoted(table.name)
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.0)
            .await?;
        let mut rows = Vec::with_capacity(found.len());
        for row in found {
            let mut values = Row::new();
            for (index, column) in columns.iter().enumerate() {
                if let Some(value) = row.try_get(index)? {
                    values.insert(column.clone(), value);
                }
            }
            rows.push(values);
        }
        Ok(rows)
    }

    pub async fn close(self) {
        let _ = self.0.close().await;
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
