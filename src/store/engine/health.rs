//! What the last failures say about connections that are idle.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// An idle connection that was used more recently needs no ping, as long as nothing failed since.
const TRUSTED_IDLE: Duration = Duration::from_millis(100);

/// When a connection last failed. Shared by all connections of a pool.
#[derive(Default)]
pub(super) struct Health(Mutex<Failures>);

#[derive(Default, Clone, Copy)]
struct Failures {
    /// A connection was lost.
    lost: Option<Instant>,
    /// The database did not answer in time.
    silent: Option<Instant>,
}

/// What to do with an idle connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Use,
    Ping,
    /// Pinging connections one after the other, each until its timeout, would take longer than a request waits.
    Close,
}

impl Health {
    pub(super) fn note_lost(&self) {
        self.with(|failures| failures.lost = Some(Instant::now()));
    }

    pub(super) fn note_silent(&self) {
        self.with(|failures| failures.silent = Some(Instant::now()));
    }

    /// What to do with an idle connection that was last used at this time.
    pub(super) fn verdict(&self, last_used: Instant) -> Verdict {
        let failures = self.with(|failures| *failures);
        let since = |failure: Option<Instant>| failure.is_some_and(|failure| failure >= last_used);
        if since(failures.silent) {
            Verdict::Close
        } else if since(failures.lost) || last_used.elapsed() >= TRUSTED_IDLE {
            Verdict::Ping
        } else {
            Verdict::Use
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Failures) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Health, Verdict};

    #[test]
    fn failures_count_against_connections_that_were_used_before() {
        let health = Health::default();
        assert_eq!(health.verdict(Instant::now()), Verdict::Use);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1));
        assert_eq!(
            long_ago.map(|time| health.verdict(time)),
            Some(Verdict::Ping)
        );
        let before = Instant::now();
        health.note_lost();
        assert_eq!(health.verdict(before), Verdict::Ping);
        assert_eq!(health.verdict(Instant::now()), Verdict::Use);
        health.note_silent();
        assert_eq!(health.verdict(before), Verdict::Close);
    }
}
