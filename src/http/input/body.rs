//! Reads JSON bodies.

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::field_type::Faults;
use super::fields::{Fields, FromFields};
use super::json;
use crate::http::error::{ApiError, FieldError};
use crate::http::middleware::SHUTDOWN_GRACE;
use crate::http::state::AppState;

/// Reads a value from a JSON body. The inner error lists its faults.
pub async fn read<T: FromFields>(
    headers: &HeaderMap,
    body: Body,
    state: &AppState,
) -> Result<Result<T, Faults>, ApiError> {
    if !T::HAS_FIELDS {
        return Ok(Fields::default().read());
    }
    if !is_json(headers) || is_compressed(headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    read_json(&read_body(body, state).await?)
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

/// The bytes of a body within the size limit. During shutdown a slow client is not waited for.
pub async fn read_body(body: Body, state: &AppState) -> Result<Bytes, ApiError> {
    if body.size_hint().lower() > u64::try_from(state.body_limit).unwrap_or(u64::MAX) {
        return Err(ApiError::PayloadTooLarge);
    }
    let shutdown = async {
        state.draining.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    let bytes = tokio::select! {
        collected = Limited::new(body, state.body_limit).collect() => collected,
        () = shutdown => return Err(ApiError::Unavailable),
    };
    match bytes {
        Ok(bytes) => Ok(bytes.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::PayloadTooLarge),
        Err(_) => Err(ApiError::InvalidJson),
    }
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
    let header = headers.get(header::CONTENT_TYPE);
    let text = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
