//! Opens, checks and closes connections for bb8.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use bb8::ManageConnection;
use sqlx::{ConnectOptions, Connection};
use tokio::time::timeout;
use tracing::{info, warn};

use super::health::{Health, Verdict};

/// How long a connection may take to answer a ping.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection in the pool.
pub(super) struct Pooled<C> {
    /// `None` after the connection was closed.
    pub(super) connection: Option<C>,
    pub(super) last_used: Instant,
    pub(super) broken: bool,
}

pub(super) struct Manager<C: Connection> {
    pub(super) options: C::Options,
    pub(super) connect_timeout: Duration,
    pub(super) health: Arc<Health>,
    pub(super) closed: Arc<AtomicBool>,
    /// Whether the last attempt to connect failed: only the first failure and the recovery are logged.
    pub(super) failing: AtomicBool,
}

pub(super) fn is_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut)
}

/// Runs a future until a timeout, which is an error like one of the network.
pub(super) async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(sqlx::Error::Io(ErrorKind::TimedOut.into()).into()),
    }
}

/// Pings a connection. Answers of cancelled statements are read and ignored with it.
pub(super) async fn check<C: Connection>(
    pooled: &mut Pooled<C>,
    health: &Health,
) -> Result<(), sqlx::Error> {
    let Some(connection) = &mut pooled.connection else {
        return Err(sqlx::Error::PoolClosed);
    };
    let answer = timeout(PING_TIMEOUT, connection.ping()).await;
    match &answer {
        Err(_) => health.note_silent(),
        Ok(Err(_)) => health.note_lost(),
        Ok(Ok(())) => {
            pooled.last_used = Instant::now();
            health.note_answer();
        }
    }
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

impl<C: Connection + 'static> ManageConnection for Manager<C> {
    type Connection = Pooled<C>;
    type Error = sqlx::Error;

    async fn connect(&self) -> Result<Pooled<C>, sqlx::Error> {
        if self.closed.load(SeqCst) {
            return Err(sqlx::Error::PoolClosed);
        }
        // An attempt that began while the database was silent gets no answer afterwards either. Short attempts find out
        // sooner that the database is back.
        let silent = self.health.is_silent();
        let limit = if silent {
            PING_TIMEOUT
        } else {
            self.connect_timeout
        };
        let connected = within(limit, self.options.connect()).await;
        if !silent && connected.as_ref().is_err_and(is_timeout) {
            self.health.note_silent();
        }
        match &connected {
            Ok(_) if self.failing.swap(false, SeqCst) => info!("connected to the database again"),
            Err(error) if !self.failing.swap(true, SeqCst) => {
                warn!("can't connect to the database: {error}");
            }
            _ => {}
        }
        Ok(Pooled {
            connection: Some(connected?),
            last_used: Instant::now(),
            broken: false,
        })
    }

    async fn is_valid(&self, pooled: &mut Pooled<C>) -> Result<(), sqlx::Error> {
        match self.health.verdict(pooled.last_used) {
            // The pool is being emptied: the connection is taken to be closed.
            _ if self.closed.load(SeqCst) => Ok(()),
            Verdict::Use => Ok(()),
            Verdict::Ping => check(pooled, &self.health).await,
            Verdict::Close => Err(sqlx::Error::PoolTimedOut),
        }
    }

    fn has_broken(&self, pooled: &mut Pooled<C>) -> bool {
        pooled.broken || pooled.connection.is_none()
    }
}
