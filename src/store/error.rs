//! Errors of the store.

use std::io;

use sqlx::error::{DatabaseError, ErrorKind};

/// A failed query. Its text is for logs, never for clients.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The current state does not allow the change. The text says why, and may be shown to clients.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The name is that of the field.
    #[error("{0} refers to a row that does not exist")]
    Dangling(&'static str),
    /// The database can't be reached, no connection was available, or it took too long. Trying again may help.
    #[error("the database is unavailable: {}", plain(.0))]
    Unavailable(#[source] sqlx::Error),
    /// Everything else.
    #[error("the database reports an error: {}", plain(.0))]
    Database(#[source] sqlx::Error),
    /// The task that ran a transaction panicked or was stopped.
    #[error("a transaction was interrupted")]
    Interrupted,
}

/// The error's text without the line of PostgreSQL's own source in which it was raised, which sqlx adds.
pub(super) fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().into(),
        other => other.to_string(),
    }
}

impl StoreError {
    /// Turns a violated unique constraint into a conflict with this text.
    #[must_use]
    pub fn or_conflict(self, what: &'static str) -> Self {
        match self {
            Self::Database(sqlx::Error::Database(error))
                if error.kind() == ErrorKind::UniqueViolation =>
            {
                Self::Conflict(what)
            }
            other => other,
        }
    }

    /// Turns a violation of this unique index into a conflict.
    #[must_use]
    pub fn or_conflict_of(self, index: &str, what: &'static str) -> Self {
        match &self {
            // SQLite reports the index of an expression only in the message.
            Self::Database(sqlx::Error::Database(error)) if error.message().contains(index) => {
                self.or_conflict(what)
            }
            _ => self,
        }
    }

    /// Turns a violated foreign key into an error of the field that holds it.
    #[must_use]
    pub fn or_dangling(self, field: &'static str) -> Self {
        match self {
            Self::Database(sqlx::Error::Database(error))
                if error.kind() == ErrorKind::ForeignKeyViolation =>
            {
                Self::Dangling(field)
            }
            other => other,
        }
    }

    /// Turns a violated foreign key into a conflict with this text, because other rows still refer to this one.
    #[must_use]
    pub fn or_in_use(self, what: &'static str) -> Self {
        match self.or_dangling("id") {
            Self::Dangling(_) => Self::Conflict(what),
            other => other,
        }
    }

    /// Whether the connection must not be used again: it is lost, an operator ended it (PostgreSQL's 57P), or its
    /// server no longer accepts writes (25006), while another server with the same name may accept them.
    pub fn ends_connection(&self) -> bool {
        match self {
            Self::Unavailable(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default();
                ["08", "57P", "25006"]
                    .iter()
                    .any(|class| code.starts_with(class))
            }
            Self::Unavailable(error) => {
                !matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
            }
            _ => false,
        }
    }

    /// Whether connections that were used before must not be used again either: the database did not answer in time, or
    /// its server accepts no writes any more.
    pub fn ends_all_connections(&self) -> bool {
        match self {
            Self::Unavailable(sqlx::Error::Io(error)) => error.kind() == io::ErrorKind::TimedOut,
            Self::Unavailable(sqlx::Error::Database(error)) => {
                error.code().as_deref() == Some("25006")
            }
            _ => false,
        }
    }

    /// Whether the database role lacks a privilege (PostgreSQL's 42501).
    pub fn is_denied(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.code().as_deref() == Some("42501")
    }

    /// Whether a statement names a table that the database does not have (PostgreSQL's 42P01).
    pub(super) fn is_unknown_table(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    }

    /// A short text for readiness, without host, role, or text of the database.
    pub fn brief(&self) -> &'static str {
        match self {
            Self::Unavailable(sqlx::Error::PoolTimedOut) => "no connection was available in time",
            Self::Unavailable(_) => "the database can't be reached",
            _ => "the database reports an error",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => is_temporary(error.as_ref()),
            _ => false,
        };
        if unavailable {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Whether an error is caused by the state of the database, and not by the statement. PostgreSQL's classes: lost
/// connections, missing resources, operator intervention, locks, a read-only server, and a database that accepts no
/// log-in. SQLite's codes: busy, locked, read-only, input or output, full.
fn is_temporary(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    let classes = [
        "08", "25006", "28", "3D", "40", "53", "55000", "55P03", "57",
    ];
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        classes.iter().any(|class| code.starts_with(class))
    } else {
        // Extended codes have the primary code in their lowest byte.
        matches!(
            code.parse::<u32>().map(|code| code & 0xff),
            Ok(5 | 6 | 8 | 10 | 13)
        )
    }
}
