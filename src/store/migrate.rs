//! Migrations: embedded, reversible, and applied to nothing but our own databases.
//!
//! What was applied is recorded in `_sqlx_migrations`, as `sqlx-cli` does it.

use std::{fmt, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection,
    migrate::{Migrate, MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};

use super::pool::sqlite_options;
use super::{StoreError, Time};
use crate::config::Target;

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
    /// There are tables, but no record that we made them; nothing was touched.
    Foreign(Vec<String>),
    /// The record holds a migration that this program doesn't know: it is newer, or not ours.
    Unknown(i64),
    /// A migration was applied with another text than ours.
    Changed(i64),
    /// A migration failed half-way once.
    Dirty(i64),
    /// There is no such migration.
    NoSuchVersion(i64),
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
                "the database isn't ours: it has tables ({}) but no record of our migrations; it was left untouched",
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
                "migration {version} failed half-way; the database needs a repair by hand"
            ),
            Self::NoSuchVersion(version) => write!(f, "there is no migration {version}"),
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

/// A connection of its own for migrations, without the limits that the service's statements have.
pub enum Migrations {
    /// To a PostgreSQL server.
    Postgres(PgConnection),
    /// To a file.
    Sqlite(SqliteConnection),
}

/// The row of the record that a look needs.
type Applied = (i64, Vec<u8>, bool, Time);

impl Migrations {
    /// Connects, or says within the time given why not. A missing `SQLite` file is created only with `create`.
    pub async fn connect(
        target: &Target,
        timeout: Duration,
        create: bool,
    ) -> Result<Self, StoreError> {
        let connecting = async {
            match target {
                Target::Postgres(options) => Ok(Self::Postgres(options.connect().await?)),
                Target::Sqlite(options) => {
                    Ok(Self::Sqlite(file_options(options, create).connect().await?))
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
        let applied = self.applied().await?;
        if applied.is_empty() {
            let tables = self.tables().await?;
            if !tables.is_empty() {
                return Err(MigrationError::Foreign(tables));
            }
        }
        let migrator = self.migrator();
        for (version, checksum, success, _) in &applied {
            let known = migrator.iter().find(|known| known.version == *version);
            let known = known.ok_or(MigrationError::Unknown(*version))?;
            if !success {
                return Err(MigrationError::Dirty(*version));
            }
            if known.checksum.as_ref() != checksum.as_slice() {
                return Err(MigrationError::Changed(*version));
            }
        }
        let ups = migrator
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration());
        Ok(ups
            .map(|migration| Step {
                version: migration.version,
                name: migration.description.replace(' ', "_"),
                applied_at: applied
                    .iter()
                    .find(|row| row.0 == migration.version)
                    .map(|row| row.3),
            })
            .collect())
    }

    /// Applies what is pending, up to a version or all; the answer are the versions applied.
    pub async fn up(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        let before = self.look().await?;
        let known = |version| before.iter().any(|step| step.version == version);
        if let Some(version) = to.filter(|version| !known(*version)) {
            return Err(MigrationError::NoSuchVersion(version));
        }
        let wanted =
            |step: &Step| step.applied_at.is_none() && to.is_none_or(|to| step.version <= to);
        let pending: Vec<_> = before.into_iter().filter(wanted).collect();
        // Even a look at the record's table would need the right to create it.
        if !pending.is_empty() {
            match self {
                Self::Postgres(connection) => POSTGRES.run_direct(to, connection, false).await?,
                Self::Sqlite(connection) => sqlite_up(connection, to).await?,
            }
        }
        Ok(pending)
    }

    /// Takes back every migration above a version, the newest first; the answer are those taken back.
    pub async fn down(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        let before = self.look().await?;
        if to != 0 && !before.iter().any(|step| step.version == to) {
            return Err(MigrationError::NoSuchVersion(to));
        }
        let above = |step: &Step| step.applied_at.is_some() && step.version > to;
        let doomed: Vec<_> = before.into_iter().rev().filter(above).collect();
        if !doomed.is_empty() {
            match self {
                Self::Postgres(connection) => POSTGRES.undo(connection, to).await?,
                Self::Sqlite(connection) => sqlite_down(connection, to).await?,
            }
        }
        Ok(doomed)
    }

    /// Says goodbye.
    pub async fn close(self) {
        // Nothing can be done about a connection that fails to close.
        let _ = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        };
    }

    fn migrator(&self) -> &'static Migrator {
        match self {
            Self::Postgres(_) => &POSTGRES,
            Self::Sqlite(_) => &SQLITE,
        }
    }

    /// The record; nothing when there is none.
    async fn applied(&mut self) -> Result<Vec<Applied>, sqlx::Error> {
        let query = "select version, checksum, success, installed_on
                       from _sqlx_migrations
                      order by version";
        match self {
            Self::Postgres(connection) => {
                let there: bool =
                    sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
                        .fetch_one(&mut *connection)
                        .await?;
                if there {
                    sqlx::query_as(query).fetch_all(connection).await
                } else {
                    Ok(Vec::new())
                }
            }
            Self::Sqlite(connection) => {
                let there: bool = sqlx::query_scalar(
                    "select exists (select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations')",
                )
                .fetch_one(&mut *connection)
                .await?;
                if there {
                    sqlx::query_as(query).fetch_all(connection).await
                } else {
                    Ok(Vec::new())
                }
            }
        }
    }

    /// Tables beside the record, those of extensions left out.
    async fn tables(&mut self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => {
                let query = "select c.relname::text
                               from pg_class c
                               join pg_namespace n on n.oid = c.relnamespace
                              where n.nspname = current_schema()
                                and c.relkind in ('r', 'p')
                                and c.relname <> '_sqlx_migrations'
                                and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
                              order by 1";
                sqlx::query_scalar(query).fetch_all(connection).await
            }
            Self::Sqlite(connection) => {
                let query = "select name
                               from sqlite_master
                              where type = 'table'
                                and name <> '_sqlx_migrations'
                                and name not like 'sqlite\\_%' escape '\\'
                              order by 1";
                sqlx::query_scalar(query).fetch_all(connection).await
            }
        }
    }
}

fn file_options(options: &SqliteConnectOptions, create: bool) -> SqliteConnectOptions {
    sqlite_options(options, SQLITE_PATIENCE).create_if_missing(create)
}

/// `SQLite` has no lock for sqlx to take, so one immediate transaction around everything keeps other replicas out;
/// those that waited find nothing pending any more.
async fn sqlite_up(
    connection: &mut SqliteConnection,
    to: Option<i64>,
) -> Result<(), MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    SQLITE.run_direct(to, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}

async fn sqlite_down(connection: &mut SqliteConnection, to: i64) -> Result<(), MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let applied = transaction
        .list_applied_migrations(&SQLITE.table_name)
        .await?;
    let downs = SQLITE
        .iter()
        .rev()
        .filter(|migration| migration.migration_type.is_down_migration());
    for migration in downs
        .filter(|down| down.version > to && applied.iter().any(|row| row.version == down.version))
    {
        transaction.revert(&SQLITE.table_name, migration).await?;
    }
    transaction.commit().await?;
    Ok(())
}
