//! Operating: is it alive, is it ready, how is the database, which version is it.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::error::ApiError;
use super::extract::Input;
use crate::store::PoolNumbers;

/// How long readiness waits for the database; the answer must be out within 2 s.
const READY_TIMEOUT: Duration = Duration::from_millis(1500);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_health_short))
        .routes(routes!(get_ready))
        .routes(routes!(get_database_health))
        .routes(routes!(get_database_metrics))
        .routes(routes!(get_version))
}

/// The process lives.
#[derive(Serialize, utoipa::ToSchema)]
struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    version: &'static str,
    #[schema(example = "postgres")]
    db_driver: &'static str,
    uptime_seconds: u64,
}

/// Whether the process lives; touches nothing.
#[utoipa::path(get, path = "/api/health", tag = "operating", responses((status = 200, body = Health)))]
async fn get_health(State(state): State<AppState>, _: Input) -> Json<Health> {
    health(&state)
}

/// The same under its short name.
#[utoipa::path(get, path = "/health", tag = "operating", responses((status = 200, body = Health)))]
async fn get_health_short(State(state): State<AppState>, _: Input) -> Json<Health> {
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

/// Whether requests may be sent here.
#[utoipa::path(get, path = "/api/ready", tag = "operating", responses(
    (status = 200, body = Value, example = json!({
        "ready": true, "connections": { "database": { "status": "healthy" } }
    })),
    (status = 503, body = Value, content_type = "application/json", example = json!({
        "ready": false, "reason": "server_shutting_down", "connections": { "database": "not_checked" }
    })),
))]
async fn get_ready(State(state): State<AppState>, _: Input) -> (StatusCode, Json<Value>) {
    if state.is_stopping() {
        let database = json!("not_checked");
        return not_ready("server_shutting_down", &database);
    }
    let error = match tokio::time::timeout(READY_TIMEOUT, state.store.ping()).await {
        Ok(Ok(_)) => {
            let connections = json!({ "database": { "status": "healthy" } });
            return (
                StatusCode::OK,
                Json(json!({ "ready": true, "connections": connections })),
            );
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

/// The database as it answers a real query.
#[derive(Serialize, utoipa::ToSchema)]
struct DatabaseHealth {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "postgres")]
    driver: &'static str,
    #[schema(example = "16.4")]
    server_version: String,
    latency_ms: f64,
}

/// Asks the database and times the answer.
#[utoipa::path(get, path = "/api/health/db", tag = "operating", responses((status = 200, body = DatabaseHealth)))]
async fn get_database_health(
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

/// The pool of connections in numbers.
#[utoipa::path(get, path = "/api/metrics/db", tag = "operating", responses((status = 200, body = PoolNumbers)))]
async fn get_database_metrics(State(state): State<AppState>, _: Input) -> Json<PoolNumbers> {
    Json(state.store.numbers())
}

/// What was built.
#[derive(Serialize, utoipa::ToSchema)]
struct Version {
    version: &'static str,
    commit: &'static str,
    #[schema(example = "release")]
    profile: &'static str,
}

/// Which version this is.
#[utoipa::path(get, path = "/api/version", tag = "operating", responses((status = 200, body = Version)))]
async fn get_version(_: Input) -> Json<Version> {
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
