//! The service under test: it returns what it received, and stores users.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use bdd_harness::{BoxError, Service, Start, duration::Span, service::Environment};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::error::DatabaseError;
use tokio::net::TcpListener;
use tracing::Instrument as _;

use crate::service::database::{Database, NewUser, User};

pub mod database;
mod orders;
mod pages;

pub struct Guestbook;

impl Service for Guestbook {
    async fn serve(&self, start: Start) -> Result<(), BoxError> {
        let stopped = start.stopped();
        serve(
            &start.environment,
            |address| start.listening(address),
            stopped,
        )
        .await
    }

    fn readiness(&self) -> &'static str {
        "/ready"
    }
}

#[derive(Clone)]
struct Context {
    database: Database,
    greeting: Arc<str>,
    stopping: Arc<AtomicBool>,
    ready_limit: Duration,
    payment_url: Arc<str>,
    mail_url: Arc<str>,
}

/// Serves until `stopped` completes, and for `STOP_PAUSE` more seconds, in which it isn't ready.
pub async fn serve(
    environment: &Environment,
    listening: impl FnOnce(SocketAddr),
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<(), BoxError> {
    let setting = |name: &str, default: &str| {
        let value = environment.get(name).map_or(default, String::as_str);
        value.to_owned()
    };
    let pause = Duration::from_secs(setting("STOP_PAUSE", "0").parse()?);
    tracing::info!("connecting to the database");
    let context = Context {
        database: Database::connect(&setting("DATABASE_URL", "")).await?,
        greeting: setting("GREETING", "Hello").into(),
        stopping: Arc::default(),
        ready_limit: setting("READY_LIMIT", "1m").parse::<Span>()?.0,
        payment_url: setting("PAYMENT_URL", "").into(),
        mail_url: setting("MAIL_URL", "").into(),
    };
    let stopping = Arc::clone(&context.stopping);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    listening(listener.local_addr()?);
    axum::serve(listener, app(context))
        .with_graceful_shutdown(async move {
            stopped.await;
            stopping.store(true, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
        })
        .await?;
    Ok(())
}

fn app(context: Context) -> Router {
    Router::new()
        .route("/health", get(async || Json(json!({"status": "healthy"}))))
        .route("/ready", get(ready))
        .route("/hello", get(hello))
        .route("/hello/{name}", get(hello))
        .route("/echo", any(echo))
        .route("/echo/{*path}", any(echo))
        .route("/status/{status}", any(status))
        .route("/orders", post(orders::create))
        .route("/problem", post(problem))
        .route("/panic", get(panics))
        .route("/exit", get(exits))
        .route("/letters", get(letters))
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(read))
        .merge(pages::router())
        .layer(middleware::from_fn(log))
        .with_state(context)
}

/// Logs a line for each answer, and adds the request's id to its headers.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = request.headers().get("x-request-id").cloned();
    let shown = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or("");
    let span = tracing::info_span!("request", request_id = shown, %method, path);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, milliseconds, "answered"));
    if let Some(id) = id {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

async fn ready(State(context): State<Context>) -> (StatusCode, Json<Value>) {
    let answers = tokio::time::timeout(context.ready_limit, context.database.answers());
    let ready = !context.stopping.load(Ordering::Relaxed) && answers.await == Ok(true);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(json!({ "ready": ready })))
}

async fn hello(State(context): State<Context>, name: Option<Path<String>>) -> Json<Value> {
    let name = name.map_or("world".to_owned(), |Path(name)| name);
    tracing::info!(name, "greeted");
    Json(json!({"message": format!("{}, {name}!", context.greeting)}))
}

/// Returns the request as it arrived.
async fn echo(
    method: Method,
    uri: Uri,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: String,
) -> Json<Value> {
    let mut shown: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (name, value) in &headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        shown.entry(name.as_str()).or_default().push(value);
    }
    let headers: BTreeMap<_, _> = shown
        .iter()
        .map(|(name, all)| (name, all.join(", ")))
        .collect();
    let json: Option<Value> = serde_json::from_str(&body).ok();
    Json(json!({
        "method": method.as_str(), "path": uri.path(), "query": query, "headers": headers, "body": body, "json": json,
    }))
}

/// Panics, like a mistake in a handler.
async fn panics() -> StatusCode {
    let users: [&str; 0] = [];
    tracing::info!("about to look at the first user");
    panic!("no user at 0 of {}", users.len());
}

/// Ends the process, if the service has its own.
async fn exits() -> StatusCode {
    if crate::program::is_meant() {
        tracing::error!("the configuration is gone");
        std::process::exit(3);
    }
    StatusCode::NOT_IMPLEMENTED
}

/// Texts that look like other texts.
async fn letters() -> Json<Value> {
    Json(json!({
        "name": "caf\u{e9} noir", "blank": "a\u{a0}b", "tab": "a\tb",
        "sentence": "The quick brown fox jumps over the lazy dog",
        "deep": {"rows": [{"price": 1.5, "tags": ["a", "b"]}, {"price": 2.5, "tags": []}]},
    }))
}

async fn status(Path(status): Path<u16>) -> Result<StatusCode, StatusCode> {
    StatusCode::from_u16(status).map_err(|_| StatusCode::BAD_REQUEST)
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn list(
    State(context): State<Context>,
    Query(search): Query<Search>,
) -> Result<Json<Value>, Problem> {
    let users = context.database.users(&search.q).await?;
    Ok(Json(
        json!({"meta": {"total": users.len(), "part": search.q}, "data": users}),
    ))
}

async fn read(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<User>, Problem> {
    let user = context.database.user(&id).await?;
    user.map(Json)
        .ok_or(Problem(StatusCode::NOT_FOUND, "not-found", vec![]))
}

async fn create(
    State(context): State<Context>,
    Json(new): Json<NewUser>,
) -> Result<impl IntoResponse, Problem> {
    let wrong = new.wrong_fields();
    if !wrong.is_empty() {
        return Err(Problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation",
            wrong,
        ));
    }
    let user = context.database.create(new).await?;
    let location = [(header::LOCATION, format!("/users/{}", user.id))];
    Ok((StatusCode::CREATED, location, Json(user)))
}

/// Answers with the body that it was sent, as a problem.
async fn problem(body: String) -> impl IntoResponse {
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::UNPROCESSABLE_ENTITY, media_type, body)
}

/// The status, the problem's code, and the wrong fields.
struct Problem(StatusCode, &'static str, Vec<&'static str>);

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let conflict = error
            .as_database_error()
            .is_some_and(DatabaseError::is_unique_violation);
        if conflict {
            return Self(StatusCode::CONFLICT, "conflict", vec!["username"]);
        }
        tracing::error!(%error, "the database failed");
        Self(StatusCode::SERVICE_UNAVAILABLE, "unavailable", vec![])
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, code, fields) = self;
        let errors: Vec<_> = fields
            .iter()
            .map(|field| json!({ "field": field }))
            .collect();
        let body = json!({"type": format!("/problems/{code}"), "status": status.as_u16(), "errors": errors});
        (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body.to_string(),
        )
            .into_response()
    }
}
