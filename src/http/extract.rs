//! Requests as handlers see them: path, query and body read and checked together.

use std::pin::Pin;

use axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, RawPathParams, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::AppState;
use super::error::{ApiError, FieldError};
use super::fields::{Fields, Read};
use super::unread::STOPPING_PATIENCE;

/// A request whose path, query and body are in order; otherwise all their faults are answered together.
pub struct Input<P = (), Q = (), B = ()> {
    /// Variables of the path.
    pub path: P,
    /// Parameters of the query.
    pub query: Q,
    /// The body.
    pub body: B,
}

impl<P: Read, Q: Read, B: Read> FromRequest<AppState> for Input<P, Q, B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let mut errors = Vec::new();
        let path = read_from::<P>(path_fields(&mut parts, &mut errors).await, &mut errors);
        let query = read_from::<Q>(query_fields(&parts, &mut errors), &mut errors);
        let body = if B::EXPECTED {
            if let Value::Object(fields) = read_json(&parts.headers, body, state).await? {
                read_from::<B>(fields, &mut errors)
            } else {
                errors.push(FieldError {
                    field: "body".into(),
                    message: "must be a JSON object".into(),
                });
                None
            }
        } else {
            B::read(&mut Fields::new(Map::new()))
        };
        match (path, query, body) {
            (Some(path), Some(query), Some(body)) if errors.is_empty() => {
                Ok(Self { path, query, body })
            }
            _ => Err(ApiError::Validation(errors)),
        }
    }
}

fn read_from<T: Read>(values: Map<String, Value>, errors: &mut Vec<FieldError>) -> Option<T> {
    let mut fields = Fields::new(values);
    let read = T::read(&mut fields);
    errors.extend(fields.finish());
    read
}

async fn path_fields(parts: &mut Parts, errors: &mut Vec<FieldError>) -> Map<String, Value> {
    use axum::extract::FromRequestParts;
    let broken = || FieldError {
        field: "path".into(),
        message: "has a broken percent encoding".into(),
    };
    if has_broken_escape(parts.uri.path()) {
        errors.push(broken());
        return Map::new();
    }
    if let Ok(variables) = RawPathParams::from_request_parts(parts, &()).await {
        variables
            .iter()
            .map(|(name, text)| (name.to_owned(), text.into()))
            .collect()
    } else {
        errors.push(broken());
        Map::new()
    }
}

/// Whether a `%` isn't followed by two hexadecimal digits.
fn has_broken_escape(path: &str) -> bool {
    let digits =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    path.split('%').skip(1).any(|rest| !digits(rest))
}

fn query_fields(parts: &Parts, errors: &mut Vec<FieldError>) -> Map<String, Value> {
    use axum::extract::Query;
    let mut fields = Map::new();
    let broken = has_broken_escape(parts.uri.query().unwrap_or_default());
    let pairs: Vec<(String, String)> = match Query::try_from_uri(&parts.uri) {
        Ok(Query(pairs)) if !broken => pairs,
        _ => {
            errors.push(FieldError {
                field: "query".into(),
                message: "has a broken percent encoding".into(),
            });
            return fields;
        }
    };
    // A form reads what isn't UTF-8 as this character, which nobody means.
    if let Some((name, _)) = pairs.iter().find(|(name, text)| {
        name.contains(char::REPLACEMENT_CHARACTER) || text.contains(char::REPLACEMENT_CHARACTER)
    }) {
        errors.push(FieldError {
            field: name.clone(),
            message: "isn't UTF-8".into(),
        });
        return fields;
    }
    for (name, text) in pairs {
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, Value::String(text));
            }
            Some(twice) => *twice = Value::Null,
        }
    }
    fields
}

async fn read_json(headers: &HeaderMap, body: Body, state: &AppState) -> Result<Value, ApiError> {
    if !is_json(headers) || is_packed(headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    parse_json(&read_body(body, state).await?)
}

/// The JSON that these bytes are.
pub(super) fn parse_json(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|_| unreadable(bytes))
}

/// The whole body, as long as it isn't too large.
pub(super) async fn read_body(body: Body, state: &AppState) -> Result<Vec<u8>, ApiError> {
    if body.size_hint().lower() > u64::try_from(state.body_limit).unwrap_or(u64::MAX) {
        return Err(ApiError::PayloadTooLarge);
    }
    let too_late = async {
        state.draining.cancelled().await;
        tokio::time::sleep(STOPPING_PATIENCE).await;
    };
    tokio::select! {
        bytes = read_bytes(body, state.body_limit) => bytes,
        () = too_late => Err(ApiError::Unavailable),
    }
}

/// What is JSON by its grammar, but holds more than can be kept, is a fault of the body and not of its form.
fn unreadable(bytes: &[u8]) -> ApiError {
    let is_json =
        std::str::from_utf8(bytes).is_ok() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    if is_json {
        return ApiError::Validation(vec![FieldError {
            field: "body".into(),
            message: "holds a number, a character or a nesting beyond what can be kept".into(),
        }]);
    }
    ApiError::InvalidJson
}

/// Whether the body is compressed, which nothing here unpacks.
fn is_packed(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = media_type(headers);
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What the body is, in lower case and without parameters; empty when nothing says so.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

async fn read_bytes(mut body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        let Ok(data) = frame.map_err(|_| ApiError::InvalidJson)?.into_data() else {
            continue;
        };
        if bytes.len().saturating_add(data.len()) > limit {
            return Err(ApiError::PayloadTooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_percent_sign_needs_two_digits() {
        for (path, broken) in [
            ("/a%20b", false),
            ("/a%2", true),
            ("/a%zz", true),
            ("/%", true),
            ("/%C3%A9", false),
        ] {
            assert_eq!(super::has_broken_escape(path), broken, "{path}");
        }
    }
}
