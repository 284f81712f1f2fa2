//! The connections of one engine, and the limits of their use.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use bb8::{PooledConnection, QueueStrategy, RunError};
use sqlx::{Connection, Database, Transaction};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::health::Health;
use super::manager::{Manager, PING_TIMEOUT, check, is_timeout, within};
use super::meter::{Meter, PoolNumbers};
use crate::store::error::StoreError;

/// How long the shutdown waits for connections that are in use, and for a database that does not answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The client's deadline is this much longer than the server's, so that the server's own error normally comes first.
const DEADLINE_MARGIN: Duration = Duration::from_secs(1);

/// How a pool is limited.
pub(super) struct Limits {
    pub(super) max: u32,
    pub(super) min_idle: u32,
    /// `None`: connections are never closed for their age.
    pub(super) max_lifetime: Option<Duration>,
    /// `None`: connections are never closed for being idle.
    pub(super) idle_timeout: Option<Duration>,
    pub(super) acquire_timeout: Duration,
    pub(super) connect_timeout: Duration,
    /// Zero: no limit.
    pub(super) statement_timeout: Duration,
}

/// The connections of one engine. Clones share them.
pub(in crate::store) struct Connections<C: Connection + 'static>(Arc<Shared<C>>);

struct Shared<C: Connection + 'static> {
    pool: bb8::Pool<Manager<C>>,
    /// One permit per connection that may be open. Requests queue here, first come first served; bb8's queue is unfair.
    permits: Arc<Semaphore>,
    max: u32,
    acquire_timeout: Duration,
    deadline: Duration,
    health: Arc<Health>,
    meter: Meter,
    closed: Arc<AtomicBool>,
    probing: AtomicBool,
}

impl<C: Connection + 'static> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Connection + 'static> Connections<C> {
    /// Makes the pool and opens `min_idle` connections in the background.
    pub(super) fn new(options: C::Options, limits: &Limits) -> Self {
        let (health, closed) = (Arc::<Health>::default(), Arc::<AtomicBool>::default());
        let manager = Manager {
            options,
            connect_timeout: limits.connect_timeout,
            health: Arc::clone(&health),
            closed: Arc::clone(&closed),
            failing: AtomicBool::default(),
        };
        let pool = bb8::Pool::builder()
            .max_size(limits.max)
            .min_idle(limits.min_idle)
            .max_lifetime(limits.max_lifetime)
            .idle_timeout(limits.idle_timeout)
            .connection_timeout(limits.acquire_timeout)
            .queue_strategy(QueueStrategy::Lifo)
            .build_unchecked(manager);
        let deadline = match limits.statement_timeout {
            Duration::ZERO => Duration::MAX,
            limit => limit + DEADLINE_MARGIN,
        };
        Self(Arc::new(Shared {
            pool,
            permits: Arc::new(Semaphore::new(limits.max as usize)),
            max: limits.max,
            acquire_timeout: limits.acquire_timeout,
            deadline,
            health,
            meter: Meter::default(),
            closed,
            probing: AtomicBool::default(),
        }))
    }

    /// A connection that works, as far as can be known.
    pub(in crate::store) async fn acquire(&self) -> Result<Acquired<C>, StoreError> {
        let started = Instant::now();
        let waiting = async {
            let permit = Arc::clone(&self.0.permits).acquire_owned().await;
            let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
            if self.0.closed.load(SeqCst) {
                return Err(sqlx::Error::PoolClosed);
            }
            match self.0.pool.get_owned().await {
                Ok(pooled) => Ok((pooled, permit)),
                Err(RunError::TimedOut) => Err(sqlx::Error::PoolTimedOut),
                Err(RunError::User(error)) => Err(error),
            }
        };
        let acquired = timeout(self.0.acquire_timeout, waiting).await;
        let acquired = acquired.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let timed_out = matches!(acquired, Err(sqlx::Error::PoolTimedOut));
        self.0.meter.count(started, timed_out);
        if timed_out && self.0.health.no_answer_for(self.0.acquire_timeout) {
            self.probe();
        }
        let (pooled, permit) = acquired?;
        Ok(Acquired {
            pooled: Some((pooled, permit)),
            state: State::Unknown,
            health: Arc::clone(&self.0.health),
        })
    }

    /// Finds out by a new connection whether the database still answers. If not, the connections in use are given up,
    /// because a server that comes back, or replaces this one, does not know them.
    fn probe(&self) {
        if self.0.probing.swap(true, SeqCst) {
            return;
        }
        let connections = self.clone();
        tokio::spawn(async move {
            let shared = &connections.0;
            let probe = within(PING_TIMEOUT, shared.pool.dedicated_connection()).await;
            if probe.as_ref().is_err_and(is_timeout) {
                shared.health.give_up();
            }
            shared.probing.store(false, SeqCst);
        });
    }

    /// Runs a statement or a transaction until the deadline. A database that has become unreachable without closing
    /// its connections would otherwise keep all of them in use.
    pub(in crate::store) async fn run<T, E: From<sqlx::Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::select! {
            biased;
            result = within(self.0.deadline, work) => result,
            () = self.0.health.given_up() => Err(sqlx::Error::Io(ErrorKind::TimedOut.into()).into()),
        }
    }

    pub(super) fn numbers(&self, other: Option<&Self>) -> PoolNumbers {
        let mut numbers = PoolNumbers {
            size: 0,
            idle: 0,
            in_use: 0,
            // SQLite's connection for writing is an additional one, which the configured limit does not include.
            max: self.0.max,
            acquires: 0,
            acquire_timeouts: 0,
            acquire_ms_mean: 0.0,
            acquire_ms_max: 0.0,
        };
        for pool in [
            Some(self),
            other.filter(|other| !Arc::ptr_eq(&self.0, &other.0)),
        ]
        .into_iter()
        .flatten()
        {
            let state = pool.0.pool.state();
            numbers.size += state.connections;
            numbers.idle += state.idle_connections;
            pool.0.meter.add_to(&mut numbers);
        }
        numbers.in_use = numbers.size.saturating_sub(numbers.idle);
        numbers
    }

    /// Waits for connections in use, then closes all; after a timeout, those that are left end with the process.
    pub(in crate::store) async fn close(&self) {
        self.0.closed.store(true, SeqCst);
        let closing = async {
            let _all = self.0.permits.acquire_many(self.0.max).await;
            while self.0.pool.state().idle_connections > 0 {
                let Ok(mut pooled) = self.0.pool.get().await else {
                    return;
                };
                if let Some(connection) = pooled.connection.take() {
                    // Nothing can be done about a connection that fails to close.
                    let _ = connection.close().await;
                }
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, closing).await;
    }
}

/// A connection in use. Dropping it returns it to the pool.
pub(in crate::store) struct Acquired<C: Connection + 'static> {
    /// The permit is released after the connection. `None` only while this is dropped.
    pooled: Option<(PooledConnection<'static, Manager<C>>, OwnedSemaphorePermit)>,
    state: State,
    health: Arc<Health>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The last statement was answered.
    Works,
    /// A statement failed, or was cancelled: an answer may still arrive.
    Unknown,
    Broken,
}

impl<C: Connection + 'static> Acquired<C> {
    pub(in crate::store) fn connection(&mut self) -> &mut C {
        let pooled = self.pooled.as_mut().map(|(pooled, _)| &mut **pooled);
        let connection = pooled.and_then(|pooled| pooled.connection.as_mut());
        connection.expect("taken only when dropped or closed")
    }

    /// Returns the connection to the pool, after what it answered.
    pub(in crate::store) fn finish<T, E: Into<StoreError>>(
        mut self,
        result: Result<T, E>,
    ) -> Result<T, StoreError> {
        let result = result.map_err(Into::into);
        self.state = match &result {
            Ok(_) => {
                self.health.note_answer();
                State::Works
            }
            Err(error) if error.is_silence() => {
                self.health.note_silent();
                State::Broken
            }
            Err(error) if error.ends_connection() => {
                self.health.note_lost();
                State::Broken
            }
            Err(_) => State::Unknown,
        };
        result
    }
}

impl<C: Connection + 'static> Drop for Acquired<C> {
    fn drop(&mut self) {
        let Some((mut pooled, permit)) = self.pooled.take() else {
            return;
        };
        pooled.last_used = Instant::now();
        match (self.state, Handle::try_current()) {
            (State::Works, _) => {}
            (State::Unknown, Ok(runtime)) => {
                let health = Arc::clone(&self.health);
                runtime.spawn(async move {
                    pooled.broken = check(&mut pooled, &health).await.is_err();
                    drop((pooled, permit));
                });
            }
            (State::Unknown | State::Broken, _) => pooled.broken = true,
        }
    }
}

/// Commits a transaction if its work succeeded, and rolls it back otherwise.
pub(in crate::store) async fn end_transaction<DB: Database, T>(
    transaction: Transaction<'_, DB>,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    match done {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to report; a connection that can't roll back is closed by the pool.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}
