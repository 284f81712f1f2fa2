//! Migrations: embedded, reversible, and applied to nothing but our own databases.
//!
//! What was applied is recorded in `_sqlx_migrations`, as `sqlx-cli` does it.

use std::{fmt, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection,
    migrate::{Migrate, MigrateError, Migration, Migrator},
    sqlite::SqliteConnectOptions,
};

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

/// The same connection, lent: `SQLite`'s may be inside a transaction.
enum Lent<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

/// The row of the record that a look needs.
type Applied = (i64, Vec<u8>, bool, Time);

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
            Self::Postgres(connection) => postgres_up(connection, to).await,
            Self::Sqlite(connection) => sqlite_up(connection, to).await,
        }
    }

    /// Takes back every migration above a version, the newest first; the answer are those taken back.
    pub async fn down(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        if self.doomed(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Postgres(connection) => postgres_down(connection, to).await,
            Self::Sqlite(connection) => sqlite_down(connection, to).await,
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

impl Lent<'_> {
    async fn look(&mut self) -> Result<Vec<Step>, MigrationError> {
        // In this order: another replica may commit tables and record between the two questions.
        let others = self.others().await?;
        let applied = self.applied().await?;
        if applied.is_empty() && !others.is_empty() {
            return Err(MigrationError::Foreign(others));
        }
        let migrator = match self {
            Self::Postgres(_) => &POSTGRES,
            Self::Sqlite(_) => &SQLITE,
        };
        steps(migrator, &applied)
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
                        .fetch_one(&mut **connection)
                        .await?;
                if there {
                    sqlx::query_as(query).fetch_all(&mut **connection).await
                } else {
                    Ok(Vec::new())
                }
            }
            Self::Sqlite(connection) => {
                let there: bool = sqlx::query_scalar(
                    "select exists (select 1 from sqlite_master where type = 'table' and name = '_sqlx_migrations')",
                )
                .fetch_one(&mut **connection)
                .await?;
                if there {
                    sqlx::query_as(query).fetch_all(&mut **connection).await
                } else {
                    Ok(Vec::new())
                }
            }
        }
    }

    /// Everything in the database that holds or shows rows, beside the record and what belongs to extensions.
    async fn others(&mut self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => {
                // The behaviour suite keeps its marker in a schema of its own.
                let query = "select case when n.nspname = current_schema() then c.relname::text
                                         else n.nspname || '.' || c.relname
                                    end
                               from pg_class c
                               join pg_namespace n on n.oid = c.relnamespace
                              where n.nspname not in ('pg_catalog', 'information_schema', 'bdd_harness')
                                and n.nspname not like 'pg\\_toast%'
                                and n.nspname not like 'pg\\_temp%'
                                and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                                and c.relname <> '_sqlx_migrations'
                                and not exists (select 1
                                                  from pg_depend d
                                                 where d.classid = 'pg_class'::regclass
                                                   and d.objid = c.oid
                                                   and d.deptype = 'e')
                              order by 1";
                sqlx::query_scalar(query).fetch_all(&mut **connection).await
            }
            Self::Sqlite(connection) => {
                let query = "select name
                               from sqlite_master
                              where type in ('table', 'view')
                                and name <> '_sqlx_migrations'
                                and name not like 'sqlite\\_%' escape '\\'
                              order by 1";
                sqlx::query_scalar(query).fetch_all(&mut **connection).await
            }
        }
    }
}

/// Our migrations beside a record, which must hold nothing else.
fn steps(migrator: &Migrator, applied: &[Applied]) -> Result<Vec<Step>, MigrationError> {
    for (version, checksum, success, _) in applied {
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
    let step = |migration: &Migration| Step {
        version: migration.version,
        name: migration.description.replace(' ', "_"),
        applied_at: applied
            .iter()
            .find(|row| row.0 == migration.version)
            .map(|row| row.3),
    };
    Ok(ups.map(step).collect())
}

fn pending(steps: Vec<Step>, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
    let known = |version| steps.iter().any(|step| step.version == version);
    if let Some(version) = to.filter(|version| !known(*version)) {
        return Err(MigrationError::NoSuchVersion(version));
    }
    let wanted = |step: &Step| step.applied_at.is_none() && to.is_none_or(|to| step.version <= to);
    Ok(steps.into_iter().filter(wanted).collect())
}

fn doomed(steps: Vec<Step>, to: i64) -> Result<Vec<Step>, MigrationError> {
    if to != 0 && !steps.iter().any(|step| step.version == to) {
        return Err(MigrationError::NoSuchVersion(to));
    }
    let above = |step: &Step| step.applied_at.is_some() && step.version > to;
    Ok(steps.into_iter().rev().filter(above).collect())
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

/// The lock is a session's, so the one that sqlx takes inside is had at once. An error ends the connection, and the
/// lock with it.
async fn postgres_up(
    connection: &mut PgConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    // Another replica may have been faster.
    let pending = pending(Lent::Postgres(connection).look().await?, to)?;
    if !pending.is_empty() {
        POSTGRES.run_direct(to, connection, false).await?;
    }
    connection.unlock().await?;
    Ok(pending)
}

async fn postgres_down(
    connection: &mut PgConnection,
    to: i64,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    let doomed = doomed(Lent::Postgres(connection).look().await?, to)?;
    if !doomed.is_empty() {
        POSTGRES.undo(&mut *connection, to).await?;
    }
    connection.unlock().await?;
    Ok(doomed)
}

/// `SQLite` has no lock for sqlx to take, so one immediate transaction around everything keeps other replicas out;
/// those that waited find nothing pending any more.
async fn sqlite_up(
    connection: &mut SqliteConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let pending = pending(Lent::Sqlite(&mut transaction).look().await?, to)?;
    if !pending.is_empty() {
        SQLITE.run_direct(to, &mut *transaction, false).await?;
    }
    transaction.commit().await?;
    Ok(pending)
}

async fn sqlite_down(
    connection: &mut SqliteConnection,
    to: i64,
) -> Result<Vec<Step>, MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let doomed = doomed(Lent::Sqlite(&mut transaction).look().await?, to)?;
    let downs = SQLITE
        .iter()
        .rev()
        .filter(|migration| migration.migration_type.is_down_migration());
    for migration in downs.filter(|down| doomed.iter().any(|step| step.version == down.version)) {
        transaction.revert(&SQLITE.table_name, migration).await?;
    }
    transaction.commit().await?;
    Ok(doomed)
}
