//! Password resets: admins make them, and users redeem them.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Confidential, confidential};
use super::caller::{Admin, Origin, audit, known_as};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use crate::auth::tokens;
use crate::domain::{Id, Time, rules};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(redeem))
}

/// A password reset to hand over: the token is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct PasswordResetAnswer {
    reset_token: String,
    expires_at: Time,
}

/// A reset token with the password to set.
#[derive(utoipa::ToSchema)]
struct Redemption {
    #[schema(example = "ada")]
    username: String,
    #[schema(format = "password")]
    reset_token: String,
    #[schema(
        example = "battery staple correct",
        format = "password",
        min_length = 8,
        max_length = 128
    )]
    new_password: String,
}

impl Read for Redemption {
    fn read(fields: &mut Fields) -> Option<Self> {
        let username = fields.required("username", kinds::any_text);
        let reset_token = fields.required("reset_token", kinds::secret);
        let new_password = fields.required("new_password", kinds::text(rules::password));
        Some(Self {
            username: username?,
            reset_token: reset_token?,
            new_password: new_password?,
        })
    }
}

/// Make a password reset; it takes the place of an earlier one that wasn't used.
#[utoipa::path(post, path = "/users/{id}/password-reset", tag = "password resets", params(("id" = Uuid, Path)),
    responses((status = 201, body = PasswordResetAnswer, headers(("Cache-Control", description = "no-store")))),
    security(("bearer" = ["admin"])))]
async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { path, .. }: Input<Id>,
) -> Result<Confidential<PasswordResetAnswer>, ApiError> {
    let reset_token = tokens::random_token();
    let expires_at = Time::now().plus(state.password_reset_lifetime);
    let hash = tokens::token_hash(&reset_token);
    if !state
        .store
        .create_password_reset(path, hash, expires_at)
        .await?
    {
        return Err(ApiError::NotFound);
    }
    audit!(origin, "password reset made", by admin.name, user_id = %path);
    let answer = PasswordResetAnswer {
        reset_token,
        expires_at,
    };
    Ok(confidential(StatusCode::CREATED, answer))
}

/// Set a new password with a token from an admin; the token works once, and all sessions end.
#[utoipa::path(post, path = "/auth/password-reset", tag = "password resets", request_body = Redemption,
    responses(
        (status = 204),
        (status = 401, description = "The name or the reset token is wrong, used or expired"),
    ))]
async fn redeem(
    State(state): State<AppState>,
    origin: Origin,
    Input { body, .. }: Input<(), (), Redemption>,
) -> Result<StatusCode, ApiError> {
    let token_hash = tokens::token_hash(&body.reset_token);
    let refused =
        ApiError::Unauthenticated("the name or the reset token is wrong, used or expired");
    let Some(user) = state.store.user_by_username(&body.username).await? else {
        audit!(origin, "password reset refused", by known_as(&body.username));
        return Err(refused);
    };
    // Hashing is dear, so it waits until the token is known to be good; that it still is, the store makes sure.
    if !state.store.has_password_reset(user.id, &token_hash).await? {
        audit!(origin, "password reset refused", by user.username, user_id = %user.id);
        return Err(refused);
    }
    let password_hash = state.passwords.hash(body.new_password).await?;
    let Some(sessions_ended) = state
        .store
        .use_password_reset(user.id, token_hash, password_hash)
        .await?
    else {
        audit!(origin, "password reset refused", by user.username, user_id = %user.id);
        return Err(refused);
    };
    audit!(origin, "password reset used", by user.username, user_id = %user.id, sessions_ended);
    Ok(StatusCode::NO_CONTENT)
}
