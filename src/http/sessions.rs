//! Sessions: logging in, seeing where one is logged in, logging out.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Confidential, confidential, deleted};
use super::caller::{Caller, Kind, Origin, Reader, UserAgent, audit, known_as};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, SortedByTime};
use crate::domain::{Id, Role, Scopes, Time};
use crate::store::sessions::{NewSession, Session};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(create))
        .routes(routes!(delete))
        .routes(routes!(delete_current))
        .routes(routes!(validate))
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
    /// The user's id, or that of the client.
    subject: Id,
    kind: SubjectKind,
    /// Of users.
    #[schema(example = "ada")]
    username: Option<String>,
    /// Of users.
    role: Option<Role>,
    #[schema(example = json!(["read"]))]
    scopes: Scopes,
    expires_at: Time,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum SubjectKind {
    User,
    Client,
}

/// Who wants to log in, as it was read.
struct Login {
    name: LoginName,
    password: String,
}

enum LoginName {
    Username(String),
    Email(String),
}

/// A name, or an email that no other user has, with the password.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the body; `Login` is what is read")]
enum LoginBody {
    #[schema(title = "By name")]
    Username {
        #[schema(example = "ada")]
        username: String,
        #[schema(example = "correct horse battery", format = "password")]
        password: String,
    },
    /// An email that several users share logs nobody in.
    #[schema(title = "By email")]
    Email {
        #[schema(example = "ada@example.com")]
        email: String,
        #[schema(example = "correct horse battery", format = "password")]
        password: String,
    },
}

impl Read for Login {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.either("username", "email");
        let username = fields.patch_required("username", kinds::any_text);
        let email = fields.patch_required("email", kinds::any_text);
        let password = fields.required("password", kinds::secret);
        let name = username.map(LoginName::Username);
        let name = name.or(email.map(LoginName::Email));
        Some(Self {
            name: name?,
            password: password?,
        })
    }
}

/// One's own sessions, the latest first unless it is said otherwise.
#[utoipa::path(get, path = "/auth/sessions", tag = "sessions", params(SortedByTime),
    responses((status = 200, body = Listed<SessionAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    Reader(caller): Reader,
    Input { query, .. }: Input<(), SortedByTime>,
) -> Result<Json<Listed<SessionAnswer>>, ApiError> {
    let SortedByTime { sort, page } = query;
    let (sessions, total) = state.store.sessions(caller.id, sort, page.window()).await?;
    let answer = |session: Session| SessionAnswer {
        id: session.id,
        created_at: session.created_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        current: caller.session_id() == Some(session.id),
    };
    let sessions: Vec<_> = sessions.into_iter().map(answer).collect();
    Ok(Json(page.answer((sessions, total))))
}

/// Log in.
#[utoipa::path(post, path = "/auth/login", tag = "sessions", request_body = LoginBody,
    responses(
        (status = 200, body = Token, headers(("Cache-Control", description = "no-store"))),
        (status = 401, description = "The name or the password is wrong"),
        (status = 429, description = "Too many attempts; see Retry-After"),
    ))]
async fn create(
    State(state): State<AppState>,
    origin: Origin,
    UserAgent(user_agent): UserAgent,
    Input { body, .. }: Input<(), (), Login>,
) -> Result<Confidential<Token>, ApiError> {
    let (user, who) = match &body.name {
        LoginName::Username(name) => (state.store.user_by_username(name).await?, known_as(name)),
        LoginName::Email(email) => (state.store.user_by_email(email).await?, known_as(email)),
    };
    let account = match &user {
        Some(user) => user.id.to_string(),
        None => who.to_lowercase(),
    };
    if let Err(error) = state.attempts.count(account, origin.0) {
        audit!(origin, "too many log-ins", by who);
        return Err(error);
    }
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let right = state.passwords.verify(body.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(refused(&origin, &who));
    };
    let issued_at = Time::now();
    let expires_at = issued_at.plus(state.token_lifetime);
    let new = NewSession {
        user_id: user.id,
        password_hash: user.password_hash,
        user_agent,
        expires_at,
    };
    let Some(session_id) = state.store.create_session(new).await? else {
        return Err(refused(&origin, &user.username));
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
    Ok(confidential(StatusCode::OK, token))
}

/// The same answer, whether the name or the password is wrong.
fn refused(origin: &Origin, who: &str) -> ApiError {
    audit!(origin, "log-in refused", by who);
    ApiError::Unauthenticated("the name or the password is wrong")
}

/// End one of one's own sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("bearer" = ["read"])))]
async fn delete(
    State(state): State<AppState>,
    Reader(caller): Reader,
    origin: Origin,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    let answer = deleted(state.store.delete_session(caller.id, path).await?)?;
    audit!(origin, "session ended", by caller.name, session_id = %path);
    Ok(answer)
}

/// Log out: end the session of the bearer. Clients have none.
#[utoipa::path(post, path = "/auth/logout", tag = "sessions", responses(
    (status = 204),
    (status = 404, description = "The bearer is a client"),
), security(("bearer" = [])))]
async fn delete_current(
    State(state): State<AppState>,
    caller: Caller,
    origin: Origin,
    _: Input,
) -> Result<StatusCode, ApiError> {
    let session_id = caller.session_id().ok_or(ApiError::NotFound)?;
    state.store.delete_session(caller.id, session_id).await?;
    audit!(origin, "log-out", by caller.name, session_id = %session_id);
    Ok(StatusCode::NO_CONTENT)
}

/// What the bearer is good for.
#[utoipa::path(get, path = "/auth/validate", tag = "sessions", responses((status = 200, body = Validity)),
    security(("bearer" = [])))]
async fn validate(caller: Caller, _: Input) -> Json<Validity> {
    let (kind, username, role) = match caller.kind {
        Kind::User { role, .. } => (SubjectKind::User, Some(caller.name), Some(role)),
        Kind::Client => (SubjectKind::Client, None, None),
    };
    Json(Validity {
        subject: caller.id,
        kind,
        username,
        role,
        scopes: caller.scopes,
        expires_at: caller.expires_at,
    })
}
