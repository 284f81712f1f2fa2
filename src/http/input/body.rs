//! Reads JSON bodies.

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header, request::Parts},
};
use http_body_util::BodyExt;

use super::field_type::Faults;
use super::fields::{Fields, FromFields};
use super::json;
use crate::http::error::{ApiError, FieldError};
use crate::http::headers::header_parts;
use crate::http::middleware::{InFlightPermit, SHUTDOWN_GRACE};
use crate::http::state::AppState;

/// Reads a value from a JSON body. The inner error lists its faults.
pub async fn read<T: FromFields>(
    parts: &Parts,
    body: Body,
    state: &AppState,
) -> Result<Result<T, Faults>, ApiError> {
    let is_absent = body.is_end_stream() && !parts.headers.contains_key(header::CONTENT_TYPE);
    if !T::HAS_FIELDS || (T::MAY_BE_ABSENT && is_absent) {
        return Ok(Fields::default().read());
    }
    if !is_json(&parts.headers) || is_compressed(&parts.headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let text = read_body(parts, body, state).await?;
    if T::MAY_BE_ABSENT && text.trim_ascii() == b"null" {
        return Ok(Fields::default().read());
    }
    read_json(&text)
}

/// Reads a value from JSON.
pub fn read_json<T: FromFields>(text: &[u8]) -> Result<Result<T, Faults>, ApiError> {
    let whole_body = |message| Ok(Err(vec![FieldError::new("body", message)]));
    let text = json::valid(text).ok_or(ApiError::InvalidJson)?;
    let found = json::scan(text);
    if found.is_unstorable {
        return whole_body("holds a character or a nesting that can't be stored");
    }
    let Some(fields) = Fields::of_object(text) else {
        return whole_body("must be a JSON object");
    };
    let mut faults = found.repeated;
    match fields.read() {
        Ok(value) if faults.is_empty() => Ok(Ok(value)),
        Ok(_) => Ok(Err(faults)),
        Err(others) => {
            faults.extend(others);
            Ok(Err(faults))
        }
    }
}

/// Reads a row of another program's data by the rules of a body. The error names everything that is wrong.
pub fn read_row<T: FromFields>(object: &str) -> Result<T, String> {
    let faults = match read_json(object.as_bytes()) {
        Ok(Ok(row)) => return Ok(row),
        Ok(Err(faults)) => faults,
        Err(_) => return Err("it can't be read".into()),
    };
    let faults = faults
        .iter()
        .map(|fault| format!("{} {}", fault.field, fault.message));
    Err(faults.collect::<Vec<_>>().join(", "))
}

/// The bytes of a body within the size limit. During a shutdown, it does not wait for slow clients.
pub async fn read_body(parts: &Parts, body: Body, state: &AppState) -> Result<Vec<u8>, ApiError> {
    if body.size_hint().lower() > u64::try_from(state.body_limit).unwrap_or(u64::MAX) {
        return Err(ApiError::PayloadTooLarge);
    }
    let arrives = async {
        tokio::select! {
            bytes = collect(body, state) => bytes,
            () = shutdown(state) => Err(ApiError::Unavailable),
        }
    };
    match parts.extensions.get::<InFlightPermit>() {
        Some(permit) => permit.while_waiting(arrives).await?,
        None => arrives.await,
    }
}

async fn shutdown(state: &AppState) {
    state.draining.cancelled().await;
    tokio::time::sleep(SHUTDOWN_GRACE).await;
}

async fn collect(mut body: Body, state: &AppState) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let mut permits = state.arriving.try_acquire_many(0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::InvalidJson)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if data.len() > state.body_limit - bytes.len() {
            return Err(ApiError::PayloadTooLarge);
        }
        let more = state
            .arriving
            .try_acquire_many(u32::try_from(data.len()).unwrap_or(u32::MAX));
        match (&mut permits, more) {
            (Ok(permits), Ok(more)) => permits.merge(more),
            _ => return Err(ApiError::Unavailable),
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// Compressed bodies are refused, because nothing here decompresses them.
fn is_compressed(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// The media type of the body in lower case, without parameters. Empty if the header is missing.
pub fn media_type(headers: &HeaderMap) -> String {
    let mut parts = header_parts(headers, header::CONTENT_TYPE, ';');
    let media_type = parts.next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}
