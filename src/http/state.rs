//! What handlers and middleware share.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use rand::random;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::rate_limit::RateLimit;
use super::request_metrics::RequestMetrics;
use crate::auth::{passwords::Passwords, tokens::Tokens};
use crate::config::{Config, Secret};
use crate::store::Store;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub store: Store,
    pub passwords: Passwords,
    pub tokens: Tokens,
    pub token_lifetime: Duration,
    pub password_reset_lifetime: Duration,
    /// Limits log-ins and requests for tokens.
    pub rate_limit: RateLimit,
    pub request_metrics: RequestMetrics,
    /// The `Authorization` header of Diun's webhook, which is off without it.
    pub webhook_secret: Option<Secret>,
    /// In bytes.
    pub body_limit: usize,
    pub request_timeout: Duration,
    /// One permit for each request in flight.
    pub in_flight: Semaphore,
    is_stopping: AtomicBool,
    /// Cancelled when the service stops waiting for requests that have not arrived completely.
    pub draining: CancellationToken,
    pub started: Instant,
}

impl AppState {
    pub fn new(config: &Config, store: Store) -> Self {
        let random_key = random::<[u8; 32]>();
        let key = config.auth.signing_key.as_ref();
        let key = key.map_or(&random_key[..], |key| key.expose().as_bytes());
        if config.auth.signing_key.is_none() {
            tracing::warn!(
                "auth.signing_key is not set: tokens are signed with a random key and end with this process"
            );
        }
        let max_in_flight = config.server.max_in_flight.get();
        Self(Arc::new(Shared {
            store,
            passwords: Passwords::new(
                config.auth.hash_cost().unwrap_or_default(),
                config.auth.hash_concurrency,
                config.auth.hash_queue,
            ),
            tokens: Tokens::new(key),
            token_lifetime: config.auth.token_lifetime,
            password_reset_lifetime: config.auth.password_reset_lifetime,
            rate_limit: RateLimit::new(&config.limits),
            request_metrics: RequestMetrics::default(),
            webhook_secret: config.webhook.secret.clone(),
            body_limit: config.server.body_limit.get(),
            request_timeout: config.server.request_timeout,
            in_flight: Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS)),
            is_stopping: AtomicBool::default(),
            draining: CancellationToken::new(),
            started: Instant::now(),
        }))
    }

    /// From now on the service reports that it is not ready.
    pub fn stop(&self) {
        self.is_stopping.store(true, SeqCst);
    }

    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(SeqCst)
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
