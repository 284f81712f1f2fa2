//! Users as admins see and change them.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Admin, Origin, audit};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds::{self, Reading};
use super::page::{Listed, Sorted};
use super::users::{UserAnswer, note};
use crate::domain::{Id, Role};
use crate::store::users::{UserFilter, UserPatch};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update, delete))
        .routes(routes!(restore))
}

/// What an admin may change about a user; null clears a field.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the body; `AdminPatch` is what is read")]
struct UserChange {
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
    #[schema(max_length = 2000)]
    current_goal: Option<String>,
    /// Another role ends all sessions of the user.
    #[schema(nullable = false)]
    role: Option<Role>,
}

/// A change of a user by an admin: as one's own, and the role.
struct AdminPatch(UserPatch);

impl Read for AdminPatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        let patch = UserPatch::read(fields)?;
        let role = fields.patch_required("role", role_kind);
        Some(Self(UserPatch { role, ..patch }))
    }
}

fn role_kind(value: &Value) -> Reading<Role> {
    kinds::one_of(&Role::ALL.map(|role| (role.as_str(), role)))(value)
}

/// Which users are asked for, in which order.
struct UserQuery {
    filter: UserFilter,
    sorted: Sorted,
}

impl Read for UserQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = UserFilter {
            q: fields.parameter("q", kinds::short_text),
            role: fields.parameter("role", role_kind),
        };
        let sorted = Sorted::read(fields)?;
        Some(Self { filter, sorted })
    }
}

/// The users.
#[utoipa::path(get, path = "/users", tag = "users", params(
    ("q" = Option<String>, Query, description = "Any part of username, email or name, in any case", max_length = 200),
    ("role" = Option<Role>, Query, description = "With this role"),
    Sorted,
), responses((status = 200, body = Listed<UserAnswer>)), security(("bearer" = ["admin"])))]
async fn list(
    State(state): State<AppState>,
    _: Admin,
    Input { query, .. }: Input<(), UserQuery>,
) -> Result<Json<Listed<UserAnswer>>, ApiError> {
    let Sorted { sort, page } = query.sorted;
    let (users, total) = state
        .store
        .users(&query.filter, sort, page.window())
        .await?;
    let users: Vec<_> = users.into_iter().map(UserAnswer::for_admin).collect();
    Ok(Json(page.answer((users, total))))
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path)),
    responses((status = 200, body = UserAnswer)), security(("bearer" = ["admin"])))]
async fn get(
    State(state): State<AppState>,
    _: Admin,
    Input { path, .. }: Input<Id>,
) -> Result<Json<UserAnswer>, ApiError> {
    let user = state.store.user(path).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    Ok(Json(UserAnswer::for_admin(user)))
}

/// Change a user; another role ends all sessions of theirs.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path)), request_body = UserChange,
    responses(
        (status = 200, body = UserAnswer),
        (status = 409, description = "The username is taken, or this is the last admin"),
    ), security(("bearer" = ["admin"])))]
async fn update(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input {
        path,
        body: AdminPatch(patch),
        ..
    }: Input<Id, (), AdminPatch>,
) -> Result<Json<UserAnswer>, ApiError> {
    let change = state.store.update_user(path, patch).await?;
    let change = change.ok_or(ApiError::NotFound)?;
    note(&change, &admin, &origin);
    Ok(Json(UserAnswer::for_admin(change.user)))
}

/// Delete a user; the name is free again, and all sessions end.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 409, description = "This is the last admin"),
), security(("bearer" = ["admin"])))]
async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    let ended = state.store.delete_user(path).await?;
    let sessions_ended = ended.ok_or(ApiError::NotFound)?;
    audit!(origin, "user deleted", by admin.name, user_id = %path, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted user back.
#[utoipa::path(post, path = "/users/{id}/restore", tag = "users", params(("id" = Uuid, Path)), responses(
    (status = 200, body = UserAnswer),
    (status = 409, description = "The username is taken meanwhile"),
), security(("bearer" = ["admin"])))]
async fn restore(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<Id>,
) -> Result<Json<UserAnswer>, ApiError> {
    let user = state.store.restore_user(path).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    audit!(origin, "user restored", by admin.name, user_id = %user.id);
    Ok(Json(UserAnswer::for_admin(user)))
}
