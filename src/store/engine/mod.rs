//! Pools of connections, and what is counted about them.

mod lent;
pub(super) mod lock;
mod types;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Database, Postgres, Sqlite, Transaction,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::config::{self, Target};
use crate::store::StoreError;
use lent::Connections;

/// How long a connection may sit idle before it is asked whether it still lives.
pub(super) const TRUSTED_IDLE: Duration = Duration::from_millis(100);
/// How long it may take to answer that.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The connections of one engine.
#[derive(Clone)]
pub(super) enum Engine {
    Postgres(Connections<Postgres>),
    Sqlite(Connections<Sqlite>),
}

/// Connections, and a meter for how long it takes to get one.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) engine: Engine,
    pub(super) meter: Arc<Meter>,
}

/// How the pool is doing; times in milliseconds.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct PoolNumbers {
    /// Connections that are open.
    pub size: u32,
    /// Open connections that nobody uses.
    pub idle: u32,
    /// Open connections that somebody uses.
    pub in_use: u32,
    /// The most connections there may be.
    pub max: u32,
    /// How often a connection was asked for.
    pub acquires: u64,
    /// How often none could be had in time.
    pub acquire_timeouts: u64,
    /// How long it took to get one, on average.
    pub acquire_ms_mean: f64,
    /// The longest that it took.
    pub acquire_ms_max: f64,
}

/// Makes the pools for reading and for writing; no connection is opened yet.
pub(super) fn pools(target: &Target, settings: &config::Database) -> (Pool, Pool) {
    match target {
        Target::Postgres(options) => {
            let meter = Arc::<Meter>::default();
            let connections = postgres(options, settings, &meter);
            let engine = Engine::Postgres(Connections::new(connections, &meter));
            let pool = Pool { engine, meter };
            (pool.clone(), pool)
        }
        Target::Sqlite(options) if is_in_memory(options) => {
            // Each connection would have a database of its own.
            let pool = sqlite(in_memory(options));
            (pool.clone(), pool)
        }
        Target::Sqlite(options) => {
            let options = sqlite_options(options, settings.lock_timeout);
            let reading = shared::<Sqlite>(settings).connect_lazy_with(options.clone());
            let writing = shared::<Sqlite>(settings)
                .min_connections(0)
                .max_connections(1)
                .connect_lazy_with(options);
            (sqlite(reading), sqlite(writing))
        }
    }
}

fn sqlite(connections: sqlx::Pool<Sqlite>) -> Pool {
    let meter = Arc::<Meter>::default();
    let engine = Engine::Sqlite(Connections::new(connections, &meter));
    Pool { engine, meter }
}

fn shared<DB: Database>(settings: &config::Database) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(settings.max_conns.get())
        .min_connections(settings.min_conns)
        .max_lifetime(settings.max_conn_lifetime)
        .idle_timeout(settings.max_conn_idle_time)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
}

fn postgres(
    options: &PgConnectOptions,
    settings: &config::Database,
    meter: &Arc<Meter>,
) -> sqlx::Pool<Postgres> {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    let options = options
        .clone()
        .application_name("dance-lessons-coach")
        .options([
            (
                "statement_timeout",
                milliseconds(settings.statement_timeout),
            ),
            ("lock_timeout", milliseconds(settings.lock_timeout)),
            // The last line of defence against a transaction that nobody will end.
            ("idle_in_transaction_session_timeout", "60000".to_owned()),
            ("timezone", "UTC".to_owned()),
        ]);
    let meter = meter.clone();
    shared::<Postgres>(settings)
        .before_acquire(move |connection, state| {
            let trusted = state.idle_for < TRUSTED_IDLE && meter.worked_since(state.idle_for);
            Box::pin(async move {
                if trusted {
                    return Ok(true);
                }
                Ok(matches!(
                    tokio::time::timeout(PING_TIMEOUT, connection.ping()).await,
                    Ok(Ok(()))
                ))
            })
        })
        .connect_lazy_with(options)
}

fn is_in_memory(options: &SqliteConnectOptions) -> bool {
    options
        .get_filename()
        .to_string_lossy()
        .contains(":memory:")
        || options
            .get_filename()
            .to_string_lossy()
            .contains("mode=memory")
        || options
            .get_filename()
            .to_string_lossy()
            .starts_with("file:sqlx-in-memory")
}

fn in_memory(options: &SqliteConnectOptions) -> sqlx::Pool<Sqlite> {
    let options = options.clone().foreign_keys(true);
    PoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(options)
}

/// What every connection to `SQLite` is set to.
fn sqlite_options(options: &SqliteConnectOptions, busy: Duration) -> SqliteConnectOptions {
    options
        .clone()
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With a write-ahead log this loses nothing but the last moments before a power cut.
        .synchronous(SqliteSynchronous::Normal)
        // In KiB, below zero. Each connection has its own, and with the usual 2 MiB a list of some thousand rows reads
        // its pages again and again.
        .pragma("cache_size", "-8192")
        .busy_timeout(busy)
}

/// Ends a transaction: its work is kept when it succeeded, and taken back otherwise.
pub(super) async fn finish<DB: Database, T>(
    transaction: Transaction<'_, DB>,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    match done {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell; a connection that can't roll back is closed by the pool.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

impl Pool {
    pub(super) fn numbers(&self, writing: &Pool) -> PoolNumbers {
        let (mut size, mut idle, max) = self.counts();
        let mut meters = vec![&self.meter];
        if !Arc::ptr_eq(&self.meter, &writing.meter) {
            // SQLite's writer is one more, and none of those that the limit is about.
            let more = writing.counts();
            (size, idle) = (size + more.0, idle + more.1);
            meters.push(&writing.meter);
        }
        let sum = |part: fn(&Meter) -> &AtomicU64| {
            meters
                .iter()
                .map(|meter| part(meter).load(Relaxed))
                .sum::<u64>()
        };
        let (acquires, total) = (
            sum(|meter| &meter.acquires),
            sum(|meter| &meter.microseconds),
        );
        let longest = meters
            .iter()
            .map(|meter| meter.longest.load(Relaxed))
            .max()
            .unwrap_or_default();
        PoolNumbers {
            size,
            idle,
            in_use: size.saturating_sub(idle),
            max,
            acquires,
            acquire_timeouts: sum(|meter| &meter.timeouts),
            acquire_ms_mean: milliseconds(total / acquires.max(1)),
            acquire_ms_max: milliseconds(longest),
        }
    }

    fn counts(&self) -> (u32, u32, u32) {
        match &self.engine {
            Engine::Postgres(connections) => connections.counts(),
            Engine::Sqlite(connections) => connections.counts(),
        }
    }

    /// Opens so many connections at once and hands them back, so that requests find them.
    pub(super) async fn warm_up(&self, count: u32) {
        match &self.engine {
            Engine::Postgres(connections) => connections.warm_up(count).await,
            Engine::Sqlite(connections) => connections.warm_up(count).await,
        }
    }

    pub(super) async fn close(&self) {
        match &self.engine {
            Engine::Postgres(connections) => connections.close().await,
            Engine::Sqlite(connections) => connections.close().await,
        }
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64() * 1000.0
}

/// Counts how long connections were waited for, and remembers when the database was last away.
#[derive(Default)]
pub(super) struct Meter {
    acquires: AtomicU64,
    timeouts: AtomicU64,
    microseconds: AtomicU64,
    longest: AtomicU64,
    last_away: Mutex<Option<Instant>>,
}

impl Meter {
    /// The error as the store tells it; one that says that the database is away costs all idle connections the trust
    /// in them.
    pub(super) fn noted(&self, error: impl Into<StoreError>) -> StoreError {
        let error = error.into();
        if matches!(error, StoreError::Unavailable(_)) {
            *self
                .last_away
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        error
    }

    /// Whether a connection that was used so long ago was used after the database was last away.
    pub(super) fn worked_since(&self, idle_for: Duration) -> bool {
        let last_away = *self
            .last_away
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last_away.is_none_or(|away| away.elapsed() > idle_for)
    }

    pub(super) async fn time<T>(
        &self,
        acquire: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let acquired = acquire.await;
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.acquires.fetch_add(1, Relaxed);
        self.microseconds.fetch_add(took, Relaxed);
        self.longest.fetch_max(took, Relaxed);
        if matches!(acquired, Err(sqlx::Error::PoolTimedOut)) {
            self.timeouts.fetch_add(1, Relaxed);
        }
        Ok(acquired?)
    }
}
