//! Users: registration, the user's own account (`/users/me`), and all accounts for admins.

use axum::{Json, extract::State, http::StatusCode};

use super::audit::{Origin, audit};
use super::error::ApiError;
use super::input::{
    Bool, Description, EMAIL, Fields, FromFields, Input, LONG_TEXT, NAME, OneOf, PASSWORD, PathId,
    SECRET, SHORT_TEXT, USERNAME, fields,
};
use super::middleware::principal::{Admin, Principal, Reader};
use super::pagination::{Listed, Sorted};
use super::rate_limit::Account;
use super::response::{WithHeader, created, found, response};
use super::state::AppState;
use crate::domain::{Id, Role, Time};
use crate::store::users::{NewUser, User, UserChange, UserFilter, UserPatch};

response! {
    UserResponse from user: User {
        id: Id,
        #[schema(example = "ada")]
        username: String,
        #[schema(example = "ada@example.com")]
        email: Option<String>,
        #[schema(example = "Ada Lovelace")]
        name: Option<String>,
        #[schema(example = "Dances since 1843")]
        description: Option<String>,
        #[schema(example = "Viennese waltz without counting")]
        current_goal: Option<String>,
        role: Role,
        #[schema(example = false)]
        is_admin: bool = user.role == Role::Admin,
        /// Whether a password reset can be used. Only admins see it.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = false)]
        allow_password_reset: Option<bool> = None,
        last_login: Option<Time>,
        created_at: Time,
        updated_at: Time,
    }
}

impl UserResponse {
    fn for_admin(user: User) -> Self {
        Self {
            allow_password_reset: Some(user.allows_password_reset()),
            ..user.into()
        }
    }

    fn for_principal(principal: &Principal, user: User) -> Self {
        if principal.is_admin() {
            Self::for_admin(user)
        } else {
            user.into()
        }
    }
}

fields! {
    body struct Registration as "Registration" {
        /// 3 to 50 ASCII letters, digits and underscores. Unique, regardless of case.
        username: required(USERNAME) as String = "ada",
        /// Anything but the most common passwords.
        password: required(PASSWORD) as String = "correct horse battery",
        email: optional(EMAIL) as Option<String> = "ada@example.com",
        name: optional(NAME) as Option<String> = "Ada Lovelace",
        description: optional(LONG_TEXT) as Option<String> = "Dances since 1843",
        current_goal: optional(LONG_TEXT) as Option<String> = "Viennese waltz without counting",
    }
}

fields! {
    body UserPatch as "UserChange" {
        username: not_null(USERNAME) = "ada",
        email: clearable(EMAIL) = "ada@example.com",
        name: clearable(NAME) = "Ada Lovelace",
        description: clearable(LONG_TEXT) = "Dances since 1843",
        current_goal: clearable(LONG_TEXT) = "Tango",
        /// A new role ends all sessions of the user.
        role: not_null(ROLE) = "moderator",
    }
}

const ROLE: OneOf<Role> = OneOf(&Role::ALL, Role::as_str);

/// A change of the user's own account: all fields except the role.
pub struct ProfilePatch(UserPatch);

impl FromFields for ProfilePatch {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        fields.refused(&["role"], "is unknown");
        UserPatch::from_fields(fields).map(Self)
    }

    fn describe(description: &mut Description) {
        UserPatch::describe(description);
        description.remove("role");
    }
}

fields! { schema of ProfilePatch as "ProfileChange" }

fields! {
    body struct PasswordChange as "PasswordChange" {
        current_password: required(SECRET) as String = "correct horse battery",
        new_password: required(PASSWORD) as String = "battery staple correct",
    }
}

fields! {
    query UserFilter {
        /// Any part of username, email or name, in any case.
        q: optional(SHORT_TEXT) = "ada",
        /// With this role.
        role: optional(ROLE) = "moderator",
        /// Only deleted users.
        deleted: optional_or(Bool, false) = false,
    }
}

/// Register.
#[utoipa::path(post, path = "/users", tag = "users", request_body = Registration, responses(
    (status = 201, body = UserResponse, headers(("Location", description = "The path of the user"))),
    (status = 409, description = "The username or the email is taken"),
    (status = 429, description = "Too many registrations"),
))]
pub async fn create(
    State(state): State<AppState>,
    origin: Origin,
    Input { body, .. }: Input<(), (), Registration>,
) -> Result<WithHeader<UserResponse, String>, ApiError> {
    let limit = &state.rate_limit;
    limit.check(Account::New, &origin, &body.username).await?;
    let new = NewUser {
        password_hash: state.passwords.hash_anonymous(body.password).await?,
        username: body.username,
        email: body.email,
        name: body.name,
        description: body.description,
        current_goal: body.current_goal,
        role: Role::User,
    };
    let user = state.store.create_user(new).await?;
    audit!(origin, "register", by user.username, user_id = %user.id);
    Ok(created("/users", user.id, user.into()))
}

/// Get your own account.
#[utoipa::path(get, path = "/users/me", tag = "users", responses((status = 200, body = UserResponse)),
    security(("bearer" = ["read"])))]
pub async fn get_me(
    State(state): State<AppState>,
    Reader(principal): Reader,
    _: Input,
) -> Result<Json<UserResponse>, ApiError> {
    let user = state.store.user(principal.id).await?;
    found(user.map(|user| UserResponse::for_principal(&principal, user)))
}

/// Change your own account. Null clears a field that is optional.
#[utoipa::path(patch, path = "/users/me", tag = "users", request_body = ProfilePatch, responses(
    (status = 200, body = UserResponse),
    (status = 409, description = "The username or the email is taken"),
), security(("bearer" = ["read"])))]
pub async fn update_me(
    State(state): State<AppState>,
    Reader(principal): Reader,
    origin: Origin,
    Input { body, .. }: Input<(), (), ProfilePatch>,
) -> Result<Json<UserResponse>, ApiError> {
    let change = state.store.update_user(principal.id, body.0).await?;
    let change = change.ok_or(ApiError::NotFound)?;
    audit_change(&change, &principal, &origin);
    Ok(Json(UserResponse::for_principal(&principal, change.user)))
}

/// Change your own password. All other sessions end.
#[utoipa::path(put, path = "/users/me/password", tag = "users", request_body = PasswordChange, responses(
    (status = 204),
    (status = 401, description = "The current password or the bearer token is wrong"),
    (status = 429, description = "Too many attempts"),
), security(("bearer" = ["read"])))]
pub async fn update_my_password(
    State(state): State<AppState>,
    Reader(principal): Reader,
    origin: Origin,
    Input { body, .. }: Input<(), (), PasswordChange>,
) -> Result<StatusCode, ApiError> {
    let session_id = principal.session_id().ok_or(ApiError::NotFound)?;
    let account = Account::Password(principal.id);
    let limit = &state.rate_limit;
    limit.check(account, &origin, &principal.name).await?;
    let user = state.store.user(principal.id).await?;
    let User {
        id, password_hash, ..
    } = user.ok_or(ApiError::NotFound)?;
    let is_correct = state
        .passwords
        .verify(body.current_password, Some(&password_hash))
        .await?;
    let sessions_ended = if is_correct {
        let new_hash = state.passwords.hash(body.new_password).await?;
        state
            .store
            .update_password(id, password_hash, new_hash, session_id)
            .await?
    } else {
        None
    };
    let Some(sessions_ended) = sessions_ended else {
        audit!(origin, "password change refused", by principal.name, user_id = %id);
        return Err(ApiError::Unauthenticated("the current password is wrong"));
    };
    audit!(origin, "password changed", by principal.name, user_id = %id, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}

/// List users.
#[utoipa::path(get, path = "/users", tag = "users", params(UserFilter, Sorted),
    responses((status = 200, body = Listed<UserResponse>)), security(("bearer" = ["admin"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Admin,
    input: Input<(), (UserFilter, Sorted)>,
) -> Result<Json<Listed<UserResponse>>, ApiError> {
    let (filter, page) = input.query;
    let (users, total) = state.store.users(&filter, page.window()).await?;
    let users: Vec<_> = users.into_iter().map(UserResponse::for_admin).collect();
    Ok(Json(page.response((users, total))))
}

/// Get a user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(PathId),
    responses((status = 200, body = UserResponse)), security(("bearer" = ["admin"])))]
pub async fn get(
    State(state): State<AppState>,
    _: Admin,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<UserResponse>, ApiError> {
    let user = state.store.user(path.id).await?;
    found(user.map(UserResponse::for_admin))
}

/// Change a user. Null clears a field that is optional.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(PathId), request_body = UserPatch, responses(
    (status = 200, body = UserResponse),
    (status = 409, description = "The username or the email is taken, or this is the last admin"),
), security(("bearer" = ["admin"])))]
pub async fn update(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, body, .. }: Input<PathId, (), UserPatch>,
) -> Result<Json<UserResponse>, ApiError> {
    let change = state.store.update_user(path.id, body).await?;
    let change = change.ok_or(ApiError::NotFound)?;
    audit_change(&change, &admin, &origin);
    Ok(Json(UserResponse::for_admin(change.user)))
}

/// Delete a user. The username becomes free, and all sessions of the user end.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", params(PathId), responses(
    (status = 204),
    (status = 409, description = "This is the last admin"),
), security(("bearer" = ["admin"])))]
pub async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    let sessions_ended = state.store.delete_user(path.id).await?;
    let sessions_ended = sessions_ended.ok_or(ApiError::NotFound)?;
    audit!(origin, "user deleted", by admin.name, user_id = %path.id, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Restore a deleted user.
#[utoipa::path(post, path = "/users/{id}/restore", tag = "users", params(PathId), responses(
    (status = 200, body = UserResponse),
    (status = 409, description = "The username or the email is now taken"),
), security(("bearer" = ["admin"])))]
pub async fn restore(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<UserResponse>, ApiError> {
    let user = state.store.restore_user(path.id).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    audit!(origin, "user restored", by admin.name, user_id = %user.id);
    Ok(Json(UserResponse::for_admin(user)))
}

/// Writes an audit line for each changed field that affects how the user logs in or what the user may do.
fn audit_change(change: &UserChange, by: &Principal, origin: &Origin) {
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
