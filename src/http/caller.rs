//! Who is asking: the bearer of a token, and what that gives.

use std::{convert::Infallible, fmt, net::IpAddr};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Response, header, request::Parts},
    middleware::Next,
    response::IntoResponse,
};

use super::error::ApiError;
use super::{AppState, ClientAddress};
use crate::auth::tokens::Bearer;
use crate::domain::{Id, Role, Scope, Scopes, Time};

/// The user or client whose token came with the request; asking for it in a handler answers 401 without one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user's id, or that of the client's row.
    pub id: Id,
    /// The name to log in with, or what the client calls itself.
    pub name: String,
    /// What the bearer may do.
    pub scopes: Scopes,
    /// When the token stops working by itself.
    pub expires_at: Time,
    /// Whether a person asks, or a program.
    pub kind: Kind,
}

/// A person or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A user.
    User {
        /// Where the scopes come from.
        role: Role,
        /// The session that the token names.
        session_id: Id,
    },
    /// An OAuth client.
    Client,
}

impl Caller {
    /// Answers 403 when the bearer isn't good for this.
    pub fn needs(&self, scope: Scope) -> Result<(), ApiError> {
        if self.scopes.contains(scope) {
            Ok(())
        } else {
            Err(ApiError::InsufficientScope(scope))
        }
    }

    /// The session that the token names; a client has none.
    pub fn session_id(&self) -> Option<Id> {
        match self.kind {
            Kind::User { session_id, .. } => Some(session_id),
            Kind::Client => None,
        }
    }

    /// Whether the bearer may do what admins may.
    pub fn is_admin(&self) -> bool {
        self.scopes.contains(Scope::Admin)
    }

    /// Whether the bearer may make pizzas: any user may, and clients that may write.
    pub fn needs_kitchen(&self) -> Result<(), ApiError> {
        match self.kind {
            Kind::User { .. } => Ok(()),
            Kind::Client => self.needs(Scope::Write),
        }
    }
}

/// A [`Caller`], or nobody: for what is open to all.
pub struct Anyone(pub Option<Caller>);

/// Where a request comes from, for the audit and for limits.
pub struct Origin(pub Option<IpAddr>);

impl Origin {
    /// Where this request comes from.
    pub fn of(parts: &Parts) -> Self {
        let address = parts.extensions.get::<ClientAddress>();
        Self(address.map(|address| address.0))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

/// What the program that sends a request calls itself, cut short.
pub struct UserAgent(pub Option<String>);

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
    let refused = ApiError::InvalidToken;
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header.to_str().ok().and_then(bearer_token);
    let found = match token.and_then(|token| state.tokens.bearer(token)) {
        Some(Bearer::Session(session_id)) => user(state, session_id).await?,
        Some(Bearer::Client {
            id,
            scopes,
            expires_at,
        }) => client(state, id, scopes, expires_at).await?,
        None => None,
    };
    found.map(Some).ok_or(refused)
}

async fn user(state: &AppState, session_id: Id) -> Result<Option<Caller>, ApiError> {
    let user = state.store.session_user(session_id).await?;
    Ok(user.map(|user| Caller {
        id: user.user_id,
        name: user.username,
        scopes: user.role.scopes(),
        expires_at: user.expires_at,
        kind: Kind::User {
            role: user.role,
            session_id,
        },
    }))
}

/// A client's token works as long as the client is there, and never for more than the client may do.
async fn client(
    state: &AppState,
    id: Id,
    scopes: Scopes,
    expires_at: Time,
) -> Result<Option<Caller>, ApiError> {
    let client = state.store.oauth_client(id).await?;
    Ok(client.map(|client| Caller {
        id,
        name: client.client_id,
        scopes: scopes.and(client.scopes),
        expires_at,
        kind: Kind::Client,
    }))
}

/// The token of `Bearer …`; the scheme's case doesn't matter (RFC 9110 §11.1).
fn bearer_token(header: &str) -> Option<&str> {
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

macro_rules! callers {
    ($($(#[doc = $about:literal])+ $name:ident: $check:expr;)+) => {$(
        $(#[doc = $about])+
        pub struct $name(pub Caller);

        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
                let caller = Caller::from_request_parts(parts, state).await?;
                let check: fn(&Caller) -> Result<(), ApiError> = $check;
                check(&caller)?;
                Ok(Self(caller))
            }
        }
    )+};
}

callers! {
    /// A [`Caller`] who may look at what isn't open to all; others are answered 403.
    Reader: |caller| caller.needs(Scope::Read);
    /// A [`Caller`] who may change shop and platform.
    Writer: |caller| caller.needs(Scope::Write);
    /// A [`Caller`] who may say how far a database is.
    Provisioner: |caller| caller.needs(Scope::Provision);
    /// A [`Caller`] who looks after users, clients and everybody's things.
    Admin: |caller| caller.needs(Scope::Admin);
    /// A [`Caller`] who may make pizzas.
    Cook: Caller::needs_kitchen;
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
        Ok(Self::of(parts))
    }
}

impl FromRequestParts<AppState> for UserAgent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let sent = parts.headers.get(header::USER_AGENT);
        let text = sent.and_then(|value| value.to_str().ok());
        Ok(Self(text.map(|text| text.chars().take(200).collect())))
    }
}

/// What was typed as a name may be anything, even a password: its beginning is enough to find out more.
pub fn known_as(name: &str) -> String {
    let beginning: String = name.chars().take(50).collect();
    beginning.escape_debug().to_string()
}

/// Writes one line about a sensitive act: who, what, from where; never a secret.
macro_rules! audit {
    ($origin:expr, $act:literal, by $who:expr $(, $($field:tt)+)?) => {
        tracing::info!(target: "audit", act = $act, who = %$who, from = %$origin $(, $($field)+)?)
    };
}
pub(super) use audit;
