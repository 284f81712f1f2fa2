//! Opens, checks and closes connections for bb8.

use std::{sync::Arc, time::Instant};

use bb8::ManageConnection;
use tokio::time::timeout;

use super::connector::{Connector, PING_TIMEOUT};
use super::health::{Health, Verdict};
use super::session::{Session, Simple};

/// A connection in the pool.
pub(super) struct Pooled<C> {
    /// `None` after the connection was closed.
    pub(super) connection: Option<Session<C>>,
    pub(super) opened: Instant,
    pub(super) last_used: Instant,
    pub(super) broken: bool,
}

pub(super) struct Manager<C: Simple> {
    pub(super) connector: Arc<Connector<C>>,
    pub(super) health: Arc<Health>,
}

/// Pings a connection. This also reads and discards responses of cancelled statements.
pub(super) async fn check<C: Simple>(
    pooled: &mut Pooled<C>,
    health: &Health,
) -> Result<(), sqlx::Error> {
    let Some(connection) = &mut pooled.connection else {
        return Err(sqlx::Error::PoolClosed);
    };
    let answer = timeout(PING_TIMEOUT, connection.ping()).await;
    match &answer {
        Err(_) => health.note_all_lost(),
        Ok(Err(_)) => health.note_lost(),
        Ok(Ok(())) => pooled.last_used = Instant::now(),
    }
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

impl<C: Simple + 'static> ManageConnection for Manager<C> {
    type Connection = Pooled<C>;
    type Error = sqlx::Error;

    async fn connect(&self) -> Result<Pooled<C>, sqlx::Error> {
        Ok(Pooled {
            connection: Some(self.connector.connect().await?),
            opened: Instant::now(),
            last_used: Instant::now(),
            broken: false,
        })
    }

    async fn is_valid(&self, pooled: &mut Pooled<C>) -> Result<(), sqlx::Error> {
        match self.health.verdict(pooled.opened, pooled.last_used) {
            // The pool is closing, and takes the connection only to close it.
            _ if self.connector.closed.is_cancelled() => Ok(()),
            Verdict::Use => Ok(()),
            Verdict::Ping => check(pooled, &self.health).await,
            Verdict::Close => Err(sqlx::Error::PoolTimedOut),
        }
    }

    fn has_broken(&self, pooled: &mut Pooled<C>) -> bool {
        pooled.broken || pooled.connection.is_none()
    }
}
