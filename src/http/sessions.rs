//! Sessions: logging in and out, and listing and ending sessions.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::audit::{Origin, UserAgent, audit, typed_name};
use super::error::ApiError;
use super::input::{ANY_TEXT, Input, PathId, SECRET, fields};
use super::middleware::principal::{Principal, PrincipalKind, Reader};
use super::pagination::{Listed, SortedByTime};
use super::rate_limit::Account;
use super::response::{WithHeader, deleted, not_cached, response};
use super::state::AppState;
use crate::domain::{Id, Role, Scopes, Time};
use crate::store::sessions::{NewSession, Session};

response! {
    SessionResponse from session: Session {
        id: Id,
        created_at: Time,
        expires_at: Time,
        #[schema(example = "curl/8.5.0")]
        user_agent: Option<String>,
        /// Whether it is the session of this request.
        #[schema(example = true)]
        current: bool = false,
    }
}

/// A token (RFC 6749 §5.1).
#[derive(Serialize, utoipa::ToSchema)]
pub struct Token {
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiIwMTk3YTBhMCJ9.x7Yk2m0Q")]
    pub access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    #[schema(example = 3600)]
    pub expires_in: u64,
}

/// The principal of a token.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Validity {
    /// The id of the user or client.
    subject: Id,
    kind: SubjectKind,
    /// Only for users.
    #[schema(example = "ada")]
    username: Option<String>,
    /// Only for users.
    role: Option<Role>,
    #[schema(example = json!(["read"]))]
    scopes: Scopes,
    expires_at: Time,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    User,
    Client,
}

fields! {
    body struct Login as "LoginBody", exactly_one_of(username, email) {
        /// The username, or the email address.
        username: not_null(ANY_TEXT) as Option<String> = "ada",
        email: not_null(ANY_TEXT) as Option<String> = "ada@example.com",
        password: required(SECRET) as String = "correct horse battery",
    }
}

/// List your own sessions.
#[utoipa::path(get, path = "/auth/sessions", tag = "sessions", params(SortedByTime),
    responses((status = 200, body = Listed<SessionResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    Reader(principal): Reader,
    Input { query: page, .. }: Input<(), SortedByTime>,
) -> Result<Json<Listed<SessionResponse>>, ApiError> {
    let sessions = state.store.sessions(principal.id, page.window()).await?;
    let mut sessions: Listed<SessionResponse> = page.response(sessions);
    for session in &mut sessions.data {
        session.current = principal.session_id() == Some(session.id);
    }
    Ok(Json(sessions))
}

/// Log in.
#[utoipa::path(post, path = "/auth/login", tag = "sessions", request_body = Login, responses(
    (status = 200, body = Token, headers(("Cache-Control", description = "no-store"))),
    (status = 401, description = "The name or the password is wrong"),
    (status = 429, description = "Too many attempts"),
))]
pub async fn create(
    State(state): State<AppState>,
    origin: Origin,
    UserAgent(user_agent): UserAgent,
    Input { body, .. }: Input<(), (), Login>,
) -> Result<WithHeader<Token, &'static str>, ApiError> {
    let token = log_in(&state, &origin, user_agent, body).await?;
    Ok(not_cached(StatusCode::OK, token))
}

/// Checks name and password, and creates a session.
pub async fn log_in(
    state: &AppState,
    origin: &Origin,
    user_agent: Option<String>,
    body: Login,
) -> Result<Token, ApiError> {
    let Login {
        username,
        email,
        password,
    } = body;
    // No username has an @.
    let is_email = username.as_ref().is_none_or(|name| name.contains('@'));
    let name = username.or(email).unwrap_or_default();
    let typed = typed_name(&name);
    let account = if is_email {
        Account::Email(&name)
    } else {
        Account::Username(&name)
    };
    let limit = &state.rate_limit;
    limit.check(account, origin, &typed).await?;
    let user = if is_email {
        state.store.user_by_email(&name).await?
    } else {
        state.store.user_by_username(&name).await?
    };
    // For an unknown user, `verify` takes the same time with a dummy hash.
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let is_correct = state.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| is_correct) else {
        return Err(refused(origin, &typed));
    };
    let other_name = if is_email {
        Some(Account::Username(&user.username))
    } else {
        user.email.as_deref().map(Account::Email)
    };
    if let Some(account) = other_name {
        state.rate_limit.note(account).await?;
    }
    let issued_at = Time::now();
    let expires_at = issued_at.plus(state.token_lifetime);
    let new = NewSession {
        user_id: user.id,
        password_hash: user.password_hash,
        user_agent,
        expires_at,
    };
    let tokens = state.token_keys.for_signing().await?;
    let Some(session_id) = state.store.create_session(new).await? else {
        return Err(refused(origin, &user.username));
    };
    audit!(origin, "log-in", by user.username, user_id = %user.id, session_id = %session_id);
    Ok(Token {
        access_token: tokens.sign(user.id, session_id, issued_at, expires_at),
        token_type: "Bearer",
        expires_in: state.token_lifetime.as_secs(),
    })
}

/// A wrong name and a wrong password get the same response.
fn refused(origin: &Origin, who: &str) -> ApiError {
    audit!(origin, "log-in refused", by who);
    ApiError::Unauthenticated("the name or the password is wrong")
}

/// End one of your own sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "sessions", params(PathId),
    responses((status = 204)), security(("bearer" = ["read"])))]
pub async fn delete(
    State(state): State<AppState>,
    Reader(principal): Reader,
    origin: Origin,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    let response = deleted(state.store.delete_session(principal.id, path.id).await?)?;
    audit!(origin, "session ended", by principal.name, session_id = %path.id);
    Ok(response)
}

/// Log out: end the session of the bearer token.
#[utoipa::path(post, path = "/auth/logout", tag = "sessions", responses(
    (status = 204),
    (status = 404, description = "The bearer is a client, which has no session"),
), security(("bearer" = [])))]
pub async fn delete_current(
    State(state): State<AppState>,
    principal: Principal,
    origin: Origin,
    _: Input,
) -> Result<StatusCode, ApiError> {
    let session_id = principal.session_id().ok_or(ApiError::NotFound)?;
    state.store.delete_session(principal.id, session_id).await?;
    audit!(origin, "log-out", by principal.name, session_id = %session_id);
    Ok(StatusCode::NO_CONTENT)
}

/// Check the bearer token.
#[utoipa::path(get, path = "/auth/validate", tag = "sessions", responses((status = 200, body = Validity)),
    security(("bearer" = [])))]
pub async fn validate(principal: Principal, _: Input) -> Json<Validity> {
    let (kind, username, role) = match principal.kind {
        PrincipalKind::User { role, .. } => (SubjectKind::User, Some(principal.name), Some(role)),
        PrincipalKind::Client => (SubjectKind::Client, None, None),
    };
    Json(Validity {
        subject: principal.id,
        kind,
        username,
        role,
        scopes: principal.scopes,
        expires_at: principal.expires_at,
    })
}
