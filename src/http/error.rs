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

    pub fn is_too_many(&self) -> bool {
        matches!(self, Self::TooManyRequests(_))
    }

    /// Status, code, title and detail.
    fn parts(&self) -> (StatusCode, &'static str, &'static str, Cow<'static, str>) {
        match self {
            Self::InvalidJson => (
                StatusCode::BAD_REQUEST,
                "invalid-json",
                "The body is not JSON",
                "the body can't be parsed as JSON".into(),
            ),
            Self::Validation(faults) => (
                StatusCode::BAD_REQUEST,
                "validation",
                "Some fields are invalid",
                summary(faults).into(),
            ),
            Self::Unauthenticated(detail) => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Valid credentials are required",
                (*detail).into(),
            ),
            Self::InvalidToken => {
                Self::Unauthenticated("the token is wrong, expired or revoked").parts()
            }
            Self::Forbidden(detail) => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not allowed",
                (*detail).into(),
            ),
            Self::InsufficientScope(scope) => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not allowed",
                format!("the scope {} is required", scope.as_str()).into(),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not-found",
                "Not found",
                "there is nothing at this path".into(),
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
                "the Allow header lists the methods of this path".into(),
            ),
            Self::Conflict(detail) => (
                StatusCode::CONFLICT,
                "conflict",
                "Conflict with the current state",
                (*detail).into(),
            ),
            Self::PayloadTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload-too-large",
                "The body is too large",
                "the body is larger than the service accepts".into(),
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Unsupported media type",
                "send the body uncompressed, with the header Content-Type: application/json".into(),
            ),
            Self::TooManyRequests(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many attempts",
                "the Retry-After header says how many seconds to wait".into(),
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Temporarily unavailable",
                "try again later".into(),
            ),
            Self::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "timeout",
                "Timeout",
                "the request took too long".into(),
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal error",
                "the request id finds the cause in the logs".into(),
            ),
        }
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
        let (status, code, title, detail) = self.parts();
        let errors = match self {
            Self::Validation(faults) => Some(bounded(faults)),
            _ => None,
        };
        Problem {
            r#type: format!("/problems/{code}"),
            title,
            status: status.as_u16(),
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
        *response.status_mut() = self.parts().0;
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
    fn from(_: Busy) -> Self {
        error!("the password hashing queue is full");
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
