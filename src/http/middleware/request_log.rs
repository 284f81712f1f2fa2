//! The outermost layer: gives every request an id, logs and counts it, and writes the body of a problem.

use std::{any::Any, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};
use tracing::{Instrument, error, info, info_span};
use uuid::Uuid;

use crate::http::client_address::{ClientAddress, Https};
use crate::http::error::{ApiError, Problem};
use crate::http::headers::header_text;
use crate::http::response::PageMarker;
use crate::http::state::AppState;
use crate::telemetry::RequestTrace;

const REQUEST_ID: &str = "x-request-id";
/// In characters.
const LONGEST_PATH: usize = 500;

pub async fn log_request(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut client = None;
    if let Some(peer) = request.extensions().get::<ClientAddress>().copied() {
        let proxies = &state.trusted_proxies;
        let https = Https::behind_proxies(peer, request.headers(), proxies);
        let address = peer.behind_proxies(request.headers(), proxies);
        request.extensions_mut().insert(https);
        request.extensions_mut().insert(address);
        client = Some(address.0.to_string());
    }
    let template = route.as_ref().map(MatchedPath::as_str);
    let trace = RequestTrace::begin(&request, template, client.as_deref());
    let span = info_span!(
        "request",
        request_id = %id,
        trace_id = %trace.trace_id,
        method = %method,
        path = %beginning(&path),
        client
    );
    let header = HeaderValue::from_str(&id).ok();
    if let Some(header) = header.clone() {
        request.headers_mut().insert(REQUEST_ID, header);
    }
    async move {
        let response = trace.handle(next.run(request)).await;
        let mut response = write_problem(response, &path, &id);
        if let Some(header) = header {
            response.headers_mut().insert(REQUEST_ID, header);
        }
        let elapsed = started.elapsed();
        let route = route.as_ref().map(MatchedPath::as_str);
        let status = response.status().as_u16();
        state
            .request_metrics
            .record(&method, route, status, elapsed);
        let milliseconds = elapsed.as_micros() as f64 / 1000.0;
        info!(status, milliseconds, "answered");
        trace.end(response.status());
        response
    }
    .instrument(span)
    .await
}

/// Cuts a path for a log line or a problem: a client may send a path of any length.
fn beginning(path: &str) -> &str {
    let end = path.char_indices().nth(LONGEST_PATH);
    end.map_or(path, |(end, _)| &path[..end])
}

/// The client's id if it is short and printable, otherwise a new one.
fn request_id(headers: &HeaderMap) -> String {
    let is_valid = |text: &&str| {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let sent = header_text(headers, REQUEST_ID).filter(is_valid);
    sent.map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned)
}

/// Writes the problem of an [`ApiError`] or of a rejection by the framework, with the path and the id of the request.
fn write_problem(mut response: Response<Body>, path: &str, id: &str) -> Response<Body> {
    let problem = response.extensions_mut().remove::<Problem>();
    let is_page = response.extensions().get::<PageMarker>().is_some();
    let problem = problem.or_else(|| match response.status() {
        _ if is_page => None,
        StatusCode::NOT_FOUND => Some(ApiError::NotFound.into_problem()),
        StatusCode::METHOD_NOT_ALLOWED => Some(ApiError::MethodNotAllowed.into_problem()),
        _ => None,
    });
    let Some(problem) = problem else {
        return response;
    };
    let problem = Problem {
        instance: beginning(path).to_owned(),
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

/// The response of a handler that panicked.
pub fn panicked(payload: Box<dyn Any + Send>) -> Response<Body> {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    error!("a handler panicked: {}", text.unwrap_or("no message"));
    ApiError::Internal.into_response()
}
