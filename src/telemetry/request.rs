//! The span of a request, and the trace that it belongs to.

use axum::http::{HeaderMap, Method, Request, StatusCode, header, uri::Authority};
use opentelemetry::{
    propagation::TextMapPropagator,
    trace::{TraceContextExt, TraceId},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Instrument, Span, debug_span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::target::TARGET;

tokio::task_local! {
    /// The span of the request that the task works for.
    static CURRENT: Span;
}

/// The span of the request that the current task works for; a disabled one outside requests.
pub(super) fn current() -> Span {
    CURRENT
        .try_with(Clone::clone)
        .unwrap_or_else(|_| Span::none())
}

/// Runs a new task within the log span and the trace of the current task.
pub fn with_current<F: Future>(task: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(current(), task.in_current_span())
}

/// The span of a request, and the trace that it belongs to.
pub struct RequestTrace {
    span: Span,
    /// 32 hexadecimal digits.
    pub trace_id: String,
}

impl RequestTrace {
    /// Begins the span of a request. Its parent is the one that the header `traceparent` names, if there is one.
    pub fn begin<B>(request: &Request<B>, route: Option<&str>, client: Option<&str>) -> Self {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
        let parent_id = parent.span().span_context().trace_id();
        let span = span(request, route, client);
        let mut trace_id = parent_id;
        if !span.is_disabled() {
            // Without the layer that sends spans, nothing needs the parent.
            let _ = span.set_parent(parent);
            trace_id = span.context().span().span_context().trace_id();
        }
        if trace_id == TraceId::INVALID {
            trace_id = TraceId::from(uuid::Uuid::new_v4().as_u128());
        }
        Self {
            span,
            trace_id: trace_id.to_string(),
        }
    }

    /// Handles the request within its span.
    pub async fn handle<F: Future>(&self, handling: F) -> F::Output {
        CURRENT.scope(self.span.clone(), handling).await
    }

    pub fn end(self, status: StatusCode) {
        self.span
            .record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", status.as_str());
        }
    }
}

fn span<B>(request: &Request<B>, route: Option<&str>, client: Option<&str>) -> Span {
    let span = debug_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = Empty,
        http.request.method_original = Empty,
        http.response.status_code = Empty,
        http.route = route,
        url.scheme = "http",
        url.path = Empty,
        server.address = Empty,
        server.port = Empty,
        user_agent.original = Empty,
        client.address = client,
        network.protocol.version = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    let method = known(request.method());
    let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    span.record("otel.name", name);
    span.record("http.request.method", method);
    if method == "_OTHER" {
        span.record("http.request.method_original", request.method().as_str());
    }
    // A client may send a path of any length.
    let path: String = request.uri().path().chars().take(500).collect();
    span.record("url.path", path);
    if let Some(agent) = text(request.headers(), &header::USER_AGENT) {
        span.record("user_agent.original", agent);
    }
    let host = text(request.headers(), &header::HOST).map(str::parse::<Authority>);
    if let Some(Ok(host)) = host {
        span.record("server.address", host.host());
        span.record("server.port", host.port_u16());
    }
    span.record("network.protocol.version", "1.1");
    span
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The method, if it is a known one. Clients could invent any number of others.
fn known(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "CONNECT"
        | "TRACE") => known,
        _ => "_OTHER",
    }
}
