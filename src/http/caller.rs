//! Who is asking: the bearer of a token, and what that gives.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Response, header, request::Parts},
    middleware::Next,
    response::IntoResponse,
};

use super::error::ApiError;
use super::{AppState, ClientAddress};
use crate::auth::Role;
use crate::store::{Id, Time};

/// The user whose token came with the request; asking for it in a handler answers 401 without one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user's id.
    pub user_id: Id,
    /// The name to log in with.
    pub username: String,
    /// What the user may do.
    pub role: Role,
    /// The session that the token names.
    pub session_id: Id,
    /// When the session ends by itself.
    pub expires_at: Time,
}

/// A [`Caller`] who is an admin; others are answered 403.
pub struct Admin(pub Caller);

/// A [`Caller`], or nobody: for what is open to all.
pub struct Anyone(pub Option<Caller>);

/// Where a request comes from, for the audit.
pub struct Origin(pub String);

/// Checks a bearer wherever there is one: a wrong one is refused even where none is needed.
pub async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<axum::body::Body> {
    match caller(&state, request.headers()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn caller(state: &AppState, headers: &HeaderMap) -> Result<Option<Caller>, ApiError> {
    let refused = ApiError::Unauthenticated("the token is wrong, expired or revoked");
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header.to_str().ok().and_then(bearer);
    let Some(session_id) = token.and_then(|token| state.tokens.session_id(token)) else {
        return Err(refused);
    };
    let Some(user) = state.store.session_user(session_id).await? else {
        return Err(refused);
    };
    Ok(Some(Caller {
        user_id: user.user_id,
        username: user.username,
        role: user.role,
        session_id,
        expires_at: user.expires_at,
    }))
}

/// The token of `Bearer …`; the scheme's case doesn't matter (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or(ApiError::Unauthenticated("a bearer token is needed"))
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.role == Role::Admin {
            Ok(Self(caller))
        } else {
            Err(ApiError::Forbidden("only admins may do this"))
        }
    }
}

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ClientAddress>();
        Ok(Self(address.map_or_else(
            || "unknown".into(),
            |address| address.0.to_string(),
        )))
    }
}

/// Writes one line about a sensitive act: who, what, from where; never a secret.
macro_rules! audit {
    ($origin:expr, $act:literal, by $who:expr $(, $($field:tt)+)?) => {
        tracing::info!(target: "audit", act = $act, who = %$who, from = %$origin.0 $(, $($field)+)?)
    };
}
pub(super) use audit;
