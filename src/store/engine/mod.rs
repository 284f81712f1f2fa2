//! Everything between the store and sqlx: pools, connections and locks.
//!
//! Connections are opened by bb8, in tasks of its own: a log-in to PostgreSQL may take longer than the request that
//! needed it waits, and must not be cancelled with it. sqlx's own pool does cancel it, and it also pings a connection
//! each time it is returned, which costs as much as reading a row by its key.

mod health;
pub(super) mod lock;
mod manager;
mod meter;
mod options;
mod pool;
mod types;

pub use meter::PoolNumbers;
pub(super) use options::pools;
pub(super) use pool::{Connections, end_transaction};

use sqlx::{PgConnection, SqliteConnection};

/// The connections to one database. Clones share them.
#[derive(Clone)]
pub(super) enum Pool {
    Postgres(Connections<PgConnection>),
    Sqlite(Connections<SqliteConnection>),
}

impl Pool {
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The numbers of the store's two pools together, which are the same pool on PostgreSQL.
    pub(super) fn numbers(&self, writing: &Self) -> PoolNumbers {
        match (self, writing) {
            (Self::Postgres(pool), _) => pool.numbers(None),
            (Self::Sqlite(pool), Self::Sqlite(writing)) => pool.numbers(Some(writing)),
            (Self::Sqlite(pool), Self::Postgres(_)) => pool.numbers(None),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Postgres(connections) => connections.close().await,
            Self::Sqlite(connections) => connections.close().await,
        }
    }
}
