//! Errors as clients see them: RFC 9457 problems.

use std::{fmt, time::Duration};

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

/// One field that is wrong.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field or parameter, such as `price` or `items[3].price`.
    #[schema(example = "username")]
    pub field: String,
    /// What is wrong with it; completes "this field …".
    #[schema(example = "is required")]
    pub message: String,
}

/// Why a request wasn't done. What happened inside is logged here and goes no further.
#[derive(Debug)]
pub enum ApiError {
    /// The body isn't JSON.
    InvalidJson,
    /// Every field and parameter that is wrong.
    Validation(Vec<FieldError>),
    /// There are no credentials, or wrong ones.
    Unauthenticated(&'static str),
    /// The bearer is wrong, expired or revoked.
    InvalidToken,
    /// The bearer isn't good for this.
    InsufficientScope(Scope),
    /// It is somebody else's.
    Forbidden(&'static str),
    /// There is no such thing.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The state of things doesn't allow it.
    Conflict(&'static str),
    /// The body is larger than allowed.
    PayloadTooLarge,
    /// The body isn't `application/json`.
    UnsupportedMediaType,
    /// There were too many attempts; how long to wait.
    TooManyRequests(Duration),
    /// There is too much to do, or the database is away.
    Unavailable,
    /// It took too long.
    Timeout,
    /// A fault of ours.
    Internal,
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `/problems/` and the code.
    #[schema(example = "/problems/validation")]
    pub r#type: String,
    /// The kind of problem in words.
    #[schema(example = "Some fields are wrong")]
    pub title: &'static str,
    /// The status code.
    #[schema(example = 400)]
    pub status: u16,
    /// This very problem in words.
    pub detail: String,
    /// The path that was asked.
    #[schema(example = "/api/v1/users")]
    pub instance: String,
    /// The request's id, which log lines carry too.
    pub request_id: String,
    /// Every wrong field, when the code is `validation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
}

impl ApiError {
    fn code(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidJson => (
                StatusCode::BAD_REQUEST,
                "invalid-json",
                "The body isn't JSON",
            ),
            Self::Validation(_) => (
                StatusCode::BAD_REQUEST,
                "validation",
                "Some fields are wrong",
            ),
            Self::Unauthenticated(_) | Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Valid credentials are needed",
            ),
            Self::InsufficientScope(_) | Self::Forbidden(_) => {
                (StatusCode::FORBIDDEN, "forbidden", "This isn't allowed")
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The path has no such method",
            ),
            Self::Conflict(_) => (
                StatusCode::CONFLICT,
                "conflict",
                "The present state doesn't allow it",
            ),
            Self::PayloadTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload-too-large",
                "The body is too large",
            ),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "The body must be JSON",
            ),
            Self::TooManyRequests(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "There were too many attempts",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The service can't do this now",
            ),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout", "It took too long"),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong here",
            ),
        }
    }

    fn detail(&self) -> String {
        let text = match self {
            Self::InvalidJson => "the body can't be read as JSON",
            Self::Validation(errors) => return listed(errors),
            Self::Unauthenticated(detail) | Self::Forbidden(detail) | Self::Conflict(detail) => {
                detail
            }
            Self::InvalidToken => "the token is wrong, expired or revoked",
            Self::InsufficientScope(scope) => {
                return format!("this needs the scope {}", scope.as_str());
            }
            Self::NotFound => "nothing is found here",
            Self::MethodNotAllowed => "the Allow header lists what the path has",
            Self::PayloadTooLarge => "the body is larger than the service accepts",
            Self::UnsupportedMediaType => {
                "send it as it is, with the header Content-Type: application/json"
            }
            Self::TooManyRequests(_) => "the Retry-After header says how many seconds to wait",
            Self::Unavailable => "try again in a moment",
            Self::Timeout => "the request was given up",
            Self::Internal => "the request id finds the cause in the logs",
        };
        text.to_owned()
    }

    /// A field that refers to nothing.
    pub fn dangling(field: &str) -> Self {
        Self::invalid(field, "refers to nothing")
    }

    /// A single field that is wrong.
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::Validation(vec![FieldError {
            field: field.into(),
            message: message.into(),
        }])
    }

    /// What kind of credentials would do, as RFC 6750 §3 says it: an error is named only when there was a token.
    fn challenge(&self) -> Option<HeaderValue> {
        let error = match self {
            Self::Unauthenticated(_) => String::new(),
            Self::InvalidToken => ", error=\"invalid_token\"".into(),
            Self::InsufficientScope(scope) => format!(
                ", error=\"insufficient_scope\", scope=\"{}\"",
                scope.as_str()
            ),
            _ => return None,
        };
        HeaderValue::try_from(format!("Bearer realm=\"dance-lessons-coach\"{error}")).ok()
    }

    /// The problem, still without what only the request knows.
    pub(super) fn into_problem(self) -> Problem {
        let (status, code, title) = self.code();
        let detail = self.detail();
        let errors = match self {
            Self::Validation(errors) => Some(errors),
            _ => None,
        };
        let r#type = format!("/problems/{code}");
        let (instance, request_id) = (String::new(), String::new());
        Problem {
            r#type,
            title,
            status: status.as_u16(),
            detail,
            instance,
            request_id,
            errors,
        }
    }
}

fn listed(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(|error| format!("{} {}", error.field, error.message))
        .collect::<Vec<_>>()
        .join("; ")
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().1, self.detail())
    }
}

/// An answer without a body: the outermost layer, which knows the request, writes the problem.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let (status, _, _) = self.code();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        let wait = match self {
            Self::Unavailable => Some(1),
            Self::TooManyRequests(wait) => Some(wait.as_secs() + 1),
            _ => None,
        };
        if let Some(seconds) = wait {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self.into_problem());
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(failure: StoreError) -> Self {
        match failure {
            StoreError::Conflict(what) => Self::Conflict(what),
            StoreError::Dangling(field) => Self::dangling(field),
            StoreError::Unavailable(_) => {
                error!("{failure}");
                Self::Unavailable
            }
            StoreError::Database(_) | StoreError::Interrupted => {
                error!("{failure}");
                Self::Internal
            }
        }
    }
}

impl From<Busy> for ApiError {
    fn from(_: Busy) -> Self {
        error!("too many passwords wait to be hashed");
        Self::Unavailable
    }
}
