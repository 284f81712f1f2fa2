//! What can go wrong in the store.

use std::fmt;

use sqlx::error::{DatabaseError, ErrorKind};

/// A failed query. Its text is for logs, never for clients.
#[derive(Debug)]
pub enum StoreError {
    /// The state of things doesn't allow it; the text says why, and may be shown.
    Conflict(&'static str),
    /// A field refers to nothing; the name of the field.
    Dangling(&'static str),
    /// The database can't be reached, has no connection free or took too long: trying again may help.
    Unavailable(sqlx::Error),
    /// Everything else.
    Database(sqlx::Error),
    /// The task that ran a transaction ended before its time.
    Interrupted,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(what) => write!(f, "conflict: {what}"),
            Self::Dangling(field) => write!(f, "{field} refers to nothing"),
            Self::Unavailable(error) => write!(f, "the database is unavailable: {error}"),
            Self::Database(error) => write!(f, "the database reports an error: {error}"),
            Self::Interrupted => f.write_str("a transaction was interrupted"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unavailable(error) | Self::Database(error) => Some(error),
            Self::Conflict(_) | Self::Dangling(_) | Self::Interrupted => None,
        }
    }
}

impl StoreError {
    /// Tells a violated uniqueness by the words given, and leaves everything else as it is.
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

    /// Tells a reference to nothing by the field that holds it, and leaves everything else as it is.
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

    /// Tells a row that others still refer to by the words given, and leaves everything else as it is.
    #[must_use]
    pub fn or_in_use(self, what: &'static str) -> Self {
        match self.or_dangling("id") {
            Self::Dangling(_) => Self::Conflict(what),
            other => other,
        }
    }

    /// Whether the connection died, perhaps long ago: its socket, or by an operator's command (PostgreSQL's 57P01).
    pub fn is_lost_connection(&self) -> bool {
        match self {
            Self::Unavailable(sqlx::Error::Io(_)) => true,
            Self::Unavailable(sqlx::Error::Database(error)) => {
                error.code().as_deref() == Some("57P01")
            }
            _ => false,
        }
    }

    /// Whether the role may not do what was asked of the database (PostgreSQL's 42501).
    pub fn is_denied(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.code().as_deref() == Some("42501")
    }

    /// A few words for readiness: no host, no role, no text of the database.
    pub fn brief(&self) -> &'static str {
        match self {
            Self::Unavailable(sqlx::Error::PoolTimedOut) => "no connection could be had in time",
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
            sqlx::Error::Database(error) => is_passing(error.as_ref()),
            _ => false,
        };
        if unavailable {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Whether a database's own error tells of its state and not of the statement: PostgreSQL's classes for lost
/// connections, missing resources, operators at work, locks, and a database that lets nobody in (any more); `SQLite`'s
/// busy and locked.
fn is_passing(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    let classes = ["08", "28", "3D", "40", "53", "55000", "55P03", "57"];
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        classes.iter().any(|class| code.starts_with(class))
    } else {
        // Extended codes carry the primary one in their lowest byte: 5 is busy, 6 is locked.
        matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6))
    }
}
