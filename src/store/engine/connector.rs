//! Opens connections.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use sqlx::ConnectOptions;
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot, watch},
    task::spawn_blocking,
    time::{Instant, interval_at, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::session::{Session, Simple};
use crate::store::error::plain;
use crate::telemetry::DatabaseName;

/// How long a connection may take to answer a ping.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// The pause after an attempt to connect that failed.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// The pause between attempts that are made beside one that gets no answer.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Connector<C: Simple> {
    pub(super) options: C::Options,
    pub(super) connect_timeout: Duration,
    /// The database's name in traces.
    pub(super) name: Arc<DatabaseName>,
    /// How long failed attempts to connect are repeated.
    pub(super) retry_timeout: Duration,
    /// Whether connections go through PgBouncer.
    pub(super) is_pooled: bool,
    /// Cancelled when the pool is closed.
    pub(super) closed: CancellationToken,
    /// Whether the last attempt to connect failed: only the first failure and the recovery are logged.
    pub(super) failing: AtomicBool,
    /// The last attempt that succeeded, for callers that wait on an older one.
    pub(super) last_success: watch::Sender<Option<Success>>,
    /// One permit: its holder starts an attempt every [`ATTEMPT_PAUSE`].
    pub(super) retry_permit: Semaphore,
}

pub(super) struct Success {
    began: Instant,
    took: Duration,
}

/// Runs a future with a timeout, which is reported as a network error.
pub(super) async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(sqlx::Error::Io(ErrorKind::TimedOut.into()).into()),
    }
}

impl<C: Simple + 'static> Connector<C> {
    /// Connects, and tries again for a while. bb8's own pauses between attempts become too long.
    pub(super) async fn connect(&self) -> Result<Session<C>, sqlx::Error> {
        let began = Instant::now();
        loop {
            if self.closed.is_cancelled() {
                return Err(sqlx::Error::PoolClosed);
            }
            let connected = self.connect_once().await;
            match &connected {
                Ok(_) if self.failing.swap(false, SeqCst) => {
                    info!("connected to the database again");
                }
                Err(error) if !self.failing.swap(true, SeqCst) => {
                    warn!("can't connect to the database: {}", plain(error));
                }
                _ => {}
            }
            if connected.is_ok() || began.elapsed() >= self.retry_timeout {
                return connected;
            }
            sleep(RETRY_PAUSE).await;
        }
    }

    /// Connects. An attempt that began while the database was silent gets no answer afterwards either, so there are
    /// further attempts beside it.
    pub(super) async fn connect_once(&self) -> Result<Session<C>, sqlx::Error> {
        tokio::select! {
            connected = self.attempt() => connected,
            session = self.further_attempts() => Ok(session),
        }
    }

    /// Further attempts beside one that gets no answer. One caller at a time starts one every [`ATTEMPT_PAUSE`], so that
    /// many callers don't flood a database that is down. When one succeeds, each other caller whose own attempt is older
    /// starts one more.
    async fn further_attempts(&self) -> Session<C> {
        let mut successes = self.last_success.subscribe();
        let mut last_began = Instant::now();
        let mut attempts = FuturesUnordered::new();
        let mut permit = None;
        let mut ticks = interval_at(last_began + ATTEMPT_PAUSE, ATTEMPT_PAUSE);
        loop {
            let attempt_again = tokio::select! {
                Some(connected) = attempts.next() => match connected {
                    Ok(session) => return session,
                    Err(_) => false,
                },
                _ = ticks.tick() => {
                    permit = permit.or_else(|| self.retry_permit.try_acquire().ok());
                    permit.is_some()
                }
                Ok(()) = successes.changed() => {
                    let success = successes.borrow_and_update();
                    success.as_ref().is_some_and(|success| success.began > last_began + success.took)
                }
            };
            if attempt_again {
                last_began = Instant::now();
                attempts.push(self.attempt());
            }
        }
    }

    /// One attempt, on a thread of its own. While sqlx computes SCRAM's keys it yields hundreds of times, and on a busy
    /// runtime every time to all other tasks, so that a log-in would take seconds.
    async fn attempt(&self) -> Result<Session<C>, sqlx::Error> {
        let began = Instant::now();
        let options = self.options.clone();
        let (limit, is_pooled) = (self.connect_timeout, self.is_pooled);
        let (name, closed) = (Arc::clone(&self.name), self.closed.clone());
        let (mut sender, receiver) = oneshot::channel();
        let runtime = Handle::current();
        spawn_blocking(move || {
            let connecting = within(limit, async {
                Session::new(options.connect().await?, name, is_pooled).await
            });
            runtime.block_on(async {
                tokio::select! {
                    connected = connecting => drop(sender.send(connected)),
                    () = sender.closed() => {}
                    () = closed.cancelled() => {}
                }
            });
        });
        let connected = receiver.await.unwrap_or(Err(sqlx::Error::PoolClosed));
        if connected.is_ok() {
            let took = began.elapsed();
            self.last_success
                .send_replace(Some(Success { began, took }));
        }
        connected
    }
}
