//! Connections that go from hand to hand.
//!
//! sqlx asks a connection whether it still lives each time it is given back, which takes as long as reading a row by
//! its key. One that has just answered needn't be asked: it waits here for whoever comes next, the last used in front,
//! and goes back to sqlx's pool once nobody wanted it for a moment. That pool goes on to count connections, to replace
//! old ones and to close those that are too many.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use sqlx::{Database, Pool, pool::PoolConnection};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::{Meter, TRUSTED_IDLE};

/// At least so often a connection goes back to sqlx's pool, which looks at its age.
const LONGEST_ROUND: Duration = Duration::from_secs(1);

/// The connections of one engine. Clones share them.
pub(in crate::store) struct Connections<DB: Database>(Arc<Shared<DB>>);

struct Shared<DB: Database> {
    pool: Pool<DB>,
    /// As many as there may be connections. Whoever waits, waits here, and not for sqlx's pool.
    places: Arc<Semaphore>,
    warm: Mutex<Vec<Warm<DB>>>,
    /// Whether somebody will come to take away what nobody wanted.
    tidied: AtomicBool,
    meter: Arc<Meter>,
}

/// A connection that has just answered.
struct Warm<DB: Database> {
    connection: PoolConnection<DB>,
    /// When it was taken from sqlx's pool.
    taken: Instant,
    used: Instant,
}

/// A connection that is somebody's. Unless it answered, sqlx asks it whether it still lives before others get it.
pub(in crate::store) struct Lent<DB: Database> {
    /// None only while this is dropped.
    connection: Option<PoolConnection<DB>>,
    taken: Instant,
    answered: bool,
    connections: Connections<DB>,
    /// Free for others after everything else.
    _place: OwnedSemaphorePermit,
}

impl<DB: Database> Clone for Connections<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<DB: Database> Connections<DB> {
    pub(in crate::store) fn new(pool: Pool<DB>, meter: &Arc<Meter>) -> Self {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        Self(Arc::new(Shared {
            pool,
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            warm: Mutex::default(),
            tidied: AtomicBool::default(),
            meter: Arc::clone(meter),
        }))
    }

    /// A connection that lives, as far as can be known.
    pub(in crate::store) async fn acquire(&self) -> Result<Lent<DB>, sqlx::Error> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().ok();
        let warm = place.as_ref().and_then(|_| self.take_warm());
        if let (Some(warm), Some(place)) = (warm, place) {
            return Ok(self.lend(warm.connection, warm.taken, place));
        }
        // Only who may have to wait needs a clock. Boxed, because what is seldom needed would make the future of every
        // request a large one, which is moved from hand to hand.
        let limit = self.0.pool.options().get_acquire_timeout();
        Box::pin(tokio::time::timeout(limit, self.wait_for_one()))
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    async fn wait_for_one(&self) -> Result<Lent<DB>, sqlx::Error> {
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        if let Some(warm) = self.take_warm() {
            return Ok(self.lend(warm.connection, warm.taken, place));
        }
        let connection = self.0.pool.acquire().await?;
        Ok(self.lend(connection, Instant::now(), place))
    }

    /// The connection that was used last, unless it has been idle for too long or the database was away since.
    fn take_warm(&self) -> Option<Warm<DB>> {
        let warm = self.warm().pop()?;
        let idle_for = warm.used.elapsed();
        (idle_for < TRUSTED_IDLE && self.0.meter.worked_since(idle_for)).then_some(warm)
    }

    fn lend(
        &self,
        connection: PoolConnection<DB>,
        taken: Instant,
        place: OwnedSemaphorePermit,
    ) -> Lent<DB> {
        Lent {
            connection: Some(connection),
            taken,
            answered: false,
            connections: self.clone(),
            _place: place,
        }
    }

    /// Keeps a connection that has just answered for the next who wants one.
    fn keep(&self, connection: PoolConnection<DB>, taken: Instant) {
        let used = Instant::now();
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if used.duration_since(taken) > LONGEST_ROUND || self.0.pool.is_closed() {
            return;
        }
        self.warm().push(Warm {
            connection,
            taken,
            used,
        });
        if !self.0.tidied.swap(true, SeqCst) {
            runtime.spawn(self.clone().tidy());
        }
    }

    /// Gives back what nobody wants any more, until nothing is left.
    async fn tidy(self) {
        loop {
            tokio::time::sleep(TRUSTED_IDLE).await;
            let mut warm = self.warm();
            // The last used stand behind.
            let unwanted = warm.partition_point(|one| one.used.elapsed() >= TRUSTED_IDLE);
            drop(warm.drain(..unwanted));
            if warm.is_empty() {
                self.0.tidied.store(false, SeqCst);
                return;
            }
        }
    }

    fn warm(&self) -> MutexGuard<'_, Vec<Warm<DB>>> {
        self.0.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Open connections, those of them that nobody uses, and the most there may be.
    pub(in crate::store) fn counts(&self) -> (u32, u32, u32) {
        let pool = &self.0.pool;
        let idle = pool.num_idle() + self.warm().len();
        (
            pool.size(),
            u32::try_from(idle).unwrap_or(u32::MAX),
            pool.options().get_max_connections(),
        )
    }

    /// Opens so many connections at once and hands them back, so that requests find them.
    pub(in crate::store) async fn warm_up(&self, count: u32) {
        let mut held = Vec::new();
        for _ in 0..count {
            match self.0.pool.acquire().await {
                Ok(connection) => held.push(connection),
                // A database that is away again is told of by those who need it.
                Err(_) => break,
            }
        }
    }

    /// Waits for queries that run and closes all connections.
    pub(in crate::store) async fn close(&self) {
        self.0.places.close();
        let closing = self.0.pool.close();
        self.warm().clear();
        closing.await;
    }
}

impl<DB: Database> Lent<DB> {
    /// What the connection answered. If that is no error, it is good for the next who wants one.
    pub(in crate::store) fn after<T, E>(mut self, answered: Result<T, E>) -> Result<T, E> {
        self.answered = answered.is_ok();
        answered
    }
}

impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.connection.as_ref().expect("taken only when dropped")
    }
}

impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.connection.as_mut().expect("taken only when dropped")
    }
}

impl<DB: Database> Drop for Lent<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && self.answered
        {
            self.connections.keep(connection, self.taken);
        }
    }
}
