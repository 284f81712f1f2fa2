//! `openapi`: the description of the API.

use axum::{
    body::Body,
    http::{Request, header},
};
use tower::ServiceExt;

use super::failure::Failure;
use super::runtime::{print_text, runtime};
use super::settings::in_memory;
use crate::config::Config;
use crate::http::{self, AppState};
use crate::store::Store;

pub(super) fn run() -> Result<(), Failure> {
    let config = in_memory()?;
    let text = runtime()?.block_on(description(&config))?;
    print_text(&format!("{text}\n"))
}

/// Sends a request to the service, so that the printed text is the one that it serves.
async fn description(config: &Config) -> Result<String, Failure> {
    let failed =
        |error: String| Failure::Failed(format!("the description can't be generated: {error}"));
    // The database in memory would be opened by the first statement. This request runs none.
    let store = Store::new(&config.target, &config.database);
    let request = Request::get("/api/openapi.json")
        .header(header::HOST, "localhost")
        .body(Body::empty())
        .map_err(|error| failed(error.to_string()))?;
    let answer = http::app(AppState::new(config, store))
        .oneshot(request)
        .await;
    let Ok(answer) = answer;
    if !answer.status().is_success() {
        return Err(failed(format!("the answer was {}", answer.status())));
    }
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(body.to_vec()).map_err(|error| failed(error.to_string()))
}
