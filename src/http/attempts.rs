//! How often somebody may try to log in or to get a token: so often a minute for an account, and for an address.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::error::ApiError;
use crate::config::Limits;

/// Attempts are remembered for so long.
const WINDOW: Duration = Duration::from_mins(1);
/// From so many names on, those whose attempts are all over are forgotten.
const MANY: usize = 10_000;

/// Whose attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

/// The attempts of the last minute. Each replica counts its own.
pub struct Attempts {
    per_account: usize,
    per_address: usize,
    seen: Mutex<HashMap<Key, VecDeque<Instant>>>,
}

impl Attempts {
    /// Nobody has tried yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            per_account: limits.attempts_per_account,
            per_address: limits.attempts_per_address,
            seen: Mutex::default(),
        }
    }

    /// Counts an attempt; when there were too many it doesn't count, and the answer is 429.
    pub fn count(&self, account: String, address: Option<IpAddr>) -> Result<(), ApiError> {
        let keys = [
            Some((Key::Account(account), self.per_account)),
            address.map(|address| (Key::Address(address), self.per_address)),
        ];
        // 0 means that there is no limit.
        let keys: Vec<_> = keys
            .into_iter()
            .flatten()
            .filter(|(_, limit)| *limit > 0)
            .collect();
        let now = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = keys
            .iter()
            .filter_map(|(key, limit)| wait(seen.get_mut(key)?, *limit, now));
        if let Some(wait) = waits.max() {
            return Err(ApiError::TooManyRequests(wait));
        }
        if seen.len() > MANY {
            seen.retain(|_, attempts| attempts.back().is_some_and(|last| now - *last < WINDOW));
        }
        for (key, _) in keys {
            seen.entry(key).or_default().push_back(now);
        }
        Ok(())
    }
}

/// How long to wait until one more is allowed; `None` when it is now.
fn wait(attempts: &mut VecDeque<Instant>, limit: usize, now: Instant) -> Option<Duration> {
    while attempts
        .front()
        .is_some_and(|first| now.saturating_duration_since(*first) >= WINDOW)
    {
        attempts.pop_front();
    }
    let first = attempts.front().filter(|_| attempts.len() >= limit)?;
    Some(WINDOW.saturating_sub(now.saturating_duration_since(*first)))
}
