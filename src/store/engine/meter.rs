//! Measures how long requests wait for a connection.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use serde::Serialize;

/// The state of the pool of connections. Times are in milliseconds.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct PoolNumbers {
    /// Open connections.
    #[schema(example = 5)]
    pub size: u32,
    /// Open connections that are not in use.
    #[schema(example = 4)]
    pub idle: u32,
    /// Open connections that are in use.
    #[schema(example = 1)]
    pub in_use: u32,
    /// The maximum number of open connections.
    #[schema(example = 25)]
    pub max: u32,
    /// How often a connection was requested.
    #[schema(example = 1024)]
    pub acquires: u64,
    /// How often no connection was available in time.
    #[schema(example = 0)]
    pub acquire_timeouts: u64,
    /// The mean time to get a connection.
    #[schema(example = 0.02)]
    pub acquire_ms_mean: f64,
    /// The longest time to get a connection.
    #[schema(example = 3.1)]
    pub acquire_ms_max: f64,
}

#[derive(Default)]
pub(super) struct Meter {
    acquires: AtomicU64,
    timeouts: AtomicU64,
    microseconds: AtomicU64,
    longest: AtomicU64,
}

impl Meter {
    /// Counts one wait for a connection.
    pub(super) fn count(&self, started: Instant, timed_out: bool) {
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.acquires.fetch_add(1, Relaxed);
        self.microseconds.fetch_add(took, Relaxed);
        self.longest.fetch_max(took, Relaxed);
        self.timeouts.fetch_add(timed_out.into(), Relaxed);
    }

    /// Adds its counts to the numbers of a pool.
    pub(super) fn add_to(&self, numbers: &mut PoolNumbers) {
        let milliseconds = |counter: &AtomicU64| {
            Duration::from_micros(counter.load(Relaxed)).as_secs_f64() * 1000.0
        };
        let before = numbers.acquire_ms_mean * numbers.acquires as f64;
        numbers.acquires += self.acquires.load(Relaxed);
        numbers.acquire_timeouts += self.timeouts.load(Relaxed);
        numbers.acquire_ms_mean =
            (before + milliseconds(&self.microseconds)) / numbers.acquires.max(1) as f64;
        numbers.acquire_ms_max = numbers.acquire_ms_max.max(milliseconds(&self.longest));
    }
}
