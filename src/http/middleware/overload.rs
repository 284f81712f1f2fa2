//! Limits how many requests are in flight, and how long each may take.

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
    middleware::Next,
    response::IntoResponse,
};

use crate::http::error::ApiError;
use crate::http::state::AppState;

/// A request that runs into the timeout leaves no transaction open: transactions run in tasks of their own.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let Ok(_permit) = state.in_flight.try_acquire() else {
        return ApiError::Unavailable.into_response();
    };
    match tokio::time::timeout(state.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Timeout.into_response(),
    }
}
