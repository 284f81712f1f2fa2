//! A read replica: it answers reads while its lag is small.
//!
//! The lag is measured without comparing clocks. A task polls the positions of both servers in the write-ahead log.
//! When the replica has passed a position of the primary, it has replayed everything that the primary had written when
//! that position was read. The replica answers a request with a token only if it has replayed everything that the
//! primary had written when the token was checked. So clients see their own writes, whichever process of the service
//! wrote them.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use super::engine::{self, Pool};
use super::error::StoreError;
use crate::config::{self, Target};

/// How long an answer may take; after that, the primary is asked.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Positions in the write-ahead log, in bytes. `REPLAYED` is null on a server that is not a replica.
pub(super) const WRITTEN: &str = "select (pg_current_wal_flush_lsn() - '0/0')::bigint";
const REPLAYED: &str = "select case when pg_is_in_recovery()
                                    then (pg_last_wal_replay_lsn() - '0/0')::bigint
                               end";

tokio::task_local! {
    /// The position that a replica must have replayed to answer this request.
    static NEEDED: i64;
}

/// Lets the statements of a request read from the replica, if the replica has replayed this position.
pub async fn reading_from<F: Future>(position: i64, handling: F) -> F::Output {
    NEEDED.scope(position, handling).await
}

/// The position that the current request needs; `None` if the primary has to answer it.
pub(super) fn needed() -> Option<i64> {
    NEEDED.try_with(|position| *position).ok()
}

#[derive(Clone)]
pub(super) struct Replica {
    pub(super) pool: Pool,
    state: Arc<State>,
    /// The task that polls the positions. It ends with the last clone.
    _watching: Arc<AbortOnDropHandle<()>>,
}

struct State {
    max_lag: Duration,
    replayed: AtomicI64,
    /// The latest time whose writes on the primary the replica has replayed.
    fresh_at: Mutex<Option<Instant>>,
    /// Whether it failed or lagged too much at the last poll: only changes are logged.
    unusable: AtomicBool,
}

impl State {
    fn is_fresh(&self) -> bool {
        let fresh_at = *self.fresh_at.lock().expect("no holder panics");
        fresh_at.is_some_and(|time| time.elapsed() < self.max_lag)
    }

    fn set_fresh(&self, time: Option<Instant>) {
        *self.fresh_at.lock().expect("no holder panics") = time;
    }

    fn note(&self, failure: Option<String>) {
        match failure {
            None if self.is_fresh() && self.unusable.swap(false, SeqCst) => {
                info!("the read replica answers");
            }
            None if !self.is_fresh() && !self.unusable.swap(true, SeqCst) => {
                let lag = self.max_lag;
                warn!("the read replica is more than {lag:?} behind; the primary answers instead");
            }
            Some(reason) if !self.unusable.swap(true, SeqCst) => {
                warn!("the read replica can't be used: {reason}; the primary answers instead");
            }
            _ => {}
        }
    }
}

impl Replica {
    pub(super) fn new(target: &Target, primary: &Target, settings: &config::Database) -> Self {
        let state = Arc::new(State {
            max_lag: settings.max_replica_lag,
            replayed: AtomicI64::default(),
            fresh_at: Mutex::default(),
            unusable: AtomicBool::new(true),
        });
        let one = config::Database {
            max_conns: NonZeroU32::MIN,
            min_conns: 0,
            ..settings.clone()
        };
        let watch = Watch {
            primary: engine::single(primary, settings),
            replica: engine::replica(target, &one),
            state: Arc::clone(&state),
            written: VecDeque::default(),
        };
        Self {
            pool: engine::replica(target, settings),
            state,
            _watching: Arc::new(AbortOnDropHandle::new(tokio::spawn(watch.forever()))),
        }
    }

    /// Whether its lag was small enough at the last poll.
    pub(super) fn is_fresh(&self) -> bool {
        self.state.is_fresh()
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the replica may answer a request that needs this position.
    pub(super) async fn has_replayed(&self, needed: i64) -> bool {
        if !self.state.is_fresh() {
            return false;
        }
        if self.state.replayed.load(SeqCst) >= needed {
            return true;
        }
        // The last poll may be older than the request.
        let replayed = tokio::time::timeout(ANSWER_TIMEOUT, position(&self.pool, REPLAYED)).await;
        matches!(replayed, Ok(Ok(Some(replayed))) if replayed >= needed)
    }

    /// The answer of the replica; `None` if it fails. Then the primary answers.
    pub(super) async fn answer<T>(
        &self,
        asking: impl Future<Output = Result<T, StoreError>>,
    ) -> Option<T> {
        let failure = match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer in time".to_owned(),
        };
        // The replica is not used until a poll succeeds.
        self.state.set_fresh(None);
        self.state.note(Some(failure));
        None
    }
}

pub(super) async fn position(pool: &Pool, query: &'static str) -> Result<Option<i64>, StoreError> {
    on_db!(*pool, db => sqlx::query_scalar(query).fetch_one(db))
}

/// Polls the positions of both servers.
struct Watch {
    primary: Pool,
    replica: Pool,
    state: Arc<State>,
    /// Positions of the primary, with the time when each was read. The replica has replayed at most the first of them.
    written: VecDeque<(Instant, i64)>,
}

impl Watch {
    async fn forever(mut self) {
        let pause = self.state.max_lag / 5;
        let pause = pause.clamp(Duration::from_millis(20), Duration::from_millis(500));
        loop {
            let polled = tokio::time::timeout(ANSWER_TIMEOUT, self.poll()).await;
            let failure = match polled {
                Ok(Ok(())) => None,
                Ok(Err(reason)) => Some(reason),
                Err(_) => Some("it does not answer in time".to_owned()),
            };
            if failure.is_some() {
                self.state.set_fresh(None);
            }
            self.state.note(failure);
            tokio::time::sleep(pause).await;
        }
    }

    async fn poll(&mut self) -> Result<(), String> {
        let time = Instant::now();
        let written = position(&self.primary, WRITTEN).await;
        let written = written.map_err(|error| format!("the primary: {error}"))?;
        let written = written.ok_or("the primary does not report its position")?;
        let replayed = position(&self.replica, REPLAYED).await;
        let replayed = replayed.map_err(|error| error.to_string())?;
        let replayed = replayed.ok_or("it is not a replica, or no longer one")?;
        self.written.push_back((time, written));
        while self
            .written
            .get(1)
            .is_some_and(|(_, next)| *next <= replayed)
        {
            self.written.pop_front();
        }
        // Positions that are older than the limit can't make the replica fresh.
        let limit = self.state.max_lag;
        while self.written.len() > 1 && self.written[0].0.elapsed() > limit {
            self.written.pop_front();
        }
        let fresh_at = self
            .written
            .front()
            .filter(|(_, written)| *written <= replayed);
        self.state.replayed.store(replayed, SeqCst);
        self.state.set_fresh(fresh_at.map(|(time, _)| *time));
        Ok(())
    }
}
