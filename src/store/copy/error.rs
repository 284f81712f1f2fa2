//! Errors of a copy.

use std::fmt;

use crate::store::error::StoreError;
use crate::store::migrate::MigrationError;

/// Why nothing was copied.
#[derive(Debug)]
pub enum CopyError {
    Unreachable(String, StoreError),
    /// A database isn't the service's, or its migrations failed.
    Schema(String, MigrationError),
    /// A database has another schema version than this program.
    Version(String),
    /// A table of the target has rows.
    NotEmpty(&'static str),
    /// The databases have different tables or columns.
    Different(String),
    /// A value isn't valid for its column.
    Value(String),
    /// What was read back differs from what was written.
    Unequal(&'static str),
    /// A statement failed.
    Store(StoreError),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(target, error) => write!(f, "{target} can't be reached: {error}"),
            Self::Schema(target, error) => write!(f, "{target}: {error}"),
            Self::Version(target) => write!(
                f,
                "{target} has another schema version than this program; run `migrate up` on it, or use the program of its version"
            ),
            Self::NotEmpty(table) => {
                write!(
                    f,
                    "the target isn't empty: it has rows in {table}; it was left untouched"
                )
            }
            Self::Different(what) => {
                write!(
                    f,
                    "only one of the two databases has {what}; nothing was copied"
                )
            }
            Self::Value(what) => write!(f, "{what}; nothing was copied"),
            Self::Unequal(table) => write!(
                f,
                "the rows written to {table} differ from those of the source; everything was rolled back"
            ),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for CopyError {}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
