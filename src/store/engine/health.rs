//! What past failures and answers say about connections.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// An idle connection that was used more recently needs no ping, as long as nothing failed since.
const TRUSTED_IDLE: Duration = Duration::from_millis(100);
/// How long the database counts as silent after a timeout, unless it answers.
const SILENCE: Duration = Duration::from_secs(10);

/// The times of the last events of a pool's connections.
pub(super) struct Health {
    started: Instant,
    /// In microseconds since `started`, as are the other times; 0 means never.
    answered: AtomicU64,
    /// A connection was lost.
    lost: AtomicU64,
    /// The database did not answer in time.
    silent: AtomicU64,
    /// Notified when connections in use are given up.
    given_up: Notify,
}

/// What to do with an idle connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Use,
    Ping,
    /// Pinging connections one after the other, each until its timeout, would take longer than a request waits.
    Close,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            answered: AtomicU64::default(),
            lost: AtomicU64::default(),
            silent: AtomicU64::default(),
            given_up: Notify::new(),
        }
    }
}

impl Health {
    pub(super) fn note_answer(&self) {
        self.answered.store(self.at(Instant::now()), Relaxed);
    }

    pub(super) fn note_lost(&self) {
        self.lost.store(self.at(Instant::now()), Relaxed);
    }

    pub(super) fn note_silent(&self) {
        self.silent.store(self.at(Instant::now()), Relaxed);
    }

    /// What to do with an idle connection that was last used at this time.
    pub(super) fn verdict(&self, last_used: Instant) -> Verdict {
        let used = self.at(last_used);
        if self.silent.load(Relaxed) >= used {
            Verdict::Close
        } else if self.lost.load(Relaxed) >= used || last_used.elapsed() >= TRUSTED_IDLE {
            Verdict::Ping
        } else {
            Verdict::Use
        }
    }

    /// Whether the database did not answer in time recently, and has not answered since.
    pub(super) fn is_silent(&self) -> bool {
        let silent = self.silent.load(Relaxed);
        let recent = self.at(Instant::now()).saturating_sub(micros(SILENCE));
        silent > self.answered.load(Relaxed).max(recent)
    }

    /// Whether the database has not answered for this long.
    pub(super) fn no_answer_for(&self, duration: Duration) -> bool {
        self.answered.load(Relaxed) + micros(duration) <= self.at(Instant::now())
    }

    /// Gives up all connections in use: their statements fail as if their deadline had passed.
    pub(super) fn give_up(&self) {
        self.note_silent();
        self.given_up.notify_waiters();
    }

    /// Completes when connections in use are given up.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    fn at(&self, time: Instant) -> u64 {
        1 + micros(time.saturating_duration_since(self.started))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::Ordering::Relaxed, time::Duration};

    use super::{Health, Verdict};

    #[test]
    fn failures_count_against_connections_that_were_used_before() {
        let health = Health::default();
        let verdict = |micros| health.verdict(health.started + Duration::from_micros(micros));
        assert_eq!(verdict(10), Verdict::Use);
        health.lost.store(20, Relaxed);
        assert_eq!(verdict(10), Verdict::Ping);
        assert_eq!(verdict(30), Verdict::Use);
        health.silent.store(40, Relaxed);
        assert_eq!(verdict(30), Verdict::Close);
        assert!(health.is_silent());
        health.answered.store(50, Relaxed);
        assert!(!health.is_silent());
    }
}
