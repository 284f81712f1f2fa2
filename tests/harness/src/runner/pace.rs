//! Decides when it is worth starting one more slot.
//!
//! A slot costs the start of its service: nothing for some services, seconds of a core for others. More slots than
//! cores only use waiting times, so they start only if the scenarios left take much longer than such a start.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// Each slot more than cores saves about a twentieth of the time: a suite took 52.9 s with 4 slots on 2 cores, and 48.4 s
/// with 6.
const GAIN: u32 = 20;
/// The number of scenarios per slot after which their pace is known. A slot's first scenario is slow.
const WARM: u32 = 5;

/// How fast scenarios finish.
#[derive(Default)]
pub struct Pace {
    /// When the first slot was ready.
    began: Cell<Option<Instant>>,
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

    /// Notes that a scenario has ended, or that no further one starts.
    pub fn scenario_ended(&self) {
        self.ended.set(self.ended.get() + 1);
        self.changed.notify_waiters();
    }

    /// Waits until one more slot is worth its start, or until `left` returns 0.
    pub async fn another_slot(&self, left: impl Fn() -> usize) {
        loop {
            let changed = self.changed.notified();
            let left = left();
            if left == 0 || self.is_worth_a_start(left) {
                return;
            }
            changed.await;
        }
    }

    fn is_worth_a_start(&self, left: usize) -> bool {
        let ended = self.ended.get();
        let Some(began) = self.began.get() else {
            return false;
        };
        if ended < WARM * self.slots.get() {
            return false;
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        began.elapsed().saturating_mul(left) / ended > self.start.get() * GAIN
    }
}
