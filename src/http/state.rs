//! The state that handlers and middleware share.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::change_feed::ChangeFeed;
use super::rate_limit::RateLimit;
use super::request_metrics::RequestMetrics;
use super::token_keys::TokenKeys;
use crate::auth::passwords::Passwords;
use crate::config::{Config, Networks, PublicUrl, Secret};
use crate::store::Store;

/// How many bodies of the maximum size may arrive at the same time. A request whose body is still arriving holds no
/// permit of `in_flight`, so this limits the memory of such requests.
const ARRIVING_BODIES: usize = 256;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub store: Store,
    pub passwords: Passwords,
    pub token_keys: TokenKeys,
    pub token_lifetime: Duration,
    pub password_reset_lifetime: Duration,
    /// Limits log-ins, requests for tokens, registrations and changes of passwords.
    pub rate_limit: RateLimit,
    pub request_metrics: RequestMetrics,
    /// Changes of image updates, for event streams.
    pub change_feed: ChangeFeed,
    /// The `Authorization` header that Diun's webhook must send. Without it, the webhook is off.
    pub webhook_secret: Option<Secret>,
    pub trusted_proxies: Networks,
    /// The public URL, if it is configured.
    pub public_url: Option<PublicUrl>,
    /// In bytes.
    pub body_limit: usize,
    pub request_timeout: Duration,
    /// One permit for each request that is being handled.
    pub in_flight: Arc<Semaphore>,
    /// One permit for each byte of bodies that have not arrived completely.
    pub arriving: Semaphore,
    is_stopping: AtomicBool,
    /// Cancelled when the shutdown no longer waits for incomplete requests.
    pub draining: CancellationToken,
    pub started: Instant,
}

impl AppState {
    pub fn new(config: &Config, store: Store) -> Self {
        let max_in_flight = config.server.max_in_flight.get();
        Self(Arc::new(Shared {
            rate_limit: RateLimit::new(&config.limits, store.clone()),
            token_keys: TokenKeys::new(&config.auth, store.clone()),
            store,
            passwords: Passwords::new(
                config.auth.hash_cost().unwrap_or_default(),
                config.auth.hash_concurrency,
                config.auth.hash_queue,
            ),
            token_lifetime: config.auth.token_lifetime,
            password_reset_lifetime: config.auth.password_reset_lifetime,
            request_metrics: RequestMetrics::default(),
            change_feed: ChangeFeed::new(config.server.max_streams.get()),
            webhook_secret: config.webhook.secret.clone(),
            public_url: config.server.public_url.clone(),
            trusted_proxies: config.server.trusted_proxies.clone(),
            body_limit: config.server.body_limit.get(),
            request_timeout: config.server.request_timeout,
            in_flight: Arc::new(Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS))),
            arriving: Semaphore::new(
                config
                    .server
                    .body_limit
                    .get()
                    .saturating_mul(ARRIVING_BODIES)
                    .min(Semaphore::MAX_PERMITS),
            ),
            is_stopping: AtomicBool::default(),
            draining: CancellationToken::new(),
            started: Instant::now(),
        }))
    }

    /// From now on, readiness reports that the service is stopping.
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
