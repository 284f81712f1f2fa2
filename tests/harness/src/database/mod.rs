//! The database, seen from outside: a scenario's own connection, and what its words need.

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

pub use compare::compare;
pub use fixtures::insert;
pub use matching::Mode;
pub use shape::Shapes;
pub use table::{count, read};
pub use value::{Rows, json};

use crate::failure::Failure;

/// A scenario's own connection, as the database's owner. PostgreSQL's is kept from scenario to scenario: a new backend
/// costs twenty times what it costs to make an old one as new.
#[derive(Debug)]
pub struct Connection {
    engine: Engine,
    shapes: Arc<Shapes>,
    /// Something was sent since it was as new.
    is_used: bool,
    /// A statement is under way.
    is_sending: bool,
    /// A statement may have begun a transaction.
    may_be_in_transaction: bool,
    /// A statement may have done what `discard all` doesn't undo.
    outlasts_discard: bool,
    /// A statement may have done what neither triggers nor events tell the reset.
    close_look: bool,
}

#[derive(Debug)]
enum Engine {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// What changes a database and leaves no mark.
static UNMARKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)setval|restart|cluster|(update|into|delete\s+from)\s+(only\s+)?(pg_catalog\s*\.\s*)?"?pg_"#)
        .expect("a regular expression")
});

/// What a session keeps beyond `discard all`, as PostgreSQL's and Rust's regular expressions both read it.
const OUTLASTING: &str = "setseed|set +seed|dblink|fdw|replication_origin|plperl|plpython|pltcl";

/// The same in a scenario's SQL; and advisory locks, which the reset waits for.
static OUTLASTING_SQL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)advisory|\bload\b|{OUTLASTING}")).expect("a regular expression")
});

/// What begins a transaction.
static BEGINNING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(begin|start|savepoint)\b").expect("a regular expression"));

/// What a text of several statements returned, up to its end or its error.
pub struct Sent {
    /// The rows of each statement that was done.
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
            close_look: false,
        }
    }

    /// Returns when the server has let go of what it held.
    pub async fn close(self) {
        let _ = match self.engine {
            Engine::Postgres(connection) => connection.close().await,
            Engine::Sqlite(connection) => connection.close().await,
        };
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether another scenario may use it: it does nothing and keeps nothing, unless it is in a transaction.
    pub fn can_be_kept(&self) -> bool {
        self.is_postgres() && !self.is_sending && !self.outlasts_discard
    }

    /// Makes it as new: no temporary table, setting, role, prepared statement, cursor, lock, `listen` or sequence's cache
    /// of the scenario before is left. `false` when only a new connection is.
    pub async fn renew(&mut self) -> bool {
        if !self.is_used {
            return true;
        }
        // Can't be sent with anything else: it is refused inside a transaction, and several statements are one.
        let renewed = self.send("discard all").await.error.is_none();
        self.is_used = false;
        self.may_be_in_transaction = false;
        self.close_look = false;
        renewed
    }

    /// Whether the reset has to look at each sequence and catalog: a sequence may have been set without being used, a
    /// table clustered, a catalog written to.
    pub fn wants_a_close_look(&self) -> bool {
        self.close_look
    }

    /// Sends one or more statements as they are.
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

    /// The rows of a statement of the harness's own.
    async fn fetch(&mut self, sql: &str) -> Result<Rows, Failure> {
        let sent = self.send(sql).await;
        match sent.error {
            Some(error) => Err(explain(&error, None)),
            None => Ok(sent.answers.into_iter().next_back().unwrap_or_default()),
        }
    }

    /// The rows of the last of a scenario's statements; an error shows where in the text it is.
    pub async fn run(&mut self, sql: &str) -> Result<Rows, Failure> {
        self.close_look |= UNMARKED.is_match(sql);
        self.outlasts_discard |= OUTLASTING_SQL.is_match(sql);
        self.may_be_in_transaction |= BEGINNING.is_match(sql);
        let sent = self.send(sql).await;
        match sent.error {
            Some(error) => Err(explain(&error, Some(sql))),
            None => Ok(sent.answers.into_iter().next_back().unwrap_or_default()),
        }
    }

    /// Whether a statement of the scenario left a transaction open.
    ///
    /// `PostgreSQL` has no function that tells; but only in a block is the transaction older than the statement.
    async fn in_transaction(&mut self) -> Result<bool, Failure> {
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
