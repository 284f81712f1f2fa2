//! Errors of migrations.

use std::fmt;

use sqlx::migrate::MigrateError;

use crate::store::error::{StoreError, plain};

/// Why migrations can't be listed, applied or reverted.
#[derive(Debug)]
pub enum MigrationError {
    /// The database has tables, but no record of our migrations.
    Foreign(Vec<String>),
    /// The record has a migration that this program does not know.
    Unknown(i64),
    /// A migration was applied with a different text.
    Changed(i64),
    /// A migration failed halfway.
    Dirty(i64),
    NoSuchVersion(i64),
    NoRecord,
    /// SQLite has no roles.
    NoRoles,
    /// Version 0 can't be recorded, because there are tables.
    NotEmpty(Vec<String>),
    /// The database's encoding, which can't hold every text.
    Encoding(String),
    /// Several users have the same email, but a migration makes emails unique. One line per email.
    SharedEmails(Vec<String>),
    /// A statement failed.
    Store(StoreError),
    /// This migration failed and was rolled back.
    RolledBack(i64, sqlx::Error),
    Other(MigrateError),
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
                "migration {version} was applied with a text that differs from this program's: the database isn't ours; \
                 it was left untouched"
            ),
            Self::Dirty(version) => write!(
                f,
                "migration {version} failed halfway; repair the tables by hand to their state before or after it, then \
                record that state with `migrate force {}` or `migrate force {version}`",
                version - 1
            ),
            Self::NoSuchVersion(version) => write!(f, "there is no migration {version}"),
            Self::NoRoles => f.write_str("--grant is for PostgreSQL: SQLite has no roles"),
            Self::NoRecord => f.write_str(
                "there is nothing to repair: the database has no record of our migrations; it was left untouched",
            ),
            Self::NotEmpty(tables) => write!(
                f,
                "version 0 is an empty database, but this one has {}; it was left untouched",
                tables.join(", ")
            ),
            Self::Encoding(encoding) => write!(
                f,
                "the database has the encoding {encoding}, which can't hold every text; nothing was changed. Create a \
                 database with the encoding UTF8, copy the rows with the version of this program that has used them, and \
                 migrate that one"
            ),
            Self::SharedEmails(emails) => write!(
                f,
                "emails become unique, but several users have the same one; nothing was changed. Decide who keeps each \
                email, change it for the others (for example `update users set email = null where username = 'eve'`), and \
                migrate again:\n  {}",
                emails.join("\n  ")
            ),
            Self::Store(error) => error.fmt(f),
            Self::RolledBack(version, error) => {
                write!(f, "migration {version} failed and was rolled back: {}", plain(error))
            }
            Self::Other(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for MigrationError {}

impl From<StoreError> for MigrationError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
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
