//! Migrations: embedded, reversible, and applied to nothing but our own databases.
//!
//! What was applied is recorded in `_sqlx_migrations`, as `sqlx-cli` does it. `look` reads that record and holds it
//! against ours, `change` applies, takes back and repairs.

mod change;
mod look;

use std::{fmt, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};

use super::{StoreError, schema, schema::Table};
use crate::config::Target;
use crate::domain::Time;

use look::{Lent, doomed, pending};

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a replica waits for another one that migrates the same file.
const SQLITE_PATIENCE: Duration = Duration::from_mins(1);

/// One migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// What it is about.
    pub name: String,
    /// When it was applied; `None` while it is pending.
    pub applied_at: Option<Time>,
}

/// Why migrations can't be looked at, applied or taken back.
#[derive(Debug)]
pub enum MigrationError {
    /// There are tables or the like, but no record that we made them; nothing was touched.
    Foreign(Vec<String>),
    /// The record holds a migration that this program doesn't know: it is newer, or not ours.
    Unknown(i64),
    /// A migration was applied with another text than ours.
    Changed(i64),
    /// A migration failed half-way once.
    Dirty(i64),
    /// There is no such migration.
    NoSuchVersion(i64),
    /// There is no record that could be repaired.
    NoRecord,
    /// The record can't say that nothing was applied: these are there.
    NotEmpty(Vec<String>),
    /// The database says no.
    Store(StoreError),
    /// A migration's own text failed.
    Failed(MigrateError),
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(tables) => write!(
                f,
                "the database isn't ours: it has {} but no record of our migrations; it was left untouched",
                tables.join(", ")
            ),
            Self::Unknown(version) => write!(
                f,
                "the database has migration {version}, which this program doesn't know: it is newer, or not ours; \
                 it was left untouched"
            ),
            Self::Changed(version) => write!(
                f,
                "migration {version} was applied with another text than this program's: the database isn't ours; \
                 it was left untouched"
            ),
            Self::Dirty(version) => write!(
                f,
                "migration {version} failed half-way; bring the tables by hand to what they were before it or should be \
                 after it, and record that with `migrate force {}` or `migrate force {version}`",
                version - 1
            ),
            Self::NoSuchVersion(version) => write!(f, "there is no migration {version}"),
            Self::NoRecord => f.write_str(
                "there is nothing to repair: the database has no record of our migrations; it was left untouched",
            ),
            Self::NotEmpty(tables) => write!(
                f,
                "version 0 is an empty database, and this one has {}; it was left untouched",
                tables.join(", ")
            ),
            Self::Store(error) => error.fmt(f),
            Self::Failed(error) => write!(f, "a migration failed and was taken back: {error}"),
        }
    }
}

impl std::error::Error for MigrationError {}

impl From<sqlx::Error> for MigrationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<MigrateError> for MigrationError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Unknown(version),
            MigrateError::VersionMismatch(version) => Self::Changed(version),
            MigrateError::Dirty(version) => Self::Dirty(version),
            MigrateError::Execute(error) => error.into(),
            other => Self::Failed(other),
        }
    }
}

/// What a connection for migrations may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Change the schema; a missing `SQLite` file is created.
    Create,
    /// Change the schema of what is there.
    Change,
    /// Only look; a missing `SQLite` file is an error.
    Look,
}

/// A connection of its own for migrations, without the limits that the service's statements have.
pub enum Migrations {
    /// To a PostgreSQL server.
    Postgres(PgConnection),
    /// To a file.
    Sqlite(SqliteConnection),
}

impl Migrations {
    /// Connects, or says within the time given why not.
    pub async fn connect(
        target: &Target,
        timeout: Duration,
        access: Access,
    ) -> Result<Self, StoreError> {
        let connecting = async {
            match target {
                Target::Postgres(options) => Ok(Self::Postgres(options.connect().await?)),
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

    /// All migrations with what the database has of them; refuses a database that isn't ours. Changes nothing.
    pub async fn look(&mut self) -> Result<Vec<Step>, MigrationError> {
        match self {
            Self::Postgres(connection) => Lent::Postgres(connection).look().await,
            Self::Sqlite(connection) => Lent::Sqlite(connection).look().await,
        }
    }

    /// The tables as the database describes them.
    pub async fn tables(&mut self) -> Result<Vec<Table>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => schema::of_postgres(connection).await,
            Self::Sqlite(connection) => schema::of_sqlite(connection).await,
        }
    }

    /// What [`Self::up`] would apply now.
    pub async fn pending(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        pending(self.look().await?, to)
    }

    /// What [`Self::down`] would take back now, the newest first.
    pub async fn doomed(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        doomed(self.look().await?, to)
    }

    /// Applies what is pending, up to a version or all; the answer are the versions that this call applied.
    pub async fn up(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        // Even a look at the record's table would need the right to create it, and so would waiting for the lock.
        if self.pending(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Postgres(connection) => change::postgres_up(connection, to).await,
            Self::Sqlite(connection) => change::sqlite_up(connection, to).await,
        }
    }

    /// Takes back every migration above a version, the newest first; the answer are those taken back.
    pub async fn down(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        if self.doomed(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Postgres(connection) => change::postgres_down(connection, to).await,
            Self::Sqlite(connection) => change::sqlite_down(connection, to).await,
        }
    }

    /// Records that everything up to a version was applied, and nothing above it. Runs no migration: it is for a
    /// database that was repaired by hand.
    pub async fn force(&mut self, version: i64) -> Result<(), MigrationError> {
        match self {
            Self::Postgres(connection) => change::postgres_force(connection, version).await,
            Self::Sqlite(connection) => change::sqlite_force(connection, version).await,
        }
    }

    /// The text that applies a step, or takes it back.
    pub fn script(&self, step: &Step, up: bool) -> String {
        let migrator = match self {
            Self::Postgres(_) => &POSTGRES,
            Self::Sqlite(_) => &SQLITE,
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

    /// Says goodbye.
    pub async fn close(self) {
        // Nothing can be done about a connection that fails to close.
        let _ = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        };
    }
}

/// No journal mode is set here: that would already change a file that isn't ours.
fn file_options(options: &SqliteConnectOptions, access: Access) -> SqliteConnectOptions {
    options
        .clone()
        .foreign_keys(true)
        .busy_timeout(SQLITE_PATIENCE)
        .create_if_missing(access == Access::Create)
        .read_only(access == Access::Look)
}
