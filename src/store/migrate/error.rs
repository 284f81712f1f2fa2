//! Errors of migrations.

use sqlx::migrate::MigrateError;

use crate::store::error::{StoreError, plain};

/// Why migrations can't be listed, applied or reverted.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database has tables, but no record of our migrations.
    #[error("the database isn't ours: it has {} but no record of our migrations; it was left untouched", .0.join(", "))]
    Foreign(Vec<String>),
    /// The record has a migration that this program does not know.
    #[error(
        "the database has migration {0}, which this program doesn't know: it is newer, or not ours; it was left untouched"
    )]
    Unknown(i64),
    /// A migration was applied with a different text.
    #[error(
        "migration {0} was applied with a text that differs from this program's: the database isn't ours; it was left \
         untouched"
    )]
    Changed(i64),
    #[error(
        "migration {0} failed halfway; repair the tables by hand to their state before or after it, then record that state \
         with `migrate force {before}` or `migrate force {0}`",
        before = .0 - 1
    )]
    Dirty(i64),
    #[error("there is no migration {0}")]
    NoSuchVersion(i64),
    #[error(
        "there is nothing to repair: the database has no record of our migrations; it was left untouched"
    )]
    NoRecord,
    #[error("--grant is for PostgreSQL: SQLite has no roles")]
    NoRoles,
    #[error("version 0 is an empty database, but this one has {}; it was left untouched", .0.join(", "))]
    NotEmpty(Vec<String>),
    #[error(
        "the database has the encoding {0}, which can't hold every text; nothing was changed. Create a database with the \
         encoding UTF8, copy the rows with the version of this program that has used them, and migrate that one"
    )]
    Encoding(String),
    /// Several users have the same email, but a migration makes emails unique. One line per email.
    #[error(
        "emails become unique, but several users have the same one; nothing was changed. Decide who keeps each email, \
         change it for the others (for example `update users set email = null where username = 'eve'`), and migrate \
         again:\n  {}",
        .0.join("\n  ")
    )]
    SharedEmails(Vec<String>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("migration {0} failed and was rolled back: {reason}", reason = plain(.1))]
    RolledBack(i64, sqlx::Error),
    #[error(transparent)]
    Other(MigrateError),
}

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
            MigrateError::ExecuteMigration(error, version) => Self::RolledBack(version, error),
            other => Self::Other(other),
        }
    }
}
