//! Numbers for Prometheus, in its text format: requests by route, the pool, and the queue of passwords to be hashed.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{extract::State, http::HeaderName, http::Method, http::header};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::extract::Input;

/// The upper bounds of the histogram of durations, in seconds.
const BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Requests that were answered, by route template.
#[derive(Default)]
pub struct Requests(Mutex<BTreeMap<String, Vec<Series>>>);

/// Those of one method with one status.
type Series = (Method, u16, Histogram);

#[derive(Clone, Default)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Requests {
    /// Counts an answer. The template bounds how many series there are; what matches none is one series together.
    pub fn count(&self, method: &Method, route: Option<&str>, status: u16, took: Duration) {
        let route = route.unwrap_or("unmatched");
        let method = known(method);
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Vec::new());
        }
        let Some(series) = routes.get_mut(route) else {
            return;
        };
        let same = |(other, code, _): &Series| *other == method && *code == status;
        let place = series.iter().position(same).unwrap_or_else(|| {
            series.push((method, status, Histogram::default()));
            series.len() - 1
        });
        series[place].2.add(took.as_secs_f64());
    }

    fn write(&self, text: &mut String) {
        let routes = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let name = "http_request_duration_seconds";
        heading(
            text,
            name,
            "histogram",
            "How long requests took, by route template.",
        );
        for (route, series) in &routes {
            for (method, status, histogram) in series {
                let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
                histogram.write(text, name, &labels);
            }
        }
    }
}

/// A method that nobody knows may be any text.
fn known(method: &Method) -> Method {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    let found = KNOWN.into_iter().find(|known| known == method);
    found.unwrap_or_else(|| Method::from_bytes(b"OTHER").unwrap_or(Method::TRACE))
}

impl Histogram {
    fn add(&mut self, seconds: f64) {
        let place = BOUNDS.iter().position(|bound| seconds <= *bound);
        if let Some(bucket) = place.and_then(|place| self.buckets.get_mut(place)) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum += seconds;
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) {
        let mut below = 0;
        for (bound, bucket) in BOUNDS.iter().zip(self.buckets) {
            below += bucket;
            let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {below}");
        }
        let count = self.count;
        let _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(text, "{name}_sum{{{labels}}} {}", self.sum);
        let _ = writeln!(text, "{name}_count{{{labels}}} {count}");
    }
}

fn heading(text: &mut String, name: &str, kind: &str, about: &str) {
    let _ = writeln!(text, "# HELP {name} {about}\n# TYPE {name} {kind}");
}

fn single(text: &mut String, name: &str, kind: &str, about: &str, value: impl Display) {
    heading(text, name, kind, about);
    let _ = writeln!(text, "{name} {value}");
}

/// Numbers for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operating",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn get(State(state): State<AppState>, _: Input) -> ([(HeaderName, &'static str); 1], String) {
    let mut text = String::new();
    state.requests.write(&mut text);
    write_pool(&state, &mut text);
    write_hashing(&state, &mut text);
    let uptime = state.started.elapsed().as_secs_f64();
    single(
        &mut text,
        "uptime_seconds",
        "gauge",
        "Since the start.",
        uptime,
    );
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text)
}

fn write_pool(state: &AppState, text: &mut String) {
    let pool = state.store.numbers();
    let name = "db_pool_connections";
    heading(text, name, "gauge", "Open connections to the database.");
    let _ = writeln!(text, "{name}{{state=\"idle\"}} {}", pool.idle);
    let _ = writeln!(text, "{name}{{state=\"in_use\"}} {}", pool.in_use);
    let about = "The most connections there may be.";
    single(text, "db_pool_connections_max", "gauge", about, pool.max);
    let about = "How often a connection was asked for.";
    single(
        text,
        "db_pool_acquires_total",
        "counter",
        about,
        pool.acquires,
    );
    let about = "How often none could be had in time.";
    let timeouts = pool.acquire_timeouts;
    single(
        text,
        "db_pool_acquire_timeouts_total",
        "counter",
        about,
        timeouts,
    );
    let about = "The longest that it took to get one.";
    let longest = pool.acquire_ms_max / 1000.0;
    single(text, "db_pool_acquire_seconds_max", "gauge", about, longest);
}

fn write_hashing(state: &AppState, text: &mut String) {
    let (hashing, waiting) = state.passwords.numbers();
    let about = "Passwords that are being hashed.";
    single(text, "password_hashing_running", "gauge", about, hashing);
    let about = "Passwords that wait for their turn to be hashed.";
    single(text, "password_hashing_waiting", "gauge", about, waiting);
}
