//! Users: registering, and one's own profile.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Created, created};
use super::caller::{Caller, Origin, Reader, audit};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use crate::domain::{Id, Role, Time, rules};
use crate::store::users::UserChange;
use crate::store::users::{NewUser, User, UserPatch};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(get, update))
        .routes(routes!(update_password))
}

/// A user as answers show it; passwords appear nowhere.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UserAnswer {
    id: Id,
    #[schema(example = "ada")]
    username: String,
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    description: Option<String>,
    #[schema(example = "Viennese waltz without counting")]
    current_goal: Option<String>,
    role: Role,
    is_admin: bool,
    /// Whether a password reset waits to be used; shown to admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_password_reset: Option<bool>,
    last_login: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

impl UserAnswer {
    /// The user as admins see it.
    pub(super) fn for_admin(user: User) -> Self {
        Self {
            allow_password_reset: Some(user.allows_password_reset()),
            ..user.into()
        }
    }

    fn to(caller: &Caller, user: User) -> Self {
        if caller.is_admin() {
            Self::for_admin(user)
        } else {
            user.into()
        }
    }
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            email: user.email,
            name: user.name,
            description: user.description,
            current_goal: user.current_goal,
            role: user.role,
            is_admin: user.role == Role::Admin,
            allow_password_reset: None,
            last_login: user.last_login,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// What registering needs.
#[derive(utoipa::ToSchema)]
struct Registration {
    /// 3 to 50 ASCII letters, digits and underscores; unique in any case.
    #[schema(
        example = "ada",
        min_length = 3,
        max_length = 50,
        pattern = "^[A-Za-z0-9_]+$"
    )]
    username: String,
    /// Anything but one of the most common ones.
    #[schema(
        example = "correct horse battery",
        format = "password",
        min_length = 8,
        max_length = 128
    )]
    password: String,
    #[schema(example = "ada@example.com", format = "email", max_length = 200)]
    email: Option<String>,
    #[schema(
        example = "Ada Lovelace",
        min_length = 1,
        max_length = 100,
        pattern = "\\S"
    )]
    name: Option<String>,
    #[schema(max_length = 2000)]
    description: Option<String>,
    #[schema(example = "Viennese waltz without counting", max_length = 2000)]
    current_goal: Option<String>,
}

impl Read for Registration {
    fn read(fields: &mut Fields) -> Option<Self> {
        let username = fields.required("username", kinds::text(rules::username));
        let password = fields.required("password", kinds::text(rules::password));
        let email = fields
            .optional("email", kinds::text(rules::email))
            .map(|email| email.to_lowercase());
        let name = fields.optional("name", kinds::name);
        let description = fields.optional("description", kinds::long_text);
        let current_goal = fields.optional("current_goal", kinds::long_text);
        Some(Self {
            username: username?,
            password: password?,
            email,
            name,
            description,
            current_goal,
        })
    }
}

/// What one may change about oneself; null clears a field.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body; `UserPatch` is what is read")]
struct ProfileChange {
    #[schema(
        min_length = 3,
        max_length = 50,
        pattern = "^[A-Za-z0-9_]+$",
        nullable = false
    )]
    username: Option<String>,
    #[schema(format = "email", max_length = 200)]
    email: Option<String>,
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    name: Option<String>,
    #[schema(max_length = 2000)]
    description: Option<String>,
    #[schema(example = "Tango", max_length = 2000)]
    current_goal: Option<String>,
}

impl Read for UserPatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.patch_optional("email", kinds::text(rules::email));
        Some(Self {
            username: fields.patch_required("username", kinds::text(rules::username)),
            email: email.map(|email| email.map(|email| email.to_lowercase())),
            name: fields.patch_optional("name", kinds::name),
            description: fields.patch_optional("description", kinds::long_text),
            current_goal: fields.patch_optional("current_goal", kinds::long_text),
            role: None,
        })
    }
}

/// A change of one's own password.
#[derive(utoipa::ToSchema)]
struct PasswordChange {
    #[schema(example = "correct horse battery", format = "password")]
    current_password: String,
    #[schema(
        example = "battery staple correct",
        format = "password",
        min_length = 8,
        max_length = 128
    )]
    new_password: String,
}

impl Read for PasswordChange {
    fn read(fields: &mut Fields) -> Option<Self> {
        let current_password = fields.required("current_password", kinds::secret);
        let new_password = fields.required("new_password", kinds::text(rules::password));
        Some(Self {
            current_password: current_password?,
            new_password: new_password?,
        })
    }
}

/// One's own profile.
#[utoipa::path(get, path = "/users/me", tag = "users", responses((status = 200, body = UserAnswer)),
    security(("bearer" = ["read"])))]
async fn get(
    State(state): State<AppState>,
    Reader(caller): Reader,
    _: Input,
) -> Result<Json<UserAnswer>, ApiError> {
    let user = state.store.user(caller.id).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    Ok(Json(UserAnswer::to(&caller, user)))
}

/// Register a user.
#[utoipa::path(post, path = "/users", tag = "users", request_body = Registration, responses(
    (status = 201, body = UserAnswer, headers(("Location", description = "The user's path"))),
    (status = 409, description = "The username is taken"),
))]
async fn create(
    State(state): State<AppState>,
    origin: Origin,
    Input { body, .. }: Input<(), (), Registration>,
) -> Result<Created<UserAnswer>, ApiError> {
    let new = NewUser {
        password_hash: state.passwords.hash(body.password).await?,
        username: body.username,
        email: body.email,
        name: body.name,
        description: body.description,
        current_goal: body.current_goal,
        role: Role::User,
    };
    let user = state.store.create_user(new).await?;
    audit!(origin, "register", by user.username, user_id = %user.id);
    Ok(created(&format!("/users/{}", user.id), user.into()))
}

/// Change one's own profile.
#[utoipa::path(patch, path = "/users/me", tag = "users", request_body = ProfileChange, responses(
    (status = 200, body = UserAnswer),
    (status = 409, description = "The username is taken"),
), security(("bearer" = ["read"])))]
async fn update(
    State(state): State<AppState>,
    Reader(caller): Reader,
    origin: Origin,
    Input { body, .. }: Input<(), (), UserPatch>,
) -> Result<Json<UserAnswer>, ApiError> {
    let change = state.store.update_user(caller.id, body).await?;
    let change = change.ok_or(ApiError::NotFound)?;
    note(&change, &caller, &origin);
    Ok(Json(UserAnswer::to(&caller, change.user)))
}

/// What was changed of who may log in, by which name, and do what.
pub(super) fn note(change: &UserChange, by: &Caller, origin: &Origin) {
    let UserChange {
        before,
        user,
        sessions_ended,
    } = change;
    if user.username != before.username {
        let (was, username) = (&before.username, &user.username);
        audit!(origin, "username changed", by by.name, user_id = %user.id, was, username);
    }
    if user.email != before.email {
        audit!(origin, "email changed", by by.name, user_id = %user.id);
    }
    if user.role != before.role {
        let (was, role) = (before.role.as_str(), user.role.as_str());
        audit!(origin, "role changed", by by.name, user_id = %user.id, was, role, sessions_ended);
    }
}

/// Change one's own password; all other sessions end.
#[utoipa::path(put, path = "/users/me/password", tag = "users", request_body = PasswordChange, responses(
        (status = 204),
        (status = 401, description = "The current password is wrong, or the bearer"),
    ), security(("bearer" = ["read"])))]
async fn update_password(
    State(state): State<AppState>,
    Reader(caller): Reader,
    origin: Origin,
    Input { body, .. }: Input<(), (), PasswordChange>,
) -> Result<StatusCode, ApiError> {
    let session_id = caller.session_id().ok_or(ApiError::NotFound)?;
    let user = state.store.user(caller.id).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    let refused = ApiError::Unauthenticated("the current password is wrong");
    if !state
        .passwords
        .verify(body.current_password, Some(&user.password_hash))
        .await?
    {
        audit!(origin, "password change refused", by caller.name, user_id = %user.id);
        return Err(refused);
    }
    let hash = state.passwords.hash(body.new_password).await?;
    let Some(sessions_ended) = state
        .store
        .update_password(user.id, user.password_hash, hash, session_id)
        .await?
    else {
        audit!(origin, "password change refused", by caller.name, user_id = %user.id);
        return Err(refused);
    };
    audit!(origin, "password changed", by caller.name, user_id = %user.id, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}
