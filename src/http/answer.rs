//! Answers that look the same everywhere.

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
};
use serde::Serialize;

use super::error::ApiError;

/// The answer with the row that was asked for, or that was changed; 404 when there is none.
pub fn found<R, T: From<R>>(row: Option<R>) -> Result<Json<T>, ApiError> {
    row.map(|row| Json(row.into())).ok_or(ApiError::NotFound)
}

/// The answer to a removal; 404 when there was nothing to remove.
pub fn deleted(was_there: bool) -> Result<StatusCode, ApiError> {
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// What the answer to a new thing is made of.
pub type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

/// The answer to a new thing that has a path below `/api/v1`.
pub fn created<T: Serialize>(path: &str, body: T) -> Created<T> {
    let location = format!("/api/v1{path}");
    (
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(body),
    )
}

/// The answer with a secret in it, which nobody on the way may keep (RFC 9111 §5.2.2.5).
pub type Confidential<T> = (StatusCode, [(HeaderName, &'static str); 1], Json<T>);

/// The answer with a secret in it.
pub fn confidential<T: Serialize>(status: StatusCode, body: T) -> Confidential<T> {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}
