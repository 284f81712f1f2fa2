//! The HTTP API of a pool.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, Path, Query, State, rejection::QueryRejection},
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    duration::Span,
    pool::{
        owner::Owner,
        place::{Held, Pool, Refused},
    },
    slot::Outcome,
};

#[derive(Clone)]
struct Context {
    pool: Arc<Pool>,
    local: SocketAddr,
}

/// Who leases, and how long to wait; in the query or in the body.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LeaseRequest {
    pid: Option<u32>,
    wait: Option<Span>,
}

/// Which lease a client means; in the query or in the body.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SlotRequest {
    lease: Option<String>,
}

/// A status and an error message.
struct Problem(StatusCode, String);

pub async fn serve(listener: TcpListener, pool: Arc<Pool>, stop: CancellationToken) {
    let Ok(local) = listener.local_addr() else {
        return;
    };
    let app = Router::new()
        .route("/", get(overview))
        .route("/lease", post(lease))
        .route("/slots/{number}/reset", post(reset))
        .route("/slots/{number}/prove", post(prove))
        .route("/slots/{number}", delete(release))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
        .with_state(Context { pool, local })
        .into_make_service_with_connect_info::<SocketAddr>();
    let _ = axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await;
}

async fn overview(State(context): State<Context>) -> Json<Value> {
    let slots = context.pool.places().iter().map(|place| {
        let lease = place.lease();
        let owner = lease.as_ref().and_then(|lease| lease.owner.as_ref());
        json!({
            "slot": place.number,
            "leased": lease.is_some(),
            "pid": owner.map(|owner| owner.pid),
        })
    });
    Json(json!({ "slots": slots.collect::<Vec<_>>() }))
}

async fn lease(
    State(context): State<Context>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    query: Result<Query<LeaseRequest>, QueryRejection>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let (query, body): (LeaseRequest, LeaseRequest) = both(query, &body)?;
    let owner = if let Some(pid) = body.pid.or(query.pid) {
        let why = format!("there is no process {pid} that could own the lease");
        let nobody = Problem(StatusCode::UNPROCESSABLE_ENTITY, why);
        Some(Owner::of(pid).ok_or(nobody)?)
    } else {
        let hint = context.pool.recent_owners();
        Owner::of_connection(peer, context.local, &hint)
    };
    let longest: Option<Duration> = body.wait.or(query.wait).map(|Span(wait)| wait);
    let leased = context.pool.lease(owner, longest).await?;
    Ok(Json(json!({
        "slot": leased.slot,
        "database_url": leased.urls.service,
        "owner_url": leased.urls.owner,
        "jdbc_url": leased.urls.jdbc,
        "lease": leased.lease,
    })))
}

async fn reset(
    State(context): State<Context>,
    Path(number): Path<String>,
    query: Result<Query<SlotRequest>, QueryRejection>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let held = held(&context, &number, query, &body)?;
    let (release, url) = context.pool.reset(held).await?;
    let milliseconds = release.took.as_secs_f64() * 1000.0;
    let mut answer = json!({
        "reset_ms": (milliseconds * 1000.0).round() / 1000.0,
        "recloned": false,
    });
    if let Outcome::Recloned(reason) = release.outcome {
        answer["recloned"] = true.into();
        answer["reason"] = reason.into();
        answer["database_url"] = url.into();
    }
    if !release.notices.is_empty() {
        answer["notices"] = release.notices.into();
    }
    Ok(Json(answer))
}

async fn prove(
    State(context): State<Context>,
    Path(number): Path<String>,
    query: Result<Query<SlotRequest>, QueryRejection>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let held = held(&context, &number, query, &body)?;
    let difference = context.pool.prove(held).await?;
    Ok(Json(match difference {
        None => json!({ "clean": true }),
        Some(difference) => json!({ "clean": false, "difference": difference }),
    }))
}

async fn release(
    State(context): State<Context>,
    Path(number): Path<String>,
    query: Result<Query<SlotRequest>, QueryRejection>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let held = held(&context, &number, query, &body)?;
    context.pool.release(held).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn held(
    context: &Context,
    number: &str,
    query: Result<Query<SlotRequest>, QueryRejection>,
    body: &Bytes,
) -> Result<Held, Problem> {
    let (query, body): (SlotRequest, SlotRequest) = both(query, body)?;
    let lease = body.lease.or(query.lease);
    let number = number
        .parse()
        .map_err(|_| Problem(StatusCode::NOT_FOUND, format!("\"{number}\" is no slot")))?;
    Ok(context.pool.held(number, lease.as_deref())?)
}

/// Merges the query and the body. The body may be empty.
fn both<T: DeserializeOwned + Default>(
    query: Result<Query<T>, QueryRejection>,
    body: &Bytes,
) -> Result<(T, T), Problem> {
    let wrong =
        |what: &str, error: String| Problem(StatusCode::BAD_REQUEST, format!("{what}: {error}"));
    let Query(query) = query.map_err(|error| wrong("the query", error.body_text()))?;
    let body = if body.trim_ascii().is_empty() {
        T::default()
    } else {
        serde_json::from_slice(body).map_err(|error| wrong("the body", error.to_string()))?
    };
    Ok((query, body))
}

async fn unknown(method: Method, uri: Uri) -> Problem {
    let why = format!(
        "{method} {} is unknown: there are POST /lease, POST /slots/N/reset, POST /slots/N/prove, DELETE /slots/N, GET /",
        uri.path()
    );
    Problem(StatusCode::NOT_FOUND, why)
}

async fn not_allowed(method: Method, uri: Uri) -> Problem {
    let Problem(_, why) = unknown(method, uri).await;
    Problem(StatusCode::METHOD_NOT_ALLOWED, why)
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown(why) => Self(StatusCode::NOT_FOUND, why),
            Refused::NotYours(why) => Self(StatusCode::CONFLICT, why),
            Refused::Full(why) => Self(StatusCode::SERVICE_UNAVAILABLE, why),
            Refused::Failed(failure) => {
                Self(StatusCode::INTERNAL_SERVER_ERROR, failure.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, why) = self;
        (status, Json(json!({ "error": why }))).into_response()
    }
}
