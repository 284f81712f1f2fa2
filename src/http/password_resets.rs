//! Password resets: admins create them, users redeem them.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;

use super::audit::{Origin, audit, typed_name};
use super::error::ApiError;
use super::input::{ANY_TEXT, Input, PASSWORD, PathId, SECRET, fields};
use super::middleware::principal::Admin;
use super::response::{WithHeader, not_cached};
use super::state::AppState;
use crate::auth::tokens;
use crate::domain::Time;

#[derive(Serialize, utoipa::ToSchema)]
pub struct PasswordResetResponse {
    /// Shown only in this response.
    #[schema(example = "6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a")]
    reset_token: String,
    expires_at: Time,
}

fields! {
    body struct Redemption as "Redemption" {
        username: required(ANY_TEXT) as String = "ada",
        reset_token: required(SECRET) as String = "6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a",
        new_password: required(PASSWORD) as String = "battery staple correct",
    }
}

/// Create a password reset. It replaces an unused earlier one.
#[utoipa::path(post, path = "/users/{id}/password-reset", tag = "password resets", params(PathId),
    responses((status = 201, body = PasswordResetResponse, headers(("Cache-Control", description = "no-store")))),
    security(("bearer" = ["admin"])))]
pub async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<PathId>,
) -> Result<WithHeader<PasswordResetResponse, &'static str>, ApiError> {
    let reset_token = tokens::random_token();
    let expires_at = Time::now().plus(state.password_reset_lifetime);
    let hash = tokens::token_hash(&reset_token);
    if !state
        .store
        .create_password_reset(path.id, hash, expires_at)
        .await?
    {
        return Err(ApiError::NotFound);
    }
    audit!(origin, "password reset made", by admin.name, user_id = %path.id);
    let response = PasswordResetResponse {
        reset_token,
        expires_at,
    };
    Ok(not_cached(StatusCode::CREATED, response))
}

/// Set a new password with a reset token. The token works once, and all sessions of the user end.
#[utoipa::path(post, path = "/auth/password-reset", tag = "password resets", request_body = Redemption, responses(
    (status = 204),
    (status = 401, description = "The username or the reset token is wrong, used or expired"),
))]
pub async fn redeem(
    State(state): State<AppState>,
    origin: Origin,
    Input { body, .. }: Input<(), (), Redemption>,
) -> Result<StatusCode, ApiError> {
    let refused =
        ApiError::Unauthenticated("the username or the reset token is wrong, used or expired");
    let Some(user) = state.store.user_by_username(&body.username).await? else {
        audit!(origin, "password reset refused", by typed_name(&body.username));
        return Err(refused);
    };
    let token_hash = tokens::token_hash(&body.reset_token);
    // Hashing is expensive, so the token is checked first. `use_password_reset` checks it again.
    let sessions_ended = if state.store.has_password_reset(user.id, &token_hash).await? {
        let password_hash = state.passwords.hash(body.new_password).await?;
        state
            .store
            .use_password_reset(user.id, token_hash, password_hash)
            .await?
    } else {
        None
    };
    let Some(sessions_ended) = sessions_ended else {
        audit!(origin, "password reset refused", by user.username, user_id = %user.id);
        return Err(refused);
    };
    audit!(origin, "password reset used", by user.username, user_id = %user.id, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}
