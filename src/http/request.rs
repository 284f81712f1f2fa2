//! What happens around every request: its id, its log lines, its limits, and its problem written out.

use std::{any::Any, net::IpAddr, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};
use tracing::{Instrument, error, info, info_span};
use uuid::Uuid;

use super::AppState;
use super::error::{ApiError, Problem};

const REQUEST_ID: &str = "x-request-id";

/// Where a request comes from, as its connection says.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// The outermost layer: gives the request an id and a span, logs it, and completes its problem.
pub async fn observe(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = info_span!("request", request_id = %id, method = %request.method(), path = %path);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    async move {
        let mut response = complete(next.run(request).await, &path, &id);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let took = started.elapsed();
        let template = route.as_ref().map(MatchedPath::as_str);
        let status = response.status().as_u16();
        state.requests.count(&method, template, status, took);
        let milliseconds = took.as_secs_f64() * 1000.0;
        info!(status, milliseconds, "answered");
        response
    }
    .instrument(span)
    .await
}

/// The client's id for the request if it is sane, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let sane = |text: &&str| {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let sent = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(sane);
    sent.map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned)
}

/// Writes the problem, now that path and id are known; the framework's own refusals get one here.
fn complete(mut response: Response<Body>, path: &str, id: &str) -> Response<Body> {
    let problem =
        response
            .extensions_mut()
            .remove::<Problem>()
            .or_else(|| match response.status() {
                StatusCode::NOT_FOUND => Some(ApiError::NotFound.into_problem()),
                StatusCode::METHOD_NOT_ALLOWED => Some(ApiError::MethodNotAllowed.into_problem()),
                _ => None,
            });
    let Some(problem) = problem else {
        return response;
    };
    let problem = Problem {
        instance: path.to_owned(),
        request_id: id.to_owned(),
        ..problem
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CONTENT_LENGTH, body.len().into());
    *response.body_mut() = Body::from(body);
    response
}

/// Lets only so many requests in, and each only for so long. One that is given up leaves no transaction behind:
/// those run in tasks of their own.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let Ok(_place) = state.in_flight.try_acquire() else {
        return ApiError::Unavailable.into_response();
    };
    match tokio::time::timeout(state.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Timeout.into_response(),
    }
}

/// There is no such path.
pub async fn not_found() -> ApiError {
    ApiError::NotFound
}

/// A handler panicked.
pub fn panicked(payload: Box<dyn Any + Send>) -> Response<Body> {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("without a text");
    error!("a handler panicked: {text}");
    ApiError::Internal.into_response()
}
