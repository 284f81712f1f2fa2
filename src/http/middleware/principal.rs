//! The principal of a request: the user or client that its bearer token names.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, Response, header, request::Parts},
    middleware::Next,
    response::IntoResponse,
};

use crate::auth::tokens::Bearer;
use crate::domain::{Id, Role, Scope, Scopes, Time};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::StoreError;
use crate::store::replica::reading_from;

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

    /// The principal with its present rights; `None` if the session was ended, or the user or client deleted.
    pub async fn reload(&self, state: &AppState) -> Result<Option<Self>, StoreError> {
        match self.kind {
            PrincipalKind::User { session_id, .. } => user(state, session_id).await,
            PrincipalKind::Client => client(state, self.id, self.scopes, self.expires_at).await,
        }
    }

    pub fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::Admin)
    }
}

/// Resolves the bearer token. An invalid token is refused even where none is needed.
pub async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let principal = match principal(&state, request.headers()).await {
        Ok(principal) => principal,
        Err(error) => return error.into_response(),
    };
    let needed = if !state.store.has_replica() || !is_read(&request) {
        None
    } else if principal.is_some() {
        // A principal must see its own writes. If this query fails, the request reads from the primary, which reports
        // the failure.
        state.store.written_position().await.ok().flatten()
    } else {
        Some(0)
    };
    if let Some(principal) = principal {
        request.extensions_mut().insert(principal);
    }
    match needed {
        Some(position) => reading_from(position, next.run(request)).await,
        None => next.run(request).await,
    }
}

/// Whether a replica may answer: lists and reads of shop, café and platform.
fn is_read(request: &Request) -> bool {
    const RESOURCES: [&str; 6] = [
        "products",
        "categories",
        "pizzas",
        "databases",
        "image-updates",
        "tags",
    ];
    // Their readers want changes at once, without the replica's lag.
    const FOLLOWED: [&str; 2] = ["/events", "/stream"];
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let resource = route.strip_prefix("/api/v1/");
    let resource = resource.and_then(|rest| rest.split('/').next());
    request.method() == Method::GET
        && resource.is_some_and(|resource| RESOURCES.contains(&resource))
        && !FOLLOWED.iter().any(|end| route.ends_with(end))
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

/// The user of a session's token, which a page has in a cookie.
pub async fn of_session(state: &AppState, token: &str) -> Result<Option<Principal>, ApiError> {
    match state.token_keys.bearer(token).await? {
        Some(Bearer::Session(session_id)) => Ok(user(state, session_id).await?),
        _ => Ok(None),
    }
}

async fn user(state: &AppState, session_id: Id) -> Result<Option<Principal>, StoreError> {
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
) -> Result<Option<Principal>, StoreError> {
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
        OptionalPrincipal(parts.extensions.get().cloned()).principal()
    }
}

/// The principal, or `None` without a token.
pub struct OptionalPrincipal(pub Option<Principal>);

impl OptionalPrincipal {
    /// 401 without a token.
    pub fn principal(self) -> Result<Principal, ApiError> {
        self.0
            .ok_or(ApiError::Unauthenticated("a bearer token is required"))
    }
}

impl FromRequestParts<AppState> for OptionalPrincipal {
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
