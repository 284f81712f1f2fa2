//! Counts and times requests.

use std::time::Duration;

use axum::http::Method;
use prometheus::{HistogramOpts, HistogramVec};

/// The upper bounds of the duration histogram, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Number and duration of requests by method, route template and status.
pub struct RequestMetrics(pub HistogramVec);

impl Default for RequestMetrics {
    fn default() -> Self {
        let help = "Duration of requests, by route template.";
        let options = HistogramOpts::new("http_request_duration_seconds", help);
        let labels = ["method", "route", "status"];
        let durations = HistogramVec::new(options.buckets(BUCKETS.to_vec()), &labels)
            .expect("names and buckets are valid");
        // A histogram without a series can't be encoded.
        durations.with_label_values(&["GET", "/metrics", "200"]);
        Self(durations)
    }
}

impl RequestMetrics {
    /// Labels are limited to known methods and routes, because clients could invent any number of them.
    pub fn record(&self, method: &Method, route: Option<&str>, status: u16, elapsed: Duration) {
        let method = match method.as_str() {
            known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS") => known,
            _ => "OTHER",
        };
        let labels = [method, route.unwrap_or("unmatched"), &status.to_string()];
        self.0
            .with_label_values(&labels)
            .observe(elapsed.as_secs_f64());
    }
}
