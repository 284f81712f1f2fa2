//! Decides when it is worth starting one more slot.
//!
//! A slot costs the start of its service: nothing for some services, seconds of a core for others. So another one
//! starts only if the scenarios left take longer than such a start: somewhat longer as long as there are free cores, and
//! much longer afterwards, because more slots than cores only use waiting times.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// On two cores, the second slot saves about a quarter of the time: the first one uses more than one core, with its
/// service and its database.
const GAIN_OF_A_CORE: u32 = 4;
/// Each slot more than cores saves about a twentieth of the time: a suite took 52.9 s with 4 slots on 2 cores, and 48.4 s
/// with 6.
const GAIN: u32 = 20;
/// The number of scenarios per slot after which their pace is known. A slot's first scenario is slow.
const WARM: u32 = 5;

/// The pause between two looks at the time.
const LOOK: Duration = Duration::from_millis(20);
/// After this number of failed starts without a single good one, the service can't start at all.
const HOPELESS: u32 = 3;

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// How fast scenarios finish.
#[derive(Default)]
pub struct Pace {
    /// When the first slot was ready.
    began: Cell<Option<Instant>>,
    /// When the first scenario ended.
    first_ended: Cell<Option<Instant>>,
    failed_starts: Cell<u32>,
    slots: Cell<u32>,
    /// The longest start of a slot.
    start: Cell<Duration>,
    ended: Cell<u32>,
    changed: Notify,
}

impl Pace {
    pub fn slot_was_made(&self, took: Duration) {
        self.slots.set(self.slots.get() + 1);
        self.start.set(self.start.get().max(took));
        if self.began.get().is_none() {
            self.began.set(Some(Instant::now()));
        }
    }

    pub fn start_failed(&self) {
        self.failed_starts.set(self.failed_starts.get() + 1);
    }

    /// Whether no slot was ever ready, after several attempts.
    pub fn is_hopeless(&self) -> bool {
        self.slots.get() == 0 && self.failed_starts.get() >= HOPELESS
    }

    /// Notes that a scenario has ended, or that no further one starts.
    pub fn scenario_ended(&self) {
        self.ended.set(self.ended.get() + 1);
        if self.first_ended.get().is_none() {
            self.first_ended.set(Some(Instant::now()));
        }
        self.changed.notify_waiters();
    }

    /// Waits until one more slot is worth its start, or until `left` returns 0.
    pub async fn another_slot(&self, has_core: bool, left: impl Fn() -> usize) {
        loop {
            let changed = self.changed.notified();
            let left = u32::try_from(left()).unwrap_or(u32::MAX);
            let is_worth_it = if has_core {
                self.is_worth_a_core(left)
            } else {
                self.is_worth_a_start(left)
            };
            if left == 0 || is_worth_it {
                return;
            }
            // A scenario that runs long says something too.
            let _ = tokio::time::timeout(LOOK, changed).await;
        }
    }

    fn is_worth_a_core(&self, left: u32) -> bool {
        let (Some(began), start) = (self.began.get(), self.start.get()) else {
            return false;
        };
        // The first scenario is slow, so it says only how long it takes itself.
        match (self.first_ended.get(), self.ended.get().saturating_sub(1)) {
            (Some(first), others @ 1..) => {
                first.elapsed().saturating_mul(left) / others > start * GAIN_OF_A_CORE
            }
            _ => began.elapsed() > start,
        }
    }

    fn is_worth_a_start(&self, left: u32) -> bool {
        let ended = self.ended.get();
        let Some(began) = self.began.get() else {
            return false;
        };
        if ended < WARM * self.slots.get() {
            return false;
        }
        began.elapsed().saturating_mul(left) / ended > self.start.get() * GAIN
    }
}
