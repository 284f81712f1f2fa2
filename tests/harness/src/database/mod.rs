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

use std::sync::LazyLock;

use futures::TryStreamExt as _;
use regex::Regex;
use sqlx::{
    AssertSqlSafe, Connection as _, Either, PgConnection, SqliteConnection,
    postgres::PgDatabaseError,
};

pub use compare::Sameness;
pub use insert::insert;
pub use matching::{Expected, Mode, literals};
pub use table::{Table, count, read};
pub use value::{Rows, json};

use crate::{
    failure::Failure,
    sql::{SCENARIO, connect_as},
};

/// A scenario's own connection, as the database's owner.
#[derive(Debug)]
pub struct Connection {
    engine: Engine,
    /// A statement is under way.
    sending: bool,
    /// A statement may have taken a lock that stays when its transaction has ended.
    locking: bool,
    /// A statement may have done what neither triggers nor events tell the reset.
    close_look: bool,
}

#[derive(Debug)]
enum Engine {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

fn parsed(url: &str) -> Result<url::Url, Failure> {
    url::Url::parse(url).map_err(|error| Failure::new(error.to_string()))
}

/// What changes a database and leaves no mark.
static UNTOLD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)setval|restart|cluster|(update|into|delete\s+from)\s+(only\s+)?(pg_catalog\s*\.\s*)?"?pg_"#)
        .expect("a regular expression")
});

/// What a session may keep beyond its transactions.
static LOCKING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)advisory").expect("a regular expression"));

/// How far a text of several statements came.
pub struct Sent {
    /// Statements that were done before the end or the error.
    pub done: usize,
    pub outcome: Result<Rows, sqlx::Error>,
}

impl Connection {
    /// Connects to `postgres://…` or `sqlite:…`.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite(SqliteConnection::connect(url).await?)
        } else {
            Engine::Postgres(connect_as(&parsed(url)?, SCENARIO).await?)
        };
        Ok(Self {
            engine,
            sending: false,
            locking: false,
            close_look: false,
        })
    }

    /// Says goodbye, so that the server has let go of what it held before anybody looks.
    pub async fn close(self) {
        let _ = match self.engine {
            Engine::Postgres(connection) => connection.close().await,
            Engine::Sqlite(connection) => connection.close().await,
        };
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether its end can wait for the reset's: it does nothing and holds nothing, unless it is in a transaction.
    pub fn is_quiet(&self) -> bool {
        self.is_postgres() && !self.sending && !self.locking
    }

    /// Whether the reset has to look at each sequence and catalog: a sequence may have been set without being used, a
    /// table clustered, a catalog written to.
    pub fn wants_a_close_look(&self) -> bool {
        self.close_look
    }

    /// Sends one or more statements as they are and keeps the rows of the last one.
    pub async fn send(&mut self, sql: &str) -> Sent {
        self.close_look |= UNTOLD.is_match(sql);
        self.locking |= LOCKING.is_match(sql);
        self.sending = true;
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
        let outcome = match &mut self.engine {
            Engine::Postgres(connection) => collect!(&mut *connection, postgres::keep),
            Engine::Sqlite(connection) => collect!(&mut *connection, sqlite::keep),
        };
        self.sending = false;
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
        match self.engine {
            Engine::Postgres(_) => {
                let rows = self.fetch("select now() <> statement_timestamp()").await?;
                Ok(rows
                    .rows
                    .iter()
                    .flatten()
                    .flatten()
                    .any(|value| value.text == "true"))
            }
            Engine::Sqlite(_) => match self.fetch("begin").await {
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
