//! Steps for an OpenTelemetry collector, and for the spans that it receives.

use std::{
    io,
    net::Ipv4Addr,
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use bdd_harness::{given, then};
use gherkin::Step;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use tokio::{
    net::{TcpListener, TcpSocket},
    process::Child,
};
use tokio_util::task::AbortOnDropHandle;

use bdd_harness::{
    failure::{Failure, Outcome},
    words::argument,
    world::World,
};

/// How long each wait may take; long enough for a slow machine.
pub const LIMIT: Duration = Duration::from_mins(1);

/// Counts the collectors of this process.
static COLLECTORS: AtomicU32 = AtomicU32::new(0);

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 64;

#[derive(Default)]
pub struct Traces {
    pub url: String,
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    collector: Option<Backend>,
    pub program: Option<Child>,
    pub address: String,
    pub log: Arc<Mutex<Vec<String>>>,
    pub trace: String,
    pub status: u16,
}

/// Polls until there is a value.
pub async fn until<T>(what: &str, mut value: impl FnMut() -> Option<T>) -> Result<T, Failure> {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(value) = value() {
            return Ok(value);
        }
        if Instant::now() > end {
            return Err(Failure::new(format!(
                "this did not happen within {LIMIT:?}: {what}"
            )));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The server at a collector's address, until the end of the scenario.
#[expect(dead_code, reason = "held only to be dropped")]
enum Backend {
    Server(AbortOnDropHandle<()>),
    /// A socket that doesn't listen: it refuses connections, and keeps its port from other scenarios.
    Nothing(TcpSocket),
}

impl Backend {
    fn server(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Server(AbortOnDropHandle::new(tokio::spawn(task)))
    }
}

/// An OpenTelemetry collector that `answers`, `hangs` (never responds) or `is away` (refuses connections).
#[given(expr = "a collector that {string}")]
fn collector(world: &mut World, state: String) -> Outcome {
    let failed = |error: io::Error| Failure::new(error.to_string());
    let socket = TcpSocket::new_v4().map_err(failed)?;
    socket
        .bind((Ipv4Addr::LOCALHOST, 0).into())
        .map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    // Each collector has a path of its own. A service that still sends to a stopped one finds nothing at this one,
    // although the port is the same again.
    let number = COLLECTORS.fetch_add(1, Ordering::Relaxed);
    let path = format!("/{}-{number}", process::id());
    let traces = world.ext::<Traces>();
    traces.url = format!("http://{address}{path}");
    let received = Arc::clone(&traces.received);
    let backend = match state.as_str() {
        "is away" => Backend::Nothing(socket),
        "hangs" => Backend::server(hang(socket.listen(BACKLOG).map_err(failed)?)),
        "answers" => {
            let listener = socket.listen(BACKLOG).map_err(failed)?;
            let router = Router::new()
                .route(&format!("{path}/v1/traces"), post(receive))
                .with_state(received);
            Backend::server(async move {
                let _ = axum::serve(listener, router).await;
            })
        }
        _ => {
            let wrong = format!("\"{state}\" isn't answers, hangs or is away");
            return Err(Failure::new(wrong));
        }
    };
    traces.collector = Some(backend);
    Ok(())
}

async fn hang(listener: TcpListener) {
    let mut open = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        open.push(stream);
    }
}

async fn receive(
    State(received): State<Arc<Mutex<Vec<ExportTraceServiceRequest>>>>,
    body: Bytes,
) -> StatusCode {
    match ExportTraceServiceRequest::decode(body) {
        Ok(request) => {
            received.lock().expect("no panics").push(request);
            StatusCode::OK
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

/// Each row is a span: its name, its kind, and its parent, by name or by id. The trace may have more spans.
#[then(expr = "the collector gets these spans of that trace:")]
async fn gets_spans(world: &mut World, step: &Step) -> Outcome {
    let rows = argument::table(step)?.1.to_vec();
    let traces = world.ext::<Traces>();
    let trace = traces.trace.clone();
    let missing = |spans: &[Span]| -> Vec<String> {
        let of_trace: Vec<_> = spans
            .iter()
            .filter(|span| hex(&span.trace_id) == trace)
            .collect();
        let is_there = |row: &&Vec<String>| {
            of_trace.iter().any(|span| {
                let parent = hex(&span.parent_span_id);
                let named = of_trace.iter().find(|other| hex(&other.span_id) == parent);
                let parent_is = parent == row[2] || named.is_some_and(|span| span.name == row[2]);
                span.name == row[0] && kind(span) == row[1] && parent_is
            })
        };
        let missing = rows.iter().filter(|row| !is_there(row));
        missing.map(|row| row.join(", ")).collect()
    };
    let all_there = until("the spans are there", || {
        missing(&spans(traces)).is_empty().then_some(())
    });
    if all_there.await.is_ok() {
        return Ok(());
    }
    let spans = spans(traces);
    let got = spans
        .iter()
        .map(|span| format!("{} {}", kind(span), span.name));
    Err(Failure::new(format!(
        "missing:\n  {}\nthere are:\n  {}",
        missing(&spans).join("\n  "),
        got.collect::<Vec<_>>().join("\n  ")
    )))
}

#[then(expr = "the collector gets a span {string} without a parent")]
async fn gets_root(world: &mut World, name: String) -> Outcome {
    let traces = world.ext::<Traces>();
    let is_root = |span: &Span| span.name == name && span.parent_span_id.is_empty();
    until("the span is there", || {
        spans(traces).into_iter().find(is_root)
    })
    .await
    .map(drop)
}

/// The span has these attributes. Two columns: name, value.
#[then(expr = "the span {string} has the attributes:")]
fn has_attributes(world: &mut World, step: &Step, name: String) -> Outcome {
    let expected = argument::pairs(step, "name | value", &mut world.variables)?;
    let spans = spans(world.ext::<Traces>());
    let span = spans.iter().find(|span| span.name == name);
    let span = span.ok_or_else(|| Failure::new(format!("there is no span \"{name}\"")))?;
    compare(&expected, &span.attributes)
}

/// The collector received these resource attributes of the service. Two columns: name, value.
#[then(expr = "the collector knows of the service:")]
fn knows_of_service(world: &mut World, step: &Step) -> Outcome {
    let expected = argument::pairs(step, "name | value", &mut world.variables)?;
    let received = world
        .ext::<Traces>()
        .received
        .lock()
        .expect("no panics")
        .clone();
    let resources = received.iter().flat_map(|request| &request.resource_spans);
    let attributes: Vec<_> = resources
        .filter_map(|spans| spans.resource.as_ref())
        .flat_map(|resource| resource.attributes.clone())
        .collect();
    compare(&expected, &attributes)
}

fn compare(expected: &[(String, String)], attributes: &[KeyValue]) -> Outcome {
    for (name, value) in expected {
        let found = attributes.iter().find(|attribute| attribute.key == *name);
        let found = found
            .and_then(|attribute| attribute.value.as_ref())
            .map(text);
        if found.as_ref() != Some(value) {
            return Err(Failure::new(format!("{name} is {found:?}")));
        }
    }
    Ok(())
}

#[then(expr = "the collector got nothing")]
fn got_nothing_at_all(world: &mut World) -> Outcome {
    let received = world.ext::<Traces>().received.lock().expect("no panics");
    match received.len() {
        0 => Ok(()),
        batches => Err(Failure::new(format!("the collector got {batches} batches"))),
    }
}

#[then(expr = "nothing that the collector got contains {string}")]
fn got_nothing(world: &mut World, text: String) -> Outcome {
    let received = world.ext::<Traces>().received.lock().expect("no panics");
    let all = format!("{received:?}");
    if received.is_empty() || all.contains(&text) {
        return Err(Failure::new(format!("the collector got:\n{all}")));
    }
    Ok(())
}

fn spans(traces: &Traces) -> Vec<Span> {
    let received = traces.received.lock().expect("no panics");
    let resources = received.iter().flat_map(|request| &request.resource_spans);
    let scopes = resources.flat_map(|spans| &spans.scope_spans);
    scopes.flat_map(|spans| spans.spans.clone()).collect()
}

fn kind(span: &Span) -> &'static str {
    match span.kind() {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Internal => "internal",
        _ => "other",
    }
}

fn text(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
