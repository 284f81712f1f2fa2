//! A connection for migrations.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::error::MigrationError;
use super::files::{POSTGRES, SQLITE};
use super::record::{Record, Step, to_apply, to_revert, ups};
use crate::config::Target;
use crate::store::engine::pinned;
use crate::store::error::StoreError;
use crate::store::schema::{self, Table};

/// How long a process waits for another one that migrates the same file.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_mins(1);

const UNLIMITED: [(&str, &str); 4] = [
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
];

/// What a connection for migrations may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Change the schema; a missing SQLite file is created.
    Create,
    /// Change the schema; a missing SQLite file is an error.
    Change,
    /// Only read; a missing SQLite file is an error.
    Read,
}

/// Expands one expression for both engines.
macro_rules! on_engine {
    ($migrations:expr, $db:ident => $work:expr) => {
        match $migrations {
            Migrations::Postgres($db) => $work,
            Migrations::Sqlite($db) => $work,
        }
    };
}
pub(in crate::store) use on_engine;

/// A connection for migrations, without the timeouts of the service's statements.
pub enum Migrations {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Migrations {
    /// Connects; fails after the timeout.
    pub async fn connect(
        target: &Target,
        timeout: Duration,
        access: Access,
    ) -> Result<Self, StoreError> {
        let connecting = async {
            match target {
                Target::Postgres(options) => {
                    let connection = pinned(options).options(UNLIMITED).connect().await?;
                    Ok(Self::Postgres(connection))
                }
                Target::Sqlite(options) => {
                    Ok(Self::Sqlite(file_options(options, access).connect().await?))
                }
            }
        };
        match tokio::time::timeout(timeout, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(StoreError::Unavailable(sqlx::Error::Io(
                std::io::ErrorKind::TimedOut.into(),
            ))),
        }
    }

    /// The versions that this program knows.
    pub fn versions(is_postgres: bool) -> impl Iterator<Item = i64> {
        let migrator = if is_postgres { &POSTGRES } else { &SQLITE };
        ups(migrator).map(|migration| migration.version)
    }

    pub(super) fn record(&mut self) -> Record<'_> {
        on_engine!(self, db => Record::from(db))
    }

    /// All migrations. Changes nothing, and refuses a database that isn't the service's.
    pub async fn steps(&mut self) -> Result<Vec<Step>, MigrationError> {
        self.record().steps().await
    }

    /// The tables, as the database describes them.
    pub async fn tables(&mut self) -> Result<Vec<Table>, sqlx::Error> {
        let is_postgres = matches!(self, Self::Postgres(_));
        let (columns, indexes) = schema::queries(is_postgres);
        on_engine!(self, db => {
            let columns = sqlx::query_as(columns).fetch_all(&mut *db).await?;
            let indexes = sqlx::query_as(indexes).fetch_all(&mut *db).await?;
            Ok(schema::combine(columns, indexes))
        })
    }

    /// The migrations that [`Self::up`] would apply now.
    pub async fn to_apply(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        to_apply(self.steps().await?, to)
    }

    /// The migrations that [`Self::down`] would revert now, the newest first.
    pub async fn to_revert(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        to_revert(self.steps().await?, to)
    }

    /// The SQL that applies a step, or reverts it.
    pub fn script(&mut self, step: &Step, up: bool) -> String {
        let migrator = self.record().migrator();
        migrator
            .iter()
            .find(|migration| {
                migration.version == step.version
                    && migration.migration_type.is_up_migration() == up
            })
            .map(|migration| migration.sql.as_str().to_owned())
            .unwrap_or_default()
    }

    pub async fn close(self) {
        // Nothing can be done about a connection that fails to close.
        let _ = on_engine!(self, db => db.close().await);
    }
}

/// Sets no journal mode, because that would change a file that may not be the service's.
fn file_options(options: &SqliteConnectOptions, access: Access) -> SqliteConnectOptions {
    options
        .clone()
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        .create_if_missing(access == Access::Create)
        .read_only(access == Access::Read)
}
