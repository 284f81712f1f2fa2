//! A pool of connections of one engine, with its limits.

use std::{
    future::pending,
    io::ErrorKind,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use bb8::{PooledConnection, QueueStrategy, RunError};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::connector::{Connector, within};
use super::health::Health;
use super::manager::{Manager, check};
use super::meter::{Meter, PoolNumbers};
use super::probe::Probe;
use super::session::{Session, Simple};
use crate::store::error::StoreError;
use crate::telemetry::waiting_for_connection;

/// How long closing the pool waits for connections in use, and for a database that does not answer.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The client's deadline is this much longer than the server's, so that the server's own error normally comes first.
const DEADLINE_MARGIN: Duration = Duration::from_secs(1);

/// The limits of a pool.
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
    /// The statements that begin a transaction.
    pub(super) begin: String,
    /// Whether connections go through PgBouncer.
    pub(super) is_pooled: bool,
    /// Whether there is a network between us and the database, in which connections get lost without a sign.
    pub(super) is_remote: bool,
}

/// The connections of one engine. Clones share them.
pub(in crate::store) struct Connections<C: Simple + 'static>(Arc<Shared<C>>);

struct Shared<C: Simple + 'static> {
    pool: bb8::Pool<Manager<C>>,
    /// One permit per connection that may be open. Requests wait here in order of arrival; bb8's queue is not fair.
    permits: Arc<Semaphore>,
    max: u32,
    acquire_timeout: Duration,
    deadline: Duration,
    begin: Arc<str>,
    health: Arc<Health>,
    meter: Meter,
    closed: CancellationToken,
    /// `None` without a network.
    probe: Option<Arc<Probe<C>>>,
}

impl<C: Simple + 'static> Clone for Connections<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Simple + 'static> Connections<C> {
    /// Creates the pool, and opens `min_idle` connections in the background.
    pub(super) fn new(options: C::Options, limits: &Limits) -> Self {
        let (health, closed) = (Arc::<Health>::default(), CancellationToken::new());
        let connector = Arc::new(Connector {
            name: Arc::new(C::name(&options)),
            options,
            connect_timeout: limits.connect_timeout,
            retry_timeout: limits.acquire_timeout,
            is_pooled: limits.is_pooled,
            closed: closed.clone(),
            failing: AtomicBool::default(),
            last_success: watch::Sender::new(None),
            retry_permit: Semaphore::new(1),
        });
        let probe = limits.is_remote.then(|| {
            let probe = Probe::new(Arc::clone(&connector), Arc::clone(&health));
            Arc::new(probe)
        });
        let manager = Manager {
            connector,
            health: Arc::clone(&health),
        };
        let pool = bb8::Pool::builder()
            .max_size(limits.max)
            .min_idle(limits.min_idle)
            .max_lifetime(limits.max_lifetime)
            .idle_timeout(limits.idle_timeout)
            .connection_timeout(limits.acquire_timeout)
            .retry_connection(false)
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
            begin: limits.begin.as_str().into(),
            health,
            meter: Meter::default(),
            closed,
            probe,
        }))
    }

    /// Waits for a connection. It is pinged first if the pool has a reason to doubt it.
    pub(in crate::store) async fn acquire(&self) -> Result<Acquired<C>, StoreError> {
        let started = Instant::now();
        let span = waiting_for_connection();
        let waiting = async {
            let permit = Arc::clone(&self.0.permits).acquire_owned().await;
            let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
            if self.0.closed.is_cancelled() {
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
        if acquired.is_err() {
            span.record("otel.status_code", "ERROR");
            span.record(
                "error.type",
                if timed_out { "timeout" } else { "unavailable" },
            );
        }
        let (pooled, permit) = acquired?;
        Ok(Acquired {
            pooled: Some((pooled, permit)),
            state: State::Unknown,
            begin: Arc::clone(&self.0.begin),
            health: Arc::clone(&self.0.health),
        })
    }

    /// Runs a statement or a transaction until the deadline, or until it is certain that it gets no answer: a database
    /// that has become unreachable without closing its connections would otherwise keep all of them in use.
    pub(in crate::store) async fn run<T, E: From<sqlx::Error>>(
        &self,
        process: Option<i32>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let lost = async {
            match &self.0.probe {
                Some(probe) => probe.lost(process).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            result = within(self.0.deadline, work) => result,
            () = lost => Err(sqlx::Error::Io(ErrorKind::TimedOut.into()).into()),
        }
    }

    pub(super) fn numbers(&self, other: Option<&Self>) -> PoolNumbers {
        let mut numbers = PoolNumbers {
            // The configured limit does not include SQLite's connection for writing.
            max: self.0.max,
            ..PoolNumbers::default()
        };
        let other = other.filter(|other| !Arc::ptr_eq(&self.0, &other.0));
        for pool in std::iter::once(self).chain(other) {
            let state = pool.0.pool.state();
            numbers.size += state.connections;
            numbers.idle += state.idle_connections;
            pool.0.meter.add_to(&mut numbers);
        }
        numbers.in_use = numbers.size.saturating_sub(numbers.idle);
        numbers
    }

    /// Waits for connections in use, then closes all. After a timeout, the remaining ones end with the process.
    pub(in crate::store) async fn close(&self) {
        self.0.closed.cancel();
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
pub(in crate::store) struct Acquired<C: Simple + 'static> {
    /// The permit is released after the connection. `None` only while this is dropped.
    pooled: Option<(PooledConnection<'static, Manager<C>>, OwnedSemaphorePermit)>,
    state: State,
    /// The statements that begin a transaction.
    begin: Arc<str>,
    health: Arc<Health>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The last statement was answered.
    Works,
    /// A statement failed or was cancelled: its response may still arrive.
    Unknown,
    Broken,
}

impl<C: Simple + 'static> Acquired<C> {
    fn session(&mut self) -> &mut Session<C> {
        let pooled = self.pooled.as_mut().map(|(pooled, _)| &mut **pooled);
        let session = pooled.and_then(|pooled| pooled.connection.as_mut());
        session.expect("taken only when dropped or closed")
    }

    /// The server's process behind the connection, if it is known.
    pub(in crate::store) fn process(&mut self) -> Option<i32> {
        self.session().process()
    }

    /// The session for one statement. Through PgBouncer, settings and prepared statements last only for one
    /// transaction, so the statement gets a transaction of its own.
    pub(in crate::store) async fn for_statement(&mut self) -> Result<&mut Session<C>, sqlx::Error> {
        if self.session().is_pooled() {
            self.begin().await
        } else {
            Ok(self.session())
        }
    }

    pub(in crate::store) async fn begin(&mut self) -> Result<&mut Session<C>, sqlx::Error> {
        let begin = Arc::clone(&self.begin);
        let session = self.session();
        session.begin(&begin).await?;
        Ok(session)
    }

    /// Commits the transaction, if one was begun, or rolls it back after an error.
    pub(in crate::store) async fn end<T, E: From<sqlx::Error>>(
        &mut self,
        done: Result<T, E>,
    ) -> Result<T, E> {
        self.session().end(done).await
    }

    /// Notes the result of the work, and returns the connection to the pool.
    pub(in crate::store) fn finish<T, E: Into<StoreError>>(
        mut self,
        result: Result<T, E>,
    ) -> Result<T, StoreError> {
        let result = result.map_err(Into::into);
        self.state = match &result {
            Ok(_) => State::Works,
            Err(error) if error.ends_all_connections() => {
                self.health.note_all_lost();
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

impl<C: Simple + 'static> Drop for Acquired<C> {
    fn drop(&mut self) {
        let Some((mut pooled, permit)) = self.pooled.take() else {
            return;
        };
        pooled.last_used = Instant::now();
        let open = pooled.connection.as_ref();
        if open.is_some_and(Session::is_in_transaction) {
            self.state = State::Broken;
        }
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
