//! The database, seen from outside: a connection of the harness's own, and what its words need.

mod compare;
mod insert;
mod made_row;
mod made_text;
mod matching;
mod name;
mod plan;
mod postgres;
mod schema;
mod schema_text;
mod sequences;
mod solve;
mod sqlite;
mod table;
mod value;

use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Connection as _, Either, PgConnection, SqliteConnection,
    postgres::PgDatabaseError,
};

pub use compare::Sameness;
pub use insert::insert;
pub use matching::{Expected, Mode, literals};
pub use table::{Table, count, read};
pub use value::{Rows, json};

use super::failure::Failure;

/// A scenario's own connection, as the database's owner.
#[derive(Debug)]
pub enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

fn parsed(url: &str) -> Result<url::Url, Failure> {
    url::Url::parse(url).map_err(|error| Failure::new(error.to_string()))
}

/// How far a text of several statements came.
pub struct Sent {
    /// Statements that were done before the end or the error.
    pub done: usize,
    pub outcome: Result<Rows, sqlx::Error>,
}

impl Connection {
    /// Connects to `postgres://…` or `sqlite:…`.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        Ok(if url.starts_with("sqlite:") {
            Self::Sqlite(SqliteConnection::connect(url).await?)
        } else {
            Self::Postgres(super::postgres::connect(&parsed(url)?).await?)
        })
    }

    /// Says goodbye, so that the server has let go of what it held before anybody looks.
    pub async fn close(self) {
        let _ = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        };
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Sends one or more statements as they are and keeps the rows of the last one.
    pub async fn send(&mut self, sql: &str) -> Sent {
        let mut rows = Rows::default();
        let mut done = 0;
        let mut ended = false;
        macro_rules! collect {
            ($connection:expr, $keep:path) => {{
                let mut answers = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_many($connection);
                loop {
                    match answers.try_next().await {
                        Ok(None) => break Ok(rows),
                        Err(error) => break Err(error),
                        Ok(Some(answer)) => {
                            if ended {
                                rows = Rows::default();
                            }
                            ended = answer.is_left();
                            match answer {
                                Either::Left(_) => done += 1,
                                Either::Right(row) => $keep(&mut rows, &row),
                            }
                        }
                    }
                }
            }};
        }
        let outcome = match self {
            Self::Postgres(connection) => collect!(connection, postgres::keep),
            Self::Sqlite(connection) => collect!(connection, sqlite::keep),
        };
        Sent { done, outcome }
    }

    /// The rows of a statement of the harness's own.
    pub async fn fetch(&mut self, sql: &str) -> Result<Rows, sqlx::Error> {
        self.send(sql).await.outcome
    }

    /// Whether a statement of the scenario left a transaction open.
    ///
    /// `PostgreSQL` has no function that tells; but only in a block is the transaction older than the statement.
    pub async fn in_transaction(&mut self) -> Result<bool, sqlx::Error> {
        match self {
            Self::Postgres(_) => {
                let rows = self.fetch("select now() <> statement_timestamp()").await?;
                Ok(rows
                    .rows
                    .iter()
                    .flatten()
                    .flatten()
                    .any(|value| value.text == "true"))
            }
            Self::Sqlite(_) => match self.fetch("begin").await {
                Ok(_) => self.fetch("rollback").await.map(|_| false),
                Err(_) => Ok(true),
            },
        }
    }

    /// Rows that answer a statement of the scenario; its error shows where in the text it is.
    pub async fn run(&mut self, sql: &str) -> Result<Rows, Failure> {
        self.fetch(sql)
            .await
            .map_err(|error| explain(&error, Some(sql)))
    }
}

/// What the database said, with everything it knows about the place.
pub fn explain(error: &sqlx::Error, sql: Option<&str>) -> Failure {
    let sqlx::Error::Database(database) = error else {
        return Failure::new(format!("the database answered: {error}"));
    };
    let mut message = format!("the database answered: {}", database.message());
    if let Some(error) = database.try_downcast_ref::<PgDatabaseError>() {
        let more = [
            ("detail", error.detail()),
            ("hint", error.hint()),
            ("where", error.r#where()),
        ];
        for (name, text) in more {
            if let Some(text) = text {
                message.push_str(&format!("\n  {name}: {text}"));
            }
        }
        if let (Some(sql), Some(sqlx::postgres::PgErrorPosition::Original(position))) =
            (sql, error.position())
        {
            message.push_str(&caret(sql, position));
        }
    }
    Failure::new(message)
}

/// The line of a statement that a position (in characters, from 1) points into, and a caret below it.
fn caret(sql: &str, position: usize) -> String {
    let before: String = sql.chars().take(position.saturating_sub(1)).collect();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = sql[start..].lines().next().unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let blanks: String = before[start..]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let label = format!("line {number}: ");
    format!("\n  {label}{line}\n  {}{blanks}^", " ".repeat(label.len()))
}
