//! The store: one text of SQL, two engines.
//!
//! [`Store`] holds a pool of either kind. `on_db!` runs one expression on whichever it is, so that the compiler
//! checks every query against both drivers; `in_transaction!` does so for several statements that belong together.

/// Runs a query on a connection of the pool: `on_db!(self.read, db => query.fetch_all(db))`.
///
/// With two named arms it runs the one of the engine at hand, for the few texts that differ.
macro_rules! on_db {
    ($pool:expr, $db:ident => $query:expr) => {
        on_db!($pool, postgres($db) => $query, sqlite($db) => $query)
    };
    ($pool:expr, postgres($pg:ident) => $pg_query:expr, sqlite($lite:ident) => $lite_query:expr $(,)?) => {
        match &$pool.engine {
            $crate::store::engine::Engine::Postgres(connections) => {
                let mut connection = $pool.meter.time(connections.acquire()).await?;
                let $pg = &mut *connection;
                let answered = $pg_query.await;
                connection.after(answered).map_err(|error| $pool.meter.noted(error))
            }
            $crate::store::engine::Engine::Sqlite(connections) => {
                let mut connection = $pool.meter.time(connections.acquire()).await?;
                let $lite = &mut *connection;
                let answered = $lite_query.await;
                connection.after(answered).map_err(|error| $pool.meter.noted(error))
            }
        }
    };
}

/// Runs a statement that answers no rows; the value is how many it touched.
macro_rules! affected {
    ($pool:expr, $db:ident => $query:expr) => {
        on_db!($pool, $db => async { $query.await.map(|done| done.rows_affected()) })
    };
}

/// Runs statements as one transaction: `in_transaction!(self, db => { …; Ok(value) })`, an error takes all back.
///
/// The work runs in a task of its own: a request that is cut off while it begins a transaction could otherwise hand
/// a connection back with the transaction still open. What the block uses must therefore be owned.
macro_rules! in_transaction {
    ($store:expr, $db:ident => $work:block) => {{
        let pool = $store.write.clone();
        let task = async move {
            match &pool.engine {
                $crate::store::engine::Engine::Postgres(connections) => {
                    let mut connection = pool.meter.time(connections.acquire()).await?;
                    let begun = sqlx::Connection::begin(&mut *connection).await;
                    let mut transaction = begun.map_err(|error| pool.meter.noted(error))?;
                    let done = {
                        let $db = &mut *transaction;
                        async { $work }.await
                    };
                    let finished = $crate::store::engine::finish(transaction, done).await;
                    connection.after(finished).map_err(|error| pool.meter.noted(error))
                }
                $crate::store::engine::Engine::Sqlite(connections) => {
                    let mut connection = pool.meter.time(connections.acquire()).await?;
                    // A transaction that reads first and writes later fails when another writer comes between.
                    let begun = sqlx::Connection::begin_with(&mut *connection, "begin immediate").await;
                    let mut transaction = begun.map_err(|error| pool.meter.noted(error))?;
                    let done = {
                        let $db = &mut *transaction;
                        async { $work }.await
                    };
                    let finished = $crate::store::engine::finish(transaction, done).await;
                    connection.after(finished).map_err(|error| pool.meter.noted(error))
                }
            }
        };
        match tokio::spawn(tracing::Instrument::in_current_span(task)).await {
            Ok(done) => done,
            Err(_) => Err($crate::store::StoreError::Interrupted),
        }
    }};
}

pub mod categories;
pub mod copy;
pub mod database_events;
pub mod databases;
mod engine;
mod error;
pub mod greetings;
pub mod image_updates;
pub mod migrate;
pub mod oauth_clients;
mod open;
pub mod password_resets;
pub mod pizzas;
pub mod products;
pub mod query;
pub mod schema;
pub mod seed;
pub mod sessions;
pub mod tags;
pub mod users;

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;

use crate::config::{self, Driver, Target};

pub use engine::PoolNumbers;
pub use error::StoreError;
pub use open::{StartError, open};
pub use query::Window;

use engine::Pool;
use query::totals::Totals;

/// The database, ready to be asked. Clones share their connections.
#[derive(Clone)]
pub struct Store {
    /// For queries that change nothing.
    read: Pool,
    /// For everything else: the same connections on PostgreSQL, a single one on `SQLite`, which has one writer.
    write: Pool,
    totals: Totals,
}

impl Store {
    /// Makes the pools; no connection is opened yet.
    pub fn new(target: &Target, settings: &config::Database) -> Self {
        let (read, write) = engine::pools(target, settings);
        Self {
            read,
            write,
            totals: Totals::default(),
        }
    }

    /// The engine's name in answers.
    pub fn driver(&self) -> &'static str {
        match self.read.engine {
            engine::Engine::Postgres(_) => Driver::Postgres.as_str(),
            engine::Engine::Sqlite(_) => Driver::Sqlite.as_str(),
        }
    }

    fn is_postgres(&self) -> bool {
        matches!(self.write.engine, engine::Engine::Postgres(_))
    }

    /// A `select` that keeps others from changing the row until the transaction ends; `SQLite` has a single writer
    /// anyway.
    fn locking(&self, select: &'static str) -> AssertSqlSafe<String> {
        let end = if self.is_postgres() {
            " for update"
        } else {
            ""
        };
        AssertSqlSafe(format!("{select}{end}"))
    }

    /// Opens the connections that are to be kept, in the background.
    pub fn warm_up(&self, count: u32) {
        let read = self.read.clone();
        tokio::spawn(async move { read.warm_up(count).await });
    }

    /// Asks the database a trifle; the answer is how long it took. A connection that turns out to be dead says
    /// nothing about the database yet, so another one is asked then.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        match self.ping_once().await {
            Err(error) if error.is_lost_connection() => self.ping_once().await,
            done => done,
        }
    }

    async fn ping_once(&self) -> Result<Duration, StoreError> {
        let started = Instant::now();
        let one: i32 = on_db!(self.read, db => sqlx::query_scalar("select 1").fetch_one(db))?;
        debug_assert_eq!(one, 1);
        Ok(started.elapsed())
    }

    /// The server's version as it tells it.
    pub async fn server_version(&self) -> Result<String, StoreError> {
        on_db!(
            self.read,
            postgres(db) => sqlx::query_scalar("select current_setting('server_version')").fetch_one(db),
            sqlite(db) => sqlx::query_scalar("select sqlite_version()").fetch_one(db),
        )
    }

    /// How the pool is doing.
    pub fn numbers(&self) -> PoolNumbers {
        self.read.numbers(&self.write)
    }

    /// Waits for queries that run and closes all connections.
    pub async fn close(&self) {
        self.write.close().await;
        self.read.close().await;
    }
}
