//! Limits attempts to log in or to get a token, per account and per address.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::error::ApiError;
use crate::config::Limits;

const WINDOW: Duration = Duration::from_mins(1);
/// With more keys than this, those without an attempt in the window are removed.
const MAX_IDLE_KEYS: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

/// The attempts of the last minute. Each replica counts its own.
pub struct RateLimit {
    per_account: usize,
    per_address: usize,
    attempts: Mutex<HashMap<Key, VecDeque<Instant>>>,
}

impl RateLimit {
    pub fn new(limits: &Limits) -> Self {
        Self {
            per_account: limits.attempts_per_account,
            per_address: limits.attempts_per_address,
            attempts: Mutex::default(),
        }
    }

    /// Counts an attempt. One that exceeds a limit is 429, and is not counted.
    pub fn check(&self, account: String, address: Option<IpAddr>) -> Result<(), ApiError> {
        let keys = [
            Some((Key::Account(account), self.per_account)),
            address.map(|address| (Key::Address(address), self.per_address)),
        ];
        // 0 means no limit.
        let limited = keys.into_iter().flatten().filter(|(_, limit)| *limit > 0);
        let keys: Vec<_> = limited.collect();
        let now = Instant::now();
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = keys
            .iter()
            .filter_map(|(key, limit)| wait(attempts.get_mut(key)?, *limit, now));
        if let Some(wait) = waits.max() {
            return Err(ApiError::TooManyRequests(wait));
        }
        if attempts.len() > MAX_IDLE_KEYS {
            attempts.retain(|_, times| times.back().is_some_and(|last| now - *last < WINDOW));
        }
        for (key, _) in keys {
            attempts.entry(key).or_default().push_back(now);
        }
        Ok(())
    }
}

/// How long to wait for the next attempt, or `None` if it is allowed now.
fn wait(times: &mut VecDeque<Instant>, limit: usize, now: Instant) -> Option<Duration> {
    let age = |time: &Instant| now.saturating_duration_since(*time);
    while times.front().is_some_and(|first| age(first) >= WINDOW) {
        times.pop_front();
    }
    let first = times.front().filter(|_| times.len() >= limit)?;
    Some(WINDOW.saturating_sub(age(first)))
}
