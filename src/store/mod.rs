//! The store: SQL for both databases, one file per resource.
//!
//! [`Store`] holds connections to PostgreSQL or to SQLite. `on_db!` expands one expression for both, so the compiler
//! checks every statement against both drivers; `in_transaction!` does the same for several statements. `engine` is the
//! layer between them and sqlx, `query` reads lists.

/// Runs a statement on a connection of the pool: `on_db!(self.read, db => query.fetch_all(db))`.
///
/// If the statement differs, it has a named arm for each engine.
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

/// Runs a statement on one connection of a pool, until the pool's deadline.
macro_rules! on_connection {
    ($pool:ident, $db:ident => $work:expr) => {{
        let mut acquired = $pool.acquire().await?;
        let result = $pool
            .run(acquired.process(), async {
                let $db = acquired.for_statement().await?;
                let done = $work.await;
                acquired.end(done).await
            })
            .await;
        acquired.finish(result)
    }};
}

/// Runs a statement that only reads. The replica answers if the request may read from it; otherwise, or if the replica
/// fails, the primary answers. The statement is expanded twice, so it must not move values out of variables.
macro_rules! read_db {
    ($store:expr, $db:ident => $statement:expr) => {{
        let answer = match $store.usable_replica().await {
            None => None,
            Some(replica) => {
                let asking = async { on_db!(replica.pool, $db => $statement) };
                replica.answer(asking).await
            }
        };
        match answer {
            Some(answer) => Ok(answer),
            None => on_db!($store.read, $db => $statement),
        }
    }};
}

/// Runs a statement that returns no rows, and returns the number of rows that it changed.
macro_rules! affected {
    ($pool:expr, $db:ident => $statement:expr) => {
        on_db!($pool, $db => async { $statement.await.map(|done| done.rows_affected()) })
    };
}

/// Soft-deletes a row of a table: `soft_delete!(self.write, "pizzas", id)`.
macro_rules! soft_delete {
    ($pool:expr, $table:literal, $id:expr) => {
        affected!($pool, db => sqlx::query(concat!(
            "update ", $table, "
                set deleted_at = $2,
                    updated_at = $2
              where id = $1
                and deleted_at is null",
        ))
        .bind($id)
        .bind($crate::domain::Time::now())
        .execute(db))
    };
}

/// Restores a row of a table if it is soft-deleted: `restore!(self.write, "pizzas", id)`.
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

/// A row to insert: `new_row!(new; name, description; created_by: id)` has the fields of `new`, and others.
macro_rules! new_row {
    ($new:ident; $($field:ident),+ $(; $($name:ident: $value:expr),+)?) => {{
        let now = Time::now();
        Self {
            id: Id::generate(),
            $($field: $new.$field,)+
            $($($name: $value,)+)?
            created_at: now,
            updated_at: now,
        }
    }};
}

/// A row with the changes of a patch: `patched!(before, patch; name, description)`.
macro_rules! patched {
    ($before:ident, $patch:ident; $($field:ident),+) => {
        Self {
            $($field: $patch.$field.unwrap_or($before.$field),)+
            updated_at: Time::now(),
            ..$before
        }
    };
}

/// Runs statements in a transaction: `in_transaction!(self, db => { …; Ok(value) })`. An error rolls all of them back.
///
/// The transaction runs in a task of its own, because a request that is cancelled while it begins a transaction could
/// return the connection with the transaction open. Therefore the block must own the values that it uses.
macro_rules! in_transaction {
    ($store:expr, $db:ident => $work:block) => {{
        let pool = $store.write.clone();
        let task = async move {
            match &pool {
                $crate::store::engine::Pool::Postgres(pool) => in_transaction!(@ pool, $db => $work),
                $crate::store::engine::Pool::Sqlite(pool) => in_transaction!(@ pool, $db => $work),
            }
        };
        match tokio::spawn($crate::telemetry::with_current(task)).await {
            Ok(done) => done,
            Err(_) => Err($crate::store::StoreError::Interrupted),
        }
    }};
    (@ $pool:ident, $db:ident => $work:block) => {{
        let mut acquired = $pool.acquire().await?;
        let result = $pool
            .run(acquired.process(), async {
                let $db = acquired.begin().await?;
                let done: Result<_, $crate::store::StoreError> = async { $work }.await;
                acquired.end(done).await
            })
            .await;
        acquired.finish(result)
    }};
}

pub mod attempts;
pub mod categories;
pub mod copy;
pub mod database_events;
pub mod databases;
mod engine;
mod error;
pub mod first_admin;
pub mod greetings;
pub mod idempotency;
pub mod image_update_changes;
pub mod image_update_groups;
pub mod image_updates;
pub mod import;
pub mod migrate;
pub mod oauth_clients;
pub mod open;
pub mod password_resets;
pub mod pizzas;
pub mod products;
pub mod purge;
pub mod query;
mod reads;
pub mod replica;
pub mod schema;
pub mod seed;
pub mod sessions;
pub mod signing_keys;
pub mod tags;
pub mod users;

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::AssertSqlSafe;
use tokio::{sync::Notify, time::sleep};

use crate::config::{self, Driver, Target};

pub use engine::PoolNumbers;
pub use error::StoreError;

use engine::Pool;
use query::totals::Totals;
use replica::Replica;

/// How long readiness waits for its own connection before it also asks on one of the pool.
const READINESS_PATIENCE: Duration = Duration::from_millis(500);

/// The rows of one page, and the total number of rows.
pub type Paged<T> = Result<(Vec<T>, i64), StoreError>;

/// An open database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    /// For statements that only read.
    read: Pool,
    /// For everything else. The same pool on PostgreSQL.
    write: Pool,
    /// A single connection for readiness, which must not wait for requests.
    readiness: Pool,
    /// The read replica, if there is one.
    replica: Option<Replica>,
    totals: Totals,
    /// Notified when the status of a managed database has changed.
    database_changed: Arc<Notify>,
    /// Notified when image updates have changed.
    image_updates_changed: Arc<Notify>,
}

impl Store {
    /// Creates the pools. The first connections are opened in the background.
    pub fn new(target: &Target, settings: &config::Database) -> Self {
        let (read, write) = engine::pools(target, settings);
        let readiness = engine::single(target, settings);
        Self {
            read,
            write,
            readiness,
            replica: None,
            totals: Totals::default(),
            database_changed: Arc::default(),
            image_updates_changed: Arc::default(),
        }
    }

    /// The engine's name in responses.
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

    /// A statement with a `select` that skips rows that others have locked.
    fn skip_locked(&self, select: &'static str, rest: &'static str) -> AssertSqlSafe<String> {
        let skip = if self.is_postgres() {
            " for update skip locked"
        } else {
            ""
        };
        AssertSqlSafe(format!("{select}{skip}{rest}"))
    }

    /// Runs a trivial statement and returns how long it took. If the connection turns out to be lost, it tries another
    /// one, because the database may still be healthy.
    pub async fn ping(&self) -> Result<Duration, StoreError> {
        ping(&self.read).await
    }

    /// Like [`Self::ping`], on the connection for readiness. That one can't be opened while the server accepts no
    /// further connections; then a free one of the pool answers.
    pub async fn ping_for_readiness(&self) -> Result<Duration, StoreError> {
        let on_the_pool = async {
            sleep(READINESS_PATIENCE).await;
            match ping(&self.read).await {
                Ok(latency) => latency,
                Err(_) => pending().await,
            }
        };
        tokio::select! {
            answer = ping(&self.readiness) => answer,
            latency = on_the_pool => Ok(latency),
        }
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

    /// Closes all connections. Waits for those in use, at most a second.
    pub async fn close(&self) {
        tokio::join!(
            async {
                self.write.close().await;
                self.read.close().await;
            },
            self.readiness.close(),
            async {
                if let Some(replica) = &self.replica {
                    replica.close().await;
                }
            },
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
