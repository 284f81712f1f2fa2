//! Endpoints for operating the service: health, readiness, metrics, version.

pub mod metrics;

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::input::Input;
use super::state::AppState;
use crate::store::PoolNumbers;

/// Readiness must be answered within 2 s, so it waits less for the database.
const READY_TIMEOUT: Duration = Duration::from_millis(1500);

#[derive(Serialize, utoipa::ToSchema)]
pub struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    #[schema(example = "postgres")]
    db_driver: &'static str,
    #[schema(example = 86400)]
    uptime_seconds: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct DatabaseHealth {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "postgres")]
    driver: &'static str,
    #[schema(example = "16.4")]
    server_version: String,
    #[schema(example = 0.4)]
    latency_ms: f64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Version {
    #[schema(example = "0.1.0")]
    version: &'static str,
    #[schema(example = "3f2a9c1")]
    commit: &'static str,
    #[schema(example = "release")]
    profile: &'static str,
}

/// Liveness: whether the process runs. Doesn't use the database.
#[utoipa::path(get, path = "/api/health", tag = "operating", responses((status = 200, body = Health)))]
pub async fn get_health(State(state): State<AppState>, _: Input) -> Json<Health> {
    health(&state)
}

/// Liveness, under its short path.
#[utoipa::path(get, path = "/health", tag = "operating", responses((status = 200, body = Health)))]
pub async fn get_health_short(State(state): State<AppState>, _: Input) -> Json<Health> {
    health(&state)
}

fn health(state: &AppState) -> Json<Health> {
    Json(Health {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        db_driver: state.store.driver(),
        uptime_seconds: state.started.elapsed().as_secs(),
    })
}

/// Readiness: whether the service can handle requests.
#[utoipa::path(get, path = "/api/ready", tag = "operating", responses(
    (status = 200, body = Value, example = json!({
        "ready": true, "connections": { "database": { "status": "healthy" } }
    })),
    (status = 503, body = Value, content_type = "application/json", example = json!({
        "ready": false, "reason": "server_shutting_down", "connections": { "database": "not_checked" }
    })),
))]
pub async fn get_ready(State(state): State<AppState>, _: Input) -> (StatusCode, Json<Value>) {
    if state.is_stopping() {
        return not_ready("server_shutting_down", &json!("not_checked"));
    }
    let ping = state.store.ping_for_readiness();
    let error = match tokio::time::timeout(READY_TIMEOUT, ping).await {
        Ok(Ok(_)) => {
            let pool = state.store.numbers();
            let database = if pool.in_use >= pool.max {
                json!({ "status": "healthy", "pool": "saturated" })
            } else {
                json!({ "status": "healthy" })
            };
            let body = json!({ "ready": true, "connections": { "database": database } });
            return (StatusCode::OK, Json(body));
        }
        Ok(Err(error)) => {
            tracing::warn!("not ready: {error}");
            error.brief()
        }
        Err(_) => "the database doesn't answer in time",
    };
    not_ready(
        "database_unhealthy",
        &json!({ "status": "unhealthy", "error": error }),
    )
}

fn not_ready(reason: &str, database: &Value) -> (StatusCode, Json<Value>) {
    let body = json!({ "ready": false, "reason": reason, "connections": { "database": database } });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body))
}

/// Runs a query and measures its latency.
#[utoipa::path(get, path = "/api/health/db", tag = "operating", responses((status = 200, body = DatabaseHealth)))]
pub async fn get_database_health(
    State(state): State<AppState>,
    _: Input,
) -> Result<Json<DatabaseHealth>, ApiError> {
    let latency = state.store.ping().await?;
    Ok(Json(DatabaseHealth {
        status: "healthy",
        driver: state.store.driver(),
        server_version: state.store.server_version().await?,
        latency_ms: latency.as_secs_f64() * 1000.0,
    }))
}

/// Statistics of the connection pool.
#[utoipa::path(get, path = "/api/metrics/db", tag = "operating", responses((status = 200, body = PoolNumbers)))]
pub async fn get_database_metrics(State(state): State<AppState>, _: Input) -> Json<PoolNumbers> {
    Json(state.store.numbers())
}

/// Version, commit and build profile.
#[utoipa::path(get, path = "/api/version", tag = "operating", responses((status = 200, body = Version)))]
pub async fn get_version(_: Input) -> Json<Version> {
    Json(Version {
        version: env!("CARGO_PKG_VERSION"),
        commit: env!("BUILD_COMMIT"),
        profile: if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        },
    })
}
