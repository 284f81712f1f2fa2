//! A scenario's own connection to its database, and what the database steps do with it.

mod compare;
mod fixtures;
mod matching;
mod name;
mod postgres;
mod shape;
mod sqlite;
mod table;
mod value;

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use futures::TryStreamExt as _;
use regex::Regex;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Either, PgConnection, SqliteConnection,
    postgres::PgDatabaseError, sqlite::SqliteConnectOptions,
};

pub use fixtures::insert;
pub use matching::{Mode, compare};
pub use shape::Shapes;
pub use table::{count, read};
pub use value::{Rows, json};

use crate::failure::Failure;

/// A scenario's own connection, as the database's owner. On PostgreSQL it is reused by the next scenario: a new backend
/// costs twenty times as much as `discard all`.
#[derive(Debug)]
pub struct Connection {
    engine: Engine,
    shapes: Arc<Shapes>,
    /// Something was sent since it was opened or renewed.
    is_used: bool,
    /// A statement is running, or was abandoned.
    is_sending: bool,
    /// A statement may have begun a transaction.
    may_be_in_transaction: bool,
    /// A statement may have done what `discard all` doesn't undo.
    outlasts_discard: bool,
    traceless: Traceless,
}

/// What may have changed without a trigger or event recording it. The reset has to check it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traceless {
    /// A sequence was set without being used, a table clustered, or a catalog written to.
    pub objects: bool,
    /// The planner's statistics of tables changed.
    pub planner_statistics: bool,
    /// A program had the owner's URL, and may have changed both.
    pub program: bool,
}

impl std::ops::BitOrAssign for Traceless {
    fn bitor_assign(&mut self, other: Self) {
        self.objects |= other.objects;
        self.planner_statistics |= other.planner_statistics;
        self.program |= other.program;
    }
}

#[derive(Debug)]
enum Engine {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// SQL that changes a database without firing a trigger.
static UNMARKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)setval|restart|cluster|(update|into|delete\s+from)\s+(only\s+)?(pg_catalog\s*\.\s*)?"?pg_"#)
        .expect("a regular expression")
});

/// SQL that changes the planner's statistics; a regular expression for both PostgreSQL and Rust.
pub const STATISTICS: &str = "analy[sz]e|vacuum|reindex|cluster";

/// The same in a scenario's SQL. A new index changes them too, even if it is rolled back.
static STATISTICS_SQL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i){STATISTICS}|\bindex\b|\bunique\b|primary\s+key|\bexclude\b"
    ))
    .expect("a regular expression")
});

/// Session state that survives `discard all`; a regular expression for both PostgreSQL and Rust.
const OUTLASTING: &str = "setseed|set +seed|dblink|fdw|replication_origin|plperl|plpython|pltcl";

/// The same in a scenario's SQL, and advisory locks, because the reset would wait for them.
static OUTLASTING_SQL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)advisory|\bload\b|{OUTLASTING}")).expect("a regular expression")
});

/// SQL that may begin a transaction.
static BEGINNING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(begin|start|savepoint)\b").expect("a regular expression"));

/// The results of one or more statements.
pub struct Sent {
    /// One for each statement before the error.
    pub answers: Vec<Rows>,
    pub error: Option<sqlx::Error>,
}

impl Connection {
    pub async fn postgres(connection: PgConnection, shapes: Arc<Shapes>) -> Result<Self, Failure> {
        let mut connection = Self::on(Engine::Postgres(connection), shapes);
        if connection.shapes.outlasts_discard.get().is_none() {
            let functions = format!(
                "select exists (select
                                  from pg_catalog.pg_proc p
                                  join pg_catalog.pg_language l on l.oid = p.prolang
                                 where p.oid >= 16384 and p.pronamespace <> 'bdd_harness'::regnamespace
                                   and (p.prosrc ~* '{OUTLASTING}' or l.lanname ~ '{OUTLASTING}'))"
            );
            let found = table::texts(connection.fetch(&functions).await?) == ["true"];
            let _ = connection.shapes.outlasts_discard.set(found);
        }
        connection.outlasts_discard = connection.shapes.outlasts_discard.get() == Some(&true);
        Ok(connection)
    }

    pub async fn sqlite(file: &Path, shapes: Arc<Shapes>) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .disable_statement_logging();
        let connection = SqliteConnection::connect_with(&options).await?;
        Ok(Self::on(Engine::Sqlite(connection), shapes))
    }

    fn on(engine: Engine, shapes: Arc<Shapes>) -> Self {
        Self {
            engine,
            shapes,
            is_used: false,
            is_sending: false,
            may_be_in_transaction: false,
            outlasts_discard: false,
            traceless: Traceless::default(),
        }
    }

    /// Returns when the server has released its locks.
    pub async fn close(self) {
        let _ = match self.engine {
            Engine::Postgres(connection) => connection.close().await,
            Engine::Sqlite(connection) => connection.close().await,
        };
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether another scenario may reuse it, if no transaction is open.
    pub fn can_be_kept(&self) -> bool {
        self.is_postgres() && !self.is_sending && !self.outlasts_discard
    }

    /// Removes what the previous scenario left in the session: temporary tables, settings, role, prepared statements,
    /// cursors, locks, channels, cached sequence values. Returns `false` when the connection can't be reused.
    pub async fn renew(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        // Sent alone: several statements in one message are a transaction, in which it is refused.
        let renewed = self.send("discard all").await.error.is_none();
        self.is_used = false;
        self.may_be_in_transaction = false;
        self.traceless = Traceless::default();
        renewed
    }

    /// What the reset has to look for.
    pub fn traceless(&self) -> Traceless {
        self.traceless
    }

    /// Sends one or more statements in one message.
    pub async fn send(&mut self, sql: &str) -> Sent {
        self.is_sending = true;
        self.is_used = true;
        let mut answers = Vec::new();
        let mut rows = Rows::default();
        macro_rules! collect {
            ($connection:expr, $keep:path) => {{
                let mut stream = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_many($connection);
                loop {
                    match stream.try_next().await {
                        Ok(Some(Either::Left(_))) => answers.push(std::mem::take(&mut rows)),
                        Ok(Some(Either::Right(row))) => $keep(&mut rows, &row),
                        Ok(None) => break None,
                        Err(error) => break Some(error),
                    }
                }
            }};
        }
        let error = match &mut self.engine {
            Engine::Postgres(connection) => collect!(&mut *connection, postgres::keep),
            Engine::Sqlite(connection) => collect!(&mut *connection, sqlite::keep),
        };
        self.is_sending = false;
        Sent { answers, error }
    }

    /// Runs a statement of the harness.
    async fn fetch(&mut self, sql: &str) -> Result<Rows, Failure> {
        let sent = self.send(sql).await;
        match sent.error {
            Some(error) => Err(explain(&error, None)),
            None => Ok(sent.answers.into_iter().next_back().unwrap_or_default()),
        }
    }

    /// Runs SQL of the scenario and returns the rows of its last statement. An error shows its place in the text.
    pub async fn run(&mut self, sql: &str) -> Result<Rows, Failure> {
        self.run_from(sql, 1).await
    }

    /// The same for SQL that begins in this line of its file.
    pub async fn run_from(&mut self, sql: &str, first_line: usize) -> Result<Rows, Failure> {
        self.traceless |= Traceless {
            objects: UNMARKED.is_match(sql),
            planner_statistics: STATISTICS_SQL.is_match(sql),
            program: false,
        };
        self.outlasts_discard |= OUTLASTING_SQL.is_match(sql);
        self.may_be_in_transaction |= BEGINNING.is_match(sql);
        let sent = self.send(sql).await;
        match sent.error {
            Some(error) => Err(explain(&error, Some((sql, first_line)))),
            None => Ok(sent.answers.into_iter().next_back().unwrap_or_default()),
        }
    }

    /// Sends the rows of a `copy … from stdin`.
    pub async fn copy(&mut self, sql: &str, rows: &str) -> Result<(), Failure> {
        self.is_sending = true;
        self.is_used = true;
        let copied = match &mut self.engine {
            Engine::Postgres(connection) => postgres::copy(connection, sql, rows).await,
            Engine::Sqlite(_) => return Err("SQLite has no COPY".into()),
        };
        self.is_sending = false;
        copied.map_err(|error| explain(&error, None))
    }

    /// Whether the scenario has a transaction open. `PostgreSQL` has no function for it; but only in an open transaction is
    /// `now()` older than the statement.
    pub async fn in_transaction(&mut self) -> Result<bool, Failure> {
        if !self.may_be_in_transaction {
            return Ok(false);
        }
        self.may_be_in_transaction = match self.engine {
            Engine::Postgres(_) => {
                let rows = self.fetch("select now() <> statement_timestamp()").await?;
                table::texts(rows) == ["true"]
            }
            Engine::Sqlite(_) => match self.fetch("begin").await {
                Ok(_) => self.fetch("rollback").await.map(|_| false)?,
                Err(_) => true,
            },
        };
        Ok(self.may_be_in_transaction)
    }
}

/// The database's error with detail, hint, and place in the SQL, which begins in that line of its file.
pub fn explain(error: &sqlx::Error, sql: Option<(&str, usize)>) -> Failure {
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
                let text = text.replace('\n', "\n    ");
                message.push_str(&format!("\n  {name}: {text}"));
            }
        }
        if let (
            Some((sql, first_line)),
            Some(sqlx::postgres::PgErrorPosition::Original(position)),
        ) = (sql, error.position())
        {
            message.push_str(&caret(sql, first_line, position));
        }
    }
    Failure::new(message)
}

/// The line of a statement that a position (in characters, from 1) points into, and a caret below it.
fn caret(sql: &str, first_line: usize, position: usize) -> String {
    let before: String = sql.chars().take(position.saturating_sub(1)).collect();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = sql[start..].lines().next().unwrap_or_default();
    let number = before.matches('\n').count() + first_line;
    let blanks: String = before[start..]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let label = format!("line {number}: ");
    format!("\n  {label}{line}\n  {}{blanks}^", " ".repeat(label.len()))
}
