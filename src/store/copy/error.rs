//! Errors of a copy.

use crate::store::error::StoreError;
use crate::store::migrate::MigrationError;

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("{0} can't be reached: {1}")]
    Unreachable(String, StoreError),
    /// A database isn't the service's, or its migrations failed.
    #[error("{0}: {1}")]
    Schema(String, MigrationError),
    #[error(
        "{0} has another schema version than this program; run `migrate up` on it, or use the program of its version"
    )]
    Version(String),
    #[error("the target isn't empty: it has rows in {0}; it was left untouched")]
    NotEmpty(&'static str),
    /// The databases have different tables or columns.
    #[error("only one of the two databases has {0}; nothing was copied")]
    Different(String),
    /// A value isn't valid for its column.
    #[error("{0}; nothing was copied")]
    Value(String),
    #[error("the rows written to {0} differ from those of the source; everything was rolled back")]
    Unequal(&'static str),
    #[error(transparent)]
    Store(StoreError),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
