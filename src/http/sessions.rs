//! Sessions: logging in, seeing where one is logged in, logging out.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Caller, Origin, audit};
use super::error::ApiError;
use super::extract::{Input, Read};
use super::fields::{self, Fields};
use super::page::{Listed, Page};
use crate::auth::Role;
use crate::store::sessions::{NewSession, Session};
use crate::store::users::User;
use crate::store::{Id, StoreError, Time};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(validate))
        .routes(routes!(list))
        .routes(routes!(delete))
        .routes(routes!(delete_current))
}

/// A name, or an email that no other user has, with the password.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Login {
    #[schema(example = "ada")]
    username: Option<String>,
    /// Instead of the username; an email that several users share logs nobody in.
    email: Option<String>,
    #[schema(example = "correct horse battery")]
    password: String,
}

impl Read for Login {
    fn read(fields: &mut Fields) -> Option<Self> {
        let (has_username, has_email) = (fields.has("username"), fields.has("email"));
        match (has_username, has_email) {
            (false, false) => fields.fault("username", "is required, or else email"),
            (true, true) => fields.fault("email", "can't be given together with username"),
            _ => {}
        }
        let username = fields.optional("username", fields::any_text);
        let email = fields.optional("email", fields::any_text);
        let password = fields.required("password", fields::secret)?;
        Some(Self {
            username,
            email,
            password,
        })
    }
}

/// A token, as RFC 6749 §5.1 shapes it.
#[derive(Serialize, utoipa::ToSchema)]
struct Token {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    #[schema(example = 3600)]
    expires_in: u64,
}

/// What a token stands for.
#[derive(Serialize, utoipa::ToSchema)]
struct Validity {
    subject: Id,
    #[schema(example = "user")]
    kind: &'static str,
    #[schema(example = "ada")]
    username: String,
    role: Role,
    #[schema(example = json!(["read"]))]
    scopes: &'static [&'static str],
    expires_at: Time,
}

/// A log-in that lasts.
#[derive(Serialize, utoipa::ToSchema)]
struct SessionAnswer {
    id: Id,
    created_at: Time,
    expires_at: Time,
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Log in.
#[utoipa::path(post, path = "/auth/login", tag = "sessions", request_body = Login,
    responses((status = 200, body = Token)))]
async fn create(
    State(state): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    Input { body, .. }: Input<(), (), Login>,
) -> Result<([(HeaderName, &'static str); 1], Json<Token>), ApiError> {
    let Login {
        username,
        email,
        password,
    } = body;
    let user = find(&state, username.as_deref(), email.as_deref()).await?;
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let right = state.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(refused(&origin, username.or(email)));
    };
    let issued_at = Time::now();
    let expires_at = issued_at.plus(state.token_lifetime);
    let new = NewSession {
        user_id: user.id,
        password_hash: user.password_hash,
        user_agent: user_agent(&headers),
        expires_at,
    };
    let Some(session_id) = state.store.create_session(new).await? else {
        return Err(refused(&origin, Some(user.username)));
    };
    audit!(origin, "log-in", by user.username, user_id = %user.id, session_id = %session_id);
    let access_token = state
        .tokens
        .sign(user.id, session_id, issued_at, expires_at);
    let token = Token {
        access_token,
        token_type: "Bearer",
        expires_in: state.token_lifetime.as_secs(),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(token)))
}

async fn find(
    state: &AppState,
    username: Option<&str>,
    email: Option<&str>,
) -> Result<Option<User>, StoreError> {
    match (username, email) {
        (Some(username), _) => state.store.user_by_username(username).await,
        (None, Some(email)) => state.store.user_by_email(email).await,
        (None, None) => Ok(None),
    }
}

/// The same answer, whether the name or the password is wrong.
fn refused(origin: &Origin, name: Option<String>) -> ApiError {
    // What was typed as a name may be anything, even a password: its beginning is enough to find out more.
    let who: String = name.unwrap_or_default().chars().take(50).collect();
    audit!(origin, "log-in refused", by who.escape_debug());
    ApiError::Unauthenticated("the name or the password is wrong")
}

pub(super) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(200).collect())
}

/// What the bearer is good for.
#[utoipa::path(get, path = "/auth/validate", tag = "sessions", responses((status = 200, body = Validity)),
    security(("bearer" = [])))]
async fn validate(caller: Caller, _: Input) -> Json<Validity> {
    Json(Validity {
        subject: caller.user_id,
        kind: "user",
        username: caller.username,
        role: caller.role,
        scopes: caller.role.scopes(),
        expires_at: caller.expires_at,
    })
}

/// One's own sessions, the latest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "sessions", params(
    ("page" = Option<i64>, Query, minimum = 1),
    ("limit" = Option<i64>, Query, minimum = 1, maximum = 100),
), responses((status = 200, body = Listed<SessionAnswer>)), security(("bearer" = [])))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Input { query, .. }: Input<(), Page>,
) -> Result<Json<Listed<SessionAnswer>>, ApiError> {
    let (sessions, total) = state.store.sessions(caller.user_id, query.window()).await?;
    let answer = |session: Session| SessionAnswer {
        id: session.id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        current: session.id == caller.session_id,
    };
    Ok(Json(
        query.answer(sessions.into_iter().map(answer).collect(), total),
    ))
}

/// End one of one's own sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("bearer" = [])))]
async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    if !state.store.delete_session(caller.user_id, path).await? {
        return Err(ApiError::NotFound);
    }
    audit!(origin, "session ended", by caller.username, session_id = %path);
    Ok(StatusCode::NO_CONTENT)
}

/// Log out: end the session of the bearer.
#[utoipa::path(post, path = "/auth/logout", tag = "sessions", responses((status = 204)), security(("bearer" = [])))]
async fn delete_current(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    _: Input,
) -> Result<StatusCode, ApiError> {
    state
        .store
        .delete_session(caller.user_id, caller.session_id)
        .await?;
    audit!(origin, "log-out", by caller.username, session_id = %caller.session_id);
    Ok(StatusCode::NO_CONTENT)
}
