//! The record of applied migrations, compared with the embedded ones.

use sqlx::{
    PgConnection, SqliteConnection,
    migrate::{Migration, Migrator},
};

use super::error::MigrationError;
use super::files::{POSTGRES, SQLITE};
use crate::domain::Time;

/// One migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub version: i64,
    pub name: String,
    /// `None` while it is pending.
    pub applied_at: Option<Time>,
}

/// The record of a database, read over a borrowed connection, which may be inside a transaction.
pub(super) enum Record<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

impl<'c> From<&'c mut PgConnection> for Record<'c> {
    fn from(connection: &'c mut PgConnection) -> Self {
        Self::Postgres(connection)
    }
}

impl<'c> From<&'c mut SqliteConnection> for Record<'c> {
    fn from(connection: &'c mut SqliteConnection) -> Self {
        Self::Sqlite(connection)
    }
}

/// A row of the record.
pub(super) type Applied = (i64, Vec<u8>, bool, Time);

impl Record<'_> {
    /// All migrations. Refuses a database that isn't the service's.
    pub(super) async fn steps(&mut self) -> Result<Vec<Step>, MigrationError> {
        // The tables first: another replica may commit tables and record between the two statements.
        let others = self.others().await?;
        let applied = self.applied().await?;
        if applied.is_empty() && !others.is_empty() {
            return Err(MigrationError::Foreign(others));
        }
        steps(self.migrator(), &applied)
    }

    pub(super) fn migrator(&self) -> &'static Migrator {
        match self {
            Self::Postgres(_) => &POSTGRES,
            Self::Sqlite(_) => &SQLITE,
        }
    }

    /// The rows of the record; empty if there is no record.
    pub(super) async fn applied(&mut self) -> Result<Vec<Applied>, sqlx::Error> {
        let rows = "select version, checksum, success, installed_on
                      from _sqlx_migrations
                     order by version";
        match self {
            Self::Postgres(db) => {
                let exists = "select to_regclass('_sqlx_migrations') is not null";
                if !sqlx::query_scalar(exists).fetch_one(&mut **db).await? {
                    return Ok(Vec::new());
                }
                sqlx::query_as(rows).fetch_all(&mut **db).await
            }
            Self::Sqlite(db) => {
                let exists = "select exists (select 1
                                               from sqlite_master
                                              where type = 'table' and name = '_sqlx_migrations')";
                if !sqlx::query_scalar(exists).fetch_one(&mut **db).await? {
                    return Ok(Vec::new());
                }
                sqlx::query_as(rows).fetch_all(&mut **db).await
            }
        }
    }

    /// Other tables, views and sequences in the schema that the service works in, except those of extensions.
    pub(super) async fn others(&mut self) -> Result<Vec<String>, sqlx::Error> {
        match self {
            Self::Postgres(db) => {
                let query = "select c.relname::text
                               from pg_class c
                              where c.relnamespace = current_schema()::regnamespace
                                and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                                and c.relname <> '_sqlx_migrations'
                                and not exists (select 1
                                                  from pg_depend d
                                                 where d.classid = 'pg_class'::regclass
                                                   and d.objid = c.oid
                                                   and d.deptype = 'e')
                              order by 1";
                sqlx::query_scalar(query).fetch_all(&mut **db).await
            }
            Self::Sqlite(db) => {
                let query = "select name
                               from sqlite_master
                              where type in ('table', 'view')
                                and name <> '_sqlx_migrations'
                                and name not like 'sqlite\\_%' escape '\\'
                              order by 1";
                sqlx::query_scalar(query).fetch_all(&mut **db).await
            }
        }
    }
}

/// The embedded migrations, with the time when each was applied. The record must not have any others.
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
    let step = |migration: &Migration| Step {
        version: migration.version,
        name: migration.description.replace(' ', "_"),
        applied_at: applied
            .iter()
            .find(|row| row.0 == migration.version)
            .map(|row| row.3),
    };
    Ok(ups(migrator).map(step).collect())
}

/// The migrations that create a version, in order.
pub(super) fn ups(migrator: &Migrator) -> impl Iterator<Item = &Migration> {
    let all = migrator.iter();
    all.filter(|migration| migration.migration_type.is_up_migration())
}

/// The steps to apply in order to reach a version.
pub(super) fn to_apply(steps: Vec<Step>, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
    let known = |version| steps.iter().any(|step| step.version == version);
    if let Some(version) = to.filter(|version| !known(*version)) {
        return Err(MigrationError::NoSuchVersion(version));
    }
    let wanted = |step: &Step| step.applied_at.is_none() && to.is_none_or(|to| step.version <= to);
    Ok(steps.into_iter().filter(wanted).collect())
}

/// The steps to revert in order to reach a version, the newest first.
pub(super) fn to_revert(steps: Vec<Step>, to: i64) -> Result<Vec<Step>, MigrationError> {
    if to != 0 && !steps.iter().any(|step| step.version == to) {
        return Err(MigrationError::NoSuchVersion(to));
    }
    let above = |step: &Step| step.applied_at.is_some() && step.version > to;
    Ok(steps.into_iter().rev().filter(above).collect())
}
