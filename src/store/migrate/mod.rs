//! Migrations: embedded, reversible, and never applied to a database that isn't the service's.
//!
//! Applied migrations are recorded in `_sqlx_migrations`, as by `sqlx-cli`. `record` compares that record with our
//! migrations. `change` applies and reverts them, and repairs the record. `emails` is a check before one migration.

mod change;
mod emails;
mod error;
mod files;
mod record;

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::engine::pinned;
use super::error::StoreError;
use super::schema::{self, Table};
use crate::config::Target;

pub use error::MigrationError;
pub use record::Step;
use record::{Record, to_apply, to_revert};

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
        let migrator = if is_postgres {
            &files::POSTGRES
        } else {
            &files::SQLITE
        };
        let ups = migrator
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration());
        ups.map(|migration| migration.version)
    }

    /// All migrations. Changes nothing, and refuses a database that isn't the service's.
    pub async fn steps(&mut self) -> Result<Vec<Step>, MigrationError> {
        match self {
            Self::Postgres(connection) => Record::Postgres(connection).steps().await,
            Self::Sqlite(connection) => Record::Sqlite(connection).steps().await,
        }
    }

    /// The tables, as the database describes them.
    pub async fn tables(&mut self) -> Result<Vec<Table>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => schema::postgres_tables(connection).await,
            Self::Sqlite(connection) => schema::sqlite_tables(connection).await,
        }
    }

    /// The migrations that [`Self::up`] would apply now.
    pub async fn to_apply(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        to_apply(self.steps().await?, to)
    }

    /// The migrations that [`Self::down`] would revert now, the newest first.
    pub async fn to_revert(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        to_revert(self.steps().await?, to)
    }

    /// Applies pending migrations, all or up to a version. Returns those that this call applied.
    pub async fn up(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        // sqlx always tries to create the record. If nothing is pending, the role needs no privilege to create tables.
        if self.to_apply(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Postgres(connection) => change::postgres_up(connection, to).await,
            Self::Sqlite(connection) => change::sqlite_up(connection, to).await,
        }
    }

    /// Lets a role read and write rows, and nothing else.
    pub async fn grant(&mut self, role: &str) -> Result<(), MigrationError> {
        match self {
            Self::Postgres(connection) => change::grant(connection, role).await,
            Self::Sqlite(_) => Err(MigrationError::NoRoles),
        }
    }

    /// Reverts every migration above a version, the newest first. Returns those that this call reverted.
    pub async fn down(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        if self.to_revert(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Postgres(connection) => change::postgres_down(connection, to).await,
            Self::Sqlite(connection) => change::sqlite_down(connection, to).await,
        }
    }

    /// Records that all migrations up to a version are applied, and none above it. Runs no migration: this is for a
    /// database that was repaired by hand.
    pub async fn force(&mut self, version: i64) -> Result<(), MigrationError> {
        match self {
            Self::Postgres(connection) => change::postgres_force(connection, version).await,
            Self::Sqlite(connection) => change::sqlite_force(connection, version).await,
        }
    }

    /// The SQL that applies a step, or reverts it.
    pub fn script(&self, step: &Step, up: bool) -> String {
        let migrator = match self {
            Self::Postgres(_) => &files::POSTGRES,
            Self::Sqlite(_) => &files::SQLITE,
        };
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
        let _ = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        };
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
