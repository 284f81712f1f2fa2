//! The store: SQL for both databases, one file per resource.
//!
//! [`Store`] holds connections to PostgreSQL or to SQLite. `on_db!` expands one expression for both, so the compiler
//! checks every statement against both drivers; `in_transaction!` does the same for several statements. `engine` is
//! everything between them and sqlx, `query` the lists.

/// Runs a statement on a connection of the pool: `on_db!(self.read, db => query.fetch_all(db))`.
///
/// Two named arms give the engines different statements, for the few that differ.
macro_rules! on_db {
    ($pool:expr, $db:ident => $statement:expr) => {
        on_db!($pool, postgres($db) => $statement, sqlite($db) => $statement)
    };
    ($pool:expr, postgres($pg:ident) => $on_pg:expr, sqlite($lite:ident) => $on_lite:expr $(,)?) => {
        match &$pool {
            $crate::store::engine::Pool::Postgres(pool) => on_connection!(pool, $pg => $on_pg),
            $crate::store::engine::Pool::Sqlite(pool) => on_connection!(pool, $lite => $on_lite),
        }
    };
}

/// Runs work on one connection of a pool, until the pool's deadline.
macro_rules! on_connection {
    ($pool:ident, $db:ident => $work:expr) => {{
        let mut acquired = $pool.acquire().await?;
        let $db = acquired.connection();
        let result = $pool.run($work).await;
        acquired.finish(result)
    }};
}

/// Runs a statement that returns no rows; the value is the number of rows that it changed.
macro_rules! affected {
    ($pool:expr, $db:ident => $statement:expr) => {
        on_db!($pool, $db => async { $statement.await.map(|done| done.rows_affected()) })
    };
}

/// Restores a soft-deleted row of a table, and leaves any other as it is: `restore!(self.write, "pizzas", id)`.
macro_rules! restore {
    ($pool:expr, $table:literal, $id:expr) => {
        affected!($pool, db => sqlx::query(concat!(
            "update ", $table, "
                set deleted_at = null,
                    updated_at = $2
              where id = $1
                and deleted_at is not null",
        ))
        .bind($id)
        .bind($crate::domain::Time::now())
        .execute(db))
    };
}

/// Runs statements in a transaction: `in_transaction!(self, db => { …; Ok(value) })`. An error rolls all of them back.
///
/// The transaction runs in a task of its own, because a request that is cancelled while it begins a transaction could
/// return the connection with the transaction open. The block must therefore own what it uses.
macro_rules! in_transaction {
    ($store:expr, $db:ident => $work:block) => {{
        let pool = $store.write.clone();
        let task = async move {
            on_db!(
                pool,
                postgres(db) => in_transaction!("begin isolation level read committed", db, $db => $work),
                // Without `immediate`, a transaction that reads first fails if another one writes before it does.
                sqlite(db) => in_transaction!("begin immediate", db, $db => $work),
            )
        };
        match tokio::spawn(tracing::Instrument::in_current_span(task)).await {
            Ok(done) => done,
            Err(_) => Err($crate::store::StoreError::Interrupted),
        }
    }};
    ($begin:literal, $connection:ident, $db:ident => $work:block) => {
        async {
            let mut transaction = sqlx::Connection::begin_with($connection, $begin).await?;
            let $db = &mut *transaction;
            let done = async { $work }.await;
            $crate::store::engine::end_transaction(transaction, done).await
        }
    };
}

pub mod attempts;
pub mod categories;
pub mod copy;
pub mod database_events;
pub mod databases;
mod engine;
mod error;
pub mod greetings;
pub mod idempotency;
pub mod image_updates;
pub mod migrate;
pub mod oauth_clients;
pub mod open;
pub mod password_resets;
pub mod pizzas;
pub mod products;
pub mod purge;
pub mod query;
pub mod schema;
pub mod seed;
pub mod sessions;
pub mod signing_keys;
pub mod tags;
pub mod users;

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::AssertSqlSafe;
use tokio::sync::Notify;

use crate::config::{self, Driver, Target};

pub use engine::PoolNumbers;
pub use error::StoreError;

use engine::Pool;
use query::totals::Totals;

/// An open database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    /// For statements that only read.
    read: Pool,
    /// For everything else. The same pool on PostgreSQL.
    write: Pool,
    /// A single connection for readiness, which must not wait for requests.
    readiness: Pool,
    totals: Totals,
    /// Notified when the status of a managed database has changed.
    database_changed: Arc<Notify>,
}

impl Store {
    /// Makes the pools. The first connections are opened in the background.
    pub fn new(target: &Target, settings: &config::Database) -> Self {
        let (read, write) = engine::pools(target, settings);
        let single = config::Database {
            max_conns: NonZeroU32::MIN,
            min_conns: 0,
            ..settings.clone()
        };
        let (readiness, _) = engine::pools(target, &single);
        Self {
            read,
            write,
            readiness,
            totals: Totals::default(),
            database_changed: Arc::default(),
        }
    }

    /// The engine's name in answers.
    pub fn driver(&self) -> &'static str {
        if self.is_postgres() {
            Driver::Postgres.as_str()
        } else {
            Driver::Sqlite.as_str()
        }
    }

    fn is_postgres(&self) -> bool {
        self.write.is_postgres()
    }

    /// A `select` that locks its row until the transaction ends. `SQLite` needs no lock, as it has a single writer.
    fn for_update(&self, select: &'static str) -> AssertSqlSafe<String> {
        let lock = if self.is_postgres() {
            " for update"
        } else {
            ""
        };
        AssertSqlSafe(format!("{select}{lock}"))
    }

    /// A statement with a `select` in it that skips rows that others have locked.
    fn unlocked(&self, select: &'static str, rest: &'static str) -> AssertSqlSafe<String> {
        let skip = if self.is_postgres() {
            " for update skip locked"
        } else {
            ""
        };
        AssertSqlSafe(format!("{select}{skip}{rest}"))
    }

    /// Runs a trivial statement and returns how long it took. A connection that turns out to be lost says nothing
    /// about the database, so another one is tried then.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        ping(&self.read).await
    }

    /// The same on the connection for readiness.
    pub async fn ping_for_readiness(&self) -> Result<Duration, StoreError> {
        ping(&self.readiness).await
    }

    /// The version that the server reports.
    pub async fn server_version(&self) -> Result<String, StoreError> {
        on_db!(
            self.read,
            postgres(db) => sqlx::query_scalar("select current_setting('server_version')").fetch_one(db),
            sqlite(db) => sqlx::query_scalar("select sqlite_version()").fetch_one(db),
        )
    }

    /// The state of the pool.
    pub fn numbers(&self) -> PoolNumbers {
        self.read.numbers(&self.write)
    }

    /// Closes all connections; waits for those in use, but not longer than a second.
    pub async fn close(&self) {
        tokio::join!(
            async {
                self.write.close().await;
                self.read.close().await;
            },
            self.readiness.close(),
        );
    }
}

async fn ping(pool: &Pool) -> Result<Duration, StoreError> {
    match ping_once(pool).await {
        Err(error) if error.ends_connection() => ping_once(pool).await,
        done => done,
    }
}

async fn ping_once(pool: &Pool) -> Result<Duration, StoreError> {
    let started = Instant::now();
    let _: i32 = on_db!(*pool, db => sqlx::query_scalar("select 1").fetch_one(db))?;
    Ok(started.elapsed())
}
