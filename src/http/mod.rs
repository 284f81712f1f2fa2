//! Routes, requests and answers.

mod answer;
mod attempts;
pub mod caller;
mod categories;
mod database_events;
mod databases;
mod docs;
mod error;
mod extract;
mod fields;
mod greetings;
mod health;
mod image_reports;
mod image_updates;
mod kinds;
mod metrics;
mod oauth_clients;
mod oauth_tokens;
mod openapi;
mod openapi_examples;
mod openapi_texts;
mod page;
mod password_resets;
mod pizzas;
mod products;
mod request;
mod sessions;
mod tags;
mod unread;
mod user_administration;
mod users;

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use axum::{Router, middleware};
use rand::random;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    auth::{passwords::Passwords, tokens::Tokens},
    config::{Config, Secret},
    store::Store,
};

use attempts::Attempts;
use metrics::Requests;

pub use error::{ApiError, FieldError, Problem};
pub use request::ClientAddress;

/// What handlers need. Clones share everything, and cost little: every layer makes one for every request.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What an [`AppState`] holds.
pub struct Shared {
    /// The database.
    pub store: Store,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Signs tokens.
    pub tokens: Tokens,
    /// How long a log-in is good for.
    pub token_lifetime: Duration,
    /// How long a password reset may be used.
    pub password_reset_lifetime: Duration,
    /// Counts who tries to log in.
    pub attempts: Attempts,
    /// Counts answers.
    pub requests: Requests,
    /// What Diun's webhook sends as its `Authorization`; without it the webhook is off.
    pub webhook_secret: Option<Secret>,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// Places for requests that are worked on.
    in_flight: Semaphore,
    stopping: AtomicBool,
    /// Cancelled when nothing that is only half here is waited for any more.
    pub draining: CancellationToken,
    started: Instant,
}

impl AppState {
    /// The state for a configuration and an open store.
    pub fn new(config: &Config, store: Store) -> Self {
        let made = random::<[u8; 32]>();
        let key = config
            .auth
            .signing_key
            .as_ref()
            .map_or(&made[..], |key| key.expose().as_bytes());
        if config.auth.signing_key.is_none() {
            tracing::warn!(
                "there is no auth.signing_key: one was made, and tokens end with this process"
            );
        }
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
            attempts: Attempts::new(&config.limits),
            requests: Requests::default(),
            webhook_secret: config.webhook.secret.clone(),
            body_limit: config.server.body_limit.get(),
            request_timeout: config.server.request_timeout,
            in_flight: Semaphore::new(
                config
                    .server
                    .max_in_flight
                    .get()
                    .min(Semaphore::MAX_PERMITS),
            ),
            stopping: AtomicBool::default(),
            draining: CancellationToken::new(),
            started: Instant::now(),
        }))
    }

    /// From now on the service says that it isn't ready.
    pub fn stop(&self) {
        self.stopping.store(true, SeqCst);
    }

    /// Whether the service was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Every route of the service.
pub fn app(state: AppState) -> Router {
    let resources = OpenApiRouter::new()
        .merge(users::router())
        .merge(user_administration::router())
        .merge(sessions::router())
        .merge(password_resets::router())
        .merge(oauth_clients::router())
        .merge(greetings::router())
        .merge(categories::router())
        .merge(products::router())
        .merge(pizzas::router())
        .merge(databases::router())
        .merge(database_events::router())
        .merge(image_updates::router())
        .merge(tags::router());
    // These have credentials of their own in the header that carries a bearer elsewhere.
    let apart = OpenApiRouter::new()
        .merge(oauth_tokens::router())
        .merge(image_reports::router());
    let guarded = resources
        .layer(middleware::from_fn_with_state(
            state.clone(),
            caller::authenticate,
        ))
        .merge(apart)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            request::limit,
        ));
    let (router, api) = OpenApiRouter::with_openapi(openapi::description())
        .nest("/api/v1", guarded)
        .merge(health::router())
        .merge(metrics::router())
        .split_for_parts();
    let api = openapi::completed(api);
    router
        .route("/api/openapi.json", openapi::serve(&api))
        .merge(docs::router())
        .fallback(request::not_found)
        .layer(CatchPanicLayer::custom(request::panicked))
        .layer(middleware::from_fn_with_state(state.clone(), unread::drain))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            request::observe,
        ))
        .with_state(state)
}
