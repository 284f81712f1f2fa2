//! Errors as clients see them (RFC 9457). What happened inside the service is logged here and never sent.

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use tracing::error;

use crate::auth::passwords::Busy;
use crate::domain::Scope;
use crate::store::StoreError;

/// The maximum length of a problem's `errors`, in bytes of JSON: a request can have any number of faults.
const MAX_FAULTS: usize = 128 * 1024;
const MAX_FIELD_LENGTH: usize = 200;
/// How many faults the `detail` of a problem names.
const FAULTS_IN_DETAIL: usize = 10;

/// One invalid field.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field or parameter, such as `price` or `items[3].price`.
    #[schema(example = "username")]
    pub field: String,
    /// Completes "this field …".
    #[schema(example = "is required")]
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        let field: String = field.into();
        let cut = field.char_indices().nth(MAX_FIELD_LENGTH);
        let field = match cut {
            Some((end, _)) => field[..end].to_owned(),
            None => field,
        };
        let message = message.into();
        Self { field, message }
    }
}

/// Why a request failed.
#[derive(Debug)]
pub enum ApiError {
    InvalidJson,
    Validation(Vec<FieldError>),
    /// Credentials are missing or wrong.
    Unauthenticated(&'static str),
    /// The bearer token is wrong, expired or revoked.
    InvalidToken,
    InsufficientScope(Scope),
    /// The resource belongs to somebody else.
    Forbidden(&'static str),
    NotFound,
    MethodNotAllowed,
    Conflict(&'static str),
    PayloadTooLarge,
    UnsupportedMediaType,
    /// How long to wait before the next attempt.
    TooManyRequests(Duration),
    /// The service is overloaded, or the database can't be reached.
    Unavailable,
    Timeout,
    Internal,
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `/problems/` and the code.
    #[schema(example = "/problems/validation")]
    pub r#type: String,
    /// The code in words.
    #[schema(example = "Some fields are invalid")]
    pub title: &'static str,
    #[schema(example = 400)]
    pub status: u16,
    /// What was wrong with this request.
    #[schema(example = "username is required")]
    pub detail: String,
    /// The path of the request.
    #[schema(example = "/api/v1/users")]
    pub instance: String,
    /// The id of the request, which is also in the log.
    #[schema(example = "0197a0a0-0000-7000-8000-00000000002a")]
    pub request_id: String,
    /// Every invalid field, if the code is `validation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!([{"field": "username", "message": "is required"}]))]
    pub errors: Option<Vec<FieldError>>,
}

impl ApiError {
    /// A single invalid field.
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::Validation(vec![FieldError::new(field, message)])
    }

    /// A field that holds the id of a row that doesn't exist.
    pub fn refers_to_nothing(field: &str) -> Self {
        Self::invalid(field, "refers to nothing")
    }

    /// Status, code and title.
    fn kind(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::InvalidJson => (400, "invalid-json", "The body is not JSON"),
            Self::Validation(_) => (400, "validation", "Some fields are invalid"),
            Self::Unauthenticated(_) | Self::InvalidToken => {
                (401, "unauthenticated", "Valid credentials are required")
            }
            Self::Forbidden(_) | Self::InsufficientScope(_) => (403, "forbidden", "Not allowed"),
            Self::NotFound => (404, "not-found", "Not found"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "Method not allowed"),
            Self::Conflict(_) => (409, "conflict", "Conflict with the current state"),
            Self::PayloadTooLarge => (413, "payload-too-large", "The body is too large"),
            Self::UnsupportedMediaType => (415, "unsupported-media-type", "Unsupported media type"),
            Self::TooManyRequests(_) => (429, "too-many-requests", "Too many attempts"),
            Self::Unavailable => (503, "unavailable", "Temporarily unavailable"),
            Self::Timeout => (504, "timeout", "Timeout"),
            Self::Internal => (500, "internal", "Internal error"),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        let detail = match self {
            Self::Validation(faults) => return summary(faults).into(),
            Self::InsufficientScope(scope) => {
                return format!("the scope {} is required", scope.as_str()).into();
            }
            Self::Unauthenticated(detail) | Self::Forbidden(detail) | Self::Conflict(detail) => {
                detail
            }
            Self::InvalidJson => "the body can't be parsed as JSON",
            Self::InvalidToken => "the token is wrong, expired or revoked",
            Self::NotFound => "there is nothing at this path",
            Self::MethodNotAllowed => "the Allow header lists the methods of this path",
            Self::PayloadTooLarge => "the body is larger than the service accepts",
            Self::UnsupportedMediaType => {
                "send the body uncompressed, with the header Content-Type: application/json"
            }
            Self::TooManyRequests(_) => "the Retry-After header says how many seconds to wait",
            Self::Unavailable => "try again later",
            Self::Timeout => "the request took too long",
            Self::Internal => "the request id finds the cause in the logs",
        };
        detail.into()
    }

    /// The credentials that are needed (RFC 6750 §3). It names an error only if a token was sent.
    fn challenge(&self) -> Option<HeaderValue> {
        let error = match self {
            Self::Unauthenticated(_) => String::new(),
            Self::InvalidToken => ", error=\"invalid_token\"".into(),
            Self::InsufficientScope(scope) => {
                let scope = scope.as_str();
                format!(", error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            _ => return None,
        };
        HeaderValue::try_from(format!("Bearer realm=\"dance-lessons-coach\"{error}")).ok()
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable => Some(1),
            Self::TooManyRequests(wait) => Some(wait.as_secs() + 1),
            _ => None,
        }
    }

    /// The problem, without the path and the id of the request. The outermost layer adds them.
    pub(super) fn into_problem(self) -> Problem {
        let (status, code, title) = self.kind();
        let detail = self.detail();
        let errors = match self {
            Self::Validation(faults) => Some(bounded(faults)),
            _ => None,
        };
        Problem {
            r#type: format!("/problems/{code}"),
            title,
            status,
            detail: detail.into_owned(),
            instance: String::new(),
            request_id: String::new(),
            errors,
        }
    }
}

/// The first faults, as many as a response may hold.
fn bounded(faults: Vec<FieldError>) -> Vec<FieldError> {
    let mut length = 0;
    let fits = |fault: &FieldError| {
        length += serde_json::to_vec(fault).map_or(0, |json| json.len());
        length <= MAX_FAULTS
    };
    faults.into_iter().take_while(fits).collect()
}

fn summary(faults: &[FieldError]) -> String {
    let more = faults.len().saturating_sub(FAULTS_IN_DETAIL);
    let named = faults.iter().take(FAULTS_IN_DETAIL);
    let mut parts: Vec<_> = named
        .map(|fault| format!("{} {}", fault.field, fault.message))
        .collect();
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.join("; ")
}

/// A response without a body: the outermost layer writes the problem into it.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        let status = StatusCode::from_u16(self.kind().0);
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self.into_problem());
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::Conflict(detail) => Self::Conflict(detail),
            StoreError::Dangling(field) => Self::refers_to_nothing(field),
            StoreError::Unavailable(_) => {
                error!("{cause}");
                Self::Unavailable
            }
            StoreError::Database(_) | StoreError::Interrupted => {
                error!("{cause}");
                Self::Internal
            }
        }
    }
}

impl From<Busy> for ApiError {
    fn from(busy: Busy) -> Self {
        error!("{busy}");
        Self::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiError, FieldError};

    #[test]
    fn the_length_of_a_response_is_limited() {
        let fault = || FieldError::new("\u{1}".repeat(1_000_000), "is unknown");
        let problem = ApiError::Validation((0..2000).map(|_| fault()).collect()).into_problem();
        assert!(serde_json::to_vec(&problem).unwrap().len() < 150_000);
        assert!(problem.detail.ends_with("; 1990 more"));
    }
}
