//! The principal of a request: the user or client whose bearer token came with it.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Response, header, request::Parts},
    middleware::Next,
    response::IntoResponse,
};

use crate::auth::tokens::Bearer;
use crate::domain::{Id, Role, Scope, Scopes, Time};
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// The user or client that sent the request. As an argument of a handler it makes the bearer token mandatory.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The id of the user's or the client's row.
    pub id: Id,
    /// The username or the `client_id`.
    pub name: String,
    pub scopes: Scopes,
    /// When the token expires.
    pub expires_at: Time,
    pub kind: PrincipalKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    User { role: Role, session_id: Id },
    Client,
}

impl Principal {
    /// 403 without the scope.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(ApiError::InsufficientScope(scope))
        }
    }

    /// 403 for clients without the scope `write`. Every user may create pizzas.
    pub fn require_pizza_maker(&self) -> Result<(), ApiError> {
        match self.kind {
            PrincipalKind::User { .. } => Ok(()),
            PrincipalKind::Client => self.require(Scope::Write),
        }
    }

    /// The session of the token. Clients have none.
    pub fn session_id(&self) -> Option<Id> {
        match self.kind {
            PrincipalKind::User { session_id, .. } => Some(session_id),
            PrincipalKind::Client => None,
        }
    }

    pub fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::Admin)
    }
}

/// Resolves the bearer token. A wrong one is refused even where none is needed.
pub async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    match principal(&state, request.headers()).await {
        Ok(Some(principal)) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn principal(state: &AppState, headers: &HeaderMap) -> Result<Option<Principal>, ApiError> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header.to_str().ok().and_then(bearer_token);
    let bearer = match token {
        Some(token) => state.token_keys.bearer(token).await?,
        None => None,
    };
    let found = match bearer {
        Some(Bearer::Session(session_id)) => user(state, session_id).await?,
        Some(Bearer::Client {
            id,
            scopes,
            expires_at,
        }) => client(state, id, scopes, expires_at).await?,
        None => None,
    };
    found.map(Some).ok_or(ApiError::InvalidToken)
}

async fn user(state: &AppState, session_id: Id) -> Result<Option<Principal>, ApiError> {
    let user = state.store.session_user(session_id).await?;
    Ok(user.map(|user| Principal {
        id: user.user_id,
        name: user.username,
        scopes: user.role.scopes(),
        expires_at: user.expires_at,
        kind: PrincipalKind::User {
            role: user.role,
            session_id,
        },
    }))
}

/// A client's token is valid while the client exists, and never for more scopes than the client has now.
async fn client(
    state: &AppState,
    id: Id,
    scopes: Scopes,
    expires_at: Time,
) -> Result<Option<Principal>, ApiError> {
    let client = state.store.oauth_client(id).await?;
    Ok(client.map(|client| Principal {
        id,
        name: client.client_id,
        scopes: scopes.and(client.scopes),
        expires_at,
        kind: PrincipalKind::Client,
    }))
}

/// The token of `Bearer …`. The scheme is case-insensitive (RFC 9110 §11.1).
fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<AppState> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        Anyone(parts.extensions.get().cloned()).principal()
    }
}

/// The principal, or `None` without a token.
pub struct Anyone(pub Option<Principal>);

impl Anyone {
    /// 401 without a token.
    pub fn principal(self) -> Result<Principal, ApiError> {
        self.0
            .ok_or(ApiError::Unauthenticated("a bearer token is required"))
    }
}

impl FromRequestParts<AppState> for Anyone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get().cloned()))
    }
}

/// Declares extractors of a [`Principal`] that passes a check.
macro_rules! extractors {
    ($($(#[doc = $about:literal])? $name:ident: $check:expr;)+) => {$(
        $(#[doc = $about])?
        pub struct $name(pub Principal);

        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
                let principal = Principal::from_request_parts(parts, state).await?;
                let check: fn(&Principal) -> Result<(), ApiError> = $check;
                check(&principal)?;
                Ok(Self(principal))
            }
        }
    )+};
}

extractors! {
    Reader: |principal| principal.require(Scope::Read);
    Writer: |principal| principal.require(Scope::Write);
    Provisioner: |principal| principal.require(Scope::Provision);
    Admin: |principal| principal.require(Scope::Admin);
    PizzaMaker: Principal::require_pizza_maker;
}
