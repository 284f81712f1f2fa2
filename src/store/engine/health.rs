//! Decides from past failures and answers whether an idle connection can be used.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

/// An idle connection needs no ping if it was used within this time and nothing has failed since.
const TRUSTED_IDLE: Duration = Duration::from_millis(100);

/// The times of the last events of a pool's connections.
pub(super) struct Health {
    started: Instant,
    /// A connection was lost. In microseconds since `started`, as is the other time; 0 means never.
    lost: AtomicU64,
    /// All connections were lost: the database did not answer in time, or its server is no longer the right one.
    all_lost: AtomicU64,
}

/// What to do with an idle connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Use,
    Ping,
    /// Pinging all idle connections, each until its timeout, would take longer than a request waits.
    Close,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            lost: AtomicU64::default(),
            all_lost: AtomicU64::default(),
        }
    }
}

impl Health {
    pub(super) fn note_lost(&self) {
        self.lost.store(self.at(Instant::now()), Relaxed);
    }

    pub(super) fn note_all_lost(&self) {
        self.all_lost.store(self.at(Instant::now()), Relaxed);
    }

    /// What to do with an idle connection that was opened and last used at these times.
    pub(super) fn verdict(&self, opened: Instant, last_used: Instant) -> Verdict {
        let used = self.at(last_used);
        if self.all_lost.load(Relaxed) >= self.at(opened) {
            Verdict::Close
        } else if self.lost.load(Relaxed) >= used || last_used.elapsed() >= TRUSTED_IDLE {
            Verdict::Ping
        } else {
            Verdict::Use
        }
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
        let at = |micros| health.started + Duration::from_micros(micros);
        let verdict = |micros| health.verdict(at(5), at(micros));
        assert_eq!(verdict(10), Verdict::Use);
        health.lost.store(20, Relaxed);
        assert_eq!(verdict(10), Verdict::Ping);
        assert_eq!(verdict(30), Verdict::Use);
        health.all_lost.store(40, Relaxed);
        assert_eq!(verdict(50), Verdict::Close);
        assert_eq!(health.verdict(at(45), at(50)), Verdict::Use);
    }
}
