//! Metrics for Prometheus: requests by route, the connection pool, and the password hashing queue.

use axum::{
    extract::State,
    http::{HeaderName, header},
};
use prometheus::{Encoder, Gauge, IntCounter, Opts, Registry, TextEncoder, core::Collector};

use crate::http::error::ApiError;
use crate::http::input::Input;
use crate::http::state::AppState;

/// Metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operating",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn get_metrics(
    State(state): State<AppState>,
    _: Input,
) -> Result<([(HeaderName, &'static str); 1], Vec<u8>), ApiError> {
    let mut text = Vec::new();
    encode(&state, &mut text).map_err(|error| {
        tracing::error!("the metrics can't be encoded: {error}");
        ApiError::Internal
    })?;
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text))
}

fn encode(state: &AppState, text: &mut Vec<u8>) -> prometheus::Result<()> {
    let encoder = TextEncoder::new();
    encoder.encode(&state.request_metrics.0.collect(), text)?;
    encoder.encode(&current_values(state)?.gather(), text)
}

/// The current values of the pool, the hashing queue and the clock.
fn current_values(state: &AppState) -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let gauge = |options: Opts, value: f64| {
        let gauge = Gauge::with_opts(options)?;
        gauge.set(value);
        registry.register(Box::new(gauge))
    };
    let counter = |name, help, value| {
        let counter = IntCounter::new(name, help)?;
        counter.inc_by(value);
        registry.register(Box::new(counter))
    };
    let pool = state.store.numbers();
    for (label, count) in [("idle", pool.idle), ("in_use", pool.in_use)] {
        let options = Opts::new("db_pool_connections", "Open database connections.");
        gauge(options.const_label("state", label), count.into())?;
    }
    counter(
        "db_pool_acquires_total",
        "Requests for a connection.",
        pool.acquires,
    )?;
    counter(
        "db_pool_acquire_timeouts_total",
        "Requests for a connection that timed out.",
        pool.acquire_timeouts,
    )?;
    if let Some(usable) = state.store.replica_is_usable() {
        let options = Opts::new("db_replica_usable", "Whether the read replica answers.");
        gauge(options, f64::from(u8::from(usable)))?;
    }
    let (running, waiting) = state.passwords.numbers();
    for (name, help, value) in [
        (
            "db_pool_connections_max",
            "Maximum number of connections.",
            pool.max.into(),
        ),
        (
            "db_pool_acquire_seconds_max",
            "Longest wait for a connection.",
            pool.acquire_ms_max / 1000.0,
        ),
        (
            "password_hashing_running",
            "Passwords being hashed.",
            running as f64,
        ),
        (
            "password_hashing_waiting",
            "Passwords waiting to be hashed.",
            waiting as f64,
        ),
        (
            "uptime_seconds",
            "Time since the start.",
            state.started.elapsed().as_secs_f64(),
        ),
    ] {
        gauge(Opts::new(name, help), value)?;
    }
    Ok(registry)
}
