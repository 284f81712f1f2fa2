//! One side of a copy: a connection of either engine.

use futures::{StreamExt, stream::BoxStream};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Row, Type};

use super::cell::{Cell, Format};
use super::error::CopyError;
use crate::store::{
    migrate::{Migrations, on_engine},
    schema::{Column, TABLES, Table},
};

pub(super) struct Side(Migrations);

impl Side {
    pub(super) fn new(connection: Migrations) -> Self {
        Self(connection)
    }

    pub(super) async fn close(self) {
        self.0.close().await;
    }

    fn is_postgres(&self) -> bool {
        matches!(self.0, Migrations::Postgres(_))
    }

    /// Begins a transaction with a snapshot, in which later changes by others are not visible.
    pub(super) async fn begin_reading(&mut self) -> Result<(), sqlx::Error> {
        if self.is_postgres() {
            self.execute("begin transaction isolation level repeatable read, read only")
                .await
        } else {
            self.execute("begin").await?;
            // The snapshot is taken by the first read.
            self.execute("select count(*) from sqlite_master").await
        }
    }

    /// Begins a transaction. Meanwhile others can read the tables, but not write to them.
    pub(super) async fn begin_writing(&mut self) -> Result<(), sqlx::Error> {
        if self.is_postgres() {
            self.execute("begin").await?;
            self.execute("set local lock_timeout = '10s'").await?;
            let tables = TABLES.join(", ");
            self.execute(&format!("lock table {tables} in exclusive mode"))
                .await
        } else {
            self.execute("begin immediate").await
        }
    }

    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        on_engine!(&mut self.0, db => query.execute(&mut *db).await.map(|_| ()))
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, sqlx::Error> {
        self.0.tables().await
    }

    pub(super) async fn count(&mut self, table: &str) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let count: i64 =
            on_engine!(&mut self.0, db => sqlx::query_scalar(sql).fetch_one(&mut *db).await)?;
        Ok(count.unsigned_abs())
    }

    /// All rows of a table, parents before their children, in canonical form. `own` and `other` are the table as this
    /// side and the other one describe it, with the columns in the same order.
    pub(super) fn rows<'c>(
        &'c mut self,
        own: &Table,
        other: &Table,
    ) -> BoxStream<'c, Result<Vec<Cell>, CopyError>> {
        let sql = AssertSqlSafe(self.select(own));
        let columns = own.columns.iter().zip(&other.columns);
        let formats: Vec<_> = columns
            .map(|(column, other)| {
                let name = format!("{}.{}", own.name, column.name);
                (name, Format::of(column, other))
            })
            .collect();
        on_engine!(&mut self.0, db => sqlx::query(sql)
            .fetch(&mut *db)
            .map(move |row| cells(&row?, &formats))
            .boxed())
    }

    fn select(&self, table: &Table) -> String {
        let name = &table.name;
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| self.as_text(name, column))
            .collect();
        let columns = columns.join(", ");
        let parent = table
            .columns
            .iter()
            .find(|column| column.refers_to.as_ref() == Some(name));
        match parent {
            None => format!("select {columns} from {name}"),
            Some(parent) => format!(
                "with recursive deep (id, depth) as (
                     select id, 0 from {name} where \"{parent}\" is null
                     union all
                     select child.id, deep.depth + 1
                       from {name} child
                       join deep on child.\"{parent}\" = deep.id
                 )
                 select {columns}
                   from {name}
                   join deep on deep.id = {name}.id
                  order by deep.depth",
                parent = parent.name,
            ),
        }
    }

    fn as_text(&self, table: &str, column: &Column) -> String {
        let name = format!("{table}.\"{}\"", column.name);
        if self.is_postgres() && column.kind == "timestamp with time zone" {
            format!("to_char({name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        } else {
            format!("cast({name} as text)")
        }
    }

    pub(super) async fn insert(
        &mut self,
        table: &Table,
        rows: Vec<Vec<Cell>>,
    ) -> Result<(), CopyError> {
        let sql = AssertSqlSafe(self.insert_text(table, rows.len()));
        let cells = rows.into_iter().flatten();
        on_engine!(&mut self.0, db => {
            let query = cells.fold(sqlx::query(sql), sqlx::query::Query::bind);
            query.execute(&mut *db).await?;
        });
        Ok(())
    }

    fn insert_text(&self, table: &Table, rows: usize) -> String {
        let names = table.columns.iter();
        let names: Vec<_> = names.map(|column| format!("\"{}\"", column.name)).collect();
        let mut number = 0;
        let mut place = |column: &Column| {
            number += 1;
            if self.is_postgres() {
                format!("cast(${number} as {})", column.kind)
            } else {
                format!("${number}")
            }
        };
        let mut lines = Vec::with_capacity(rows);
        for _ in 0..rows {
            let places: Vec<_> = table.columns.iter().map(&mut place).collect();
            lines.push(format!("({})", places.join(", ")));
        }
        format!(
            "insert into {} ({}) values {}",
            table.name,
            names.join(", "),
            lines.join(", ")
        )
    }

    /// The last number that was assigned, if the table numbers its rows.
    pub(super) async fn last_number(&mut self, table: &str) -> Result<Option<i64>, CopyError> {
        let Some(sequence) = self.sequence(table).await? else {
            return Ok(None);
        };
        let used = match &mut self.0 {
            Migrations::Postgres(db) => {
                let sql = format!(
                    "select case when is_called then last_value else 0 end from {sequence}"
                );
                sqlx::query_scalar(AssertSqlSafe(sql))
                    .fetch_one(&mut *db)
                    .await?
            }
            Migrations::Sqlite(db) => {
                sqlx::query_scalar(
                    "select coalesce(max(seq), 0) from sqlite_sequence where name = $1",
                )
                .bind(table)
                .fetch_one(&mut *db)
                .await?
            }
        };
        // Rows may have been inserted with larger numbers.
        let sql = AssertSqlSafe(format!("select coalesce(max(id), 0) from {table}"));
        let there: i64 =
            on_engine!(&mut self.0, db => sqlx::query_scalar(sql).fetch_one(&mut *db).await)?;
        Ok(Some(there.max(used)))
    }

    pub(super) async fn set_last_number(
        &mut self,
        table: &str,
        last: i64,
    ) -> Result<(), CopyError> {
        if last == 0 {
            return Ok(());
        }
        let sequence = self.sequence(table).await?;
        match &mut self.0 {
            Migrations::Postgres(db) => {
                sqlx::query("select setval(cast($1 as regclass), $2)")
                    .bind(sequence)
                    .bind(last)
                    .execute(&mut *db)
                    .await?;
            }
            Migrations::Sqlite(db) => {
                sqlx::query("delete from sqlite_sequence where name = $1")
                    .bind(table)
                    .execute(&mut *db)
                    .await?;
                sqlx::query("insert into sqlite_sequence (name, seq) values ($1, $2)")
                    .bind(table)
                    .bind(last)
                    .execute(&mut *db)
                    .await?;
            }
        }
        Ok(())
    }

    /// The sequence that numbers the table's rows, if there is one.
    async fn sequence(&mut self, table: &str) -> Result<Option<String>, sqlx::Error> {
        match &mut self.0 {
            Migrations::Postgres(db) => {
                sqlx::query_scalar("select pg_get_serial_sequence($1, 'id')")
                    .bind(table)
                    .fetch_one(&mut *db)
                    .await
            }
            Migrations::Sqlite(db) => {
                sqlx::query_scalar(
                    "select name from sqlite_master where name = $1 and sql like '%autoincrement%'",
                )
                .bind(table)
                .fetch_optional(&mut *db)
                .await
            }
        }
    }
}

fn cells<R: Row>(row: &R, formats: &[(String, Format)]) -> Result<Vec<Cell>, CopyError>
where
    usize: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(place, (column, format)): (usize, &(String, Format))| {
        let text: Cell = row.try_get(place)?;
        text.map(|text| format.canonical(text))
            .transpose()
            .map_err(|error| CopyError::Value(format!("{column}: {error}")))
    };
    formats.iter().enumerate().map(cell).collect()
}
