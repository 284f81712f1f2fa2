//! A pool of connections, of either engine.

use sqlx::{PgConnection, SqliteConnection};

use super::connections::Connections;
use super::meter::PoolNumbers;

/// The connections to one database. Clones share them.
#[derive(Clone)]
pub(in crate::store) enum Pool {
    Postgres(Connections<PgConnection>),
    Sqlite(Connections<SqliteConnection>),
}

impl Pool {
    pub(in crate::store) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The numbers of the store's two pools together. On PostgreSQL they are one pool.
    pub(in crate::store) fn numbers(&self, writing: &Self) -> PoolNumbers {
        match (self, writing) {
            (Self::Postgres(pool), _) => pool.numbers(None),
            (Self::Sqlite(pool), Self::Sqlite(writing)) => pool.numbers(Some(writing)),
            (Self::Sqlite(pool), Self::Postgres(_)) => pool.numbers(None),
        }
    }

    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Postgres(connections) => connections.close().await,
            Self::Sqlite(connections) => connections.close().await,
        }
    }
}
