//! What the record says, held against our migrations.

use sqlx::{
    PgConnection, SqliteConnection,
    migrate::{Migration, Migrator},
};

use super::{MigrationError, POSTGRES, SQLITE, Step};
use crate::domain::Time;

/// The same connection, lent: `SQLite`'s may be inside a transaction.
pub(super) enum Lent<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

/// The row of the record that a look needs.
pub(super) type Applied = (i64, Vec<u8>, bool, Time);

impl Lent<'_> {
    pub(super) async fn look(&mut self) -> Result<Vec<Step>, MigrationError> {
        // In this order: another replica may commit tables and record between the two questions.
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

    /// The record; nothing when there is none.
    pub(super) async fn applied(&mut self) -> Result<Vec<Applied>, sqlx::Error> {
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
    pub(super) async fn others(&mut self) -> Result<Vec<String>, sqlx::Error> {
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

pub(super) fn pending(steps: Vec<Step>, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
    let known = |version| steps.iter().any(|step| step.version == version);
    if let Some(version) = to.filter(|version| !known(*version)) {
        return Err(MigrationError::NoSuchVersion(version));
    }
    let wanted = |step: &Step| step.applied_at.is_none() && to.is_none_or(|to| step.version <= to);
    Ok(steps.into_iter().filter(wanted).collect())
}

pub(super) fn doomed(steps: Vec<Step>, to: i64) -> Result<Vec<Step>, MigrationError> {
    if to != 0 && !steps.iter().any(|step| step.version == to) {
        return Err(MigrationError::NoSuchVersion(to));
    }
    let above = |step: &Step| step.applied_at.is_some() && step.version > to;
    Ok(steps.into_iter().rev().filter(above).collect())
}
