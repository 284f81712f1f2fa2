//! Password resets as their users use them; admins make them.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Origin, audit};
use super::error::ApiError;
use super::extract::{Input, Read};
use super::fields::Fields;
use super::kinds;
use crate::auth::{rules, tokens};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(redeem))
}

/// A reset token with the password to set.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct PasswordReset {
    #[schema(example = "ada")]
    username: String,
    reset_token: String,
    #[schema(example = "battery staple correct", min_length = 8, max_length = 128)]
    new_password: String,
}

impl Read for PasswordReset {
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

/// Set a new password with a token from an admin; the token works once, and all sessions end.
#[utoipa::path(post, path = "/auth/password-reset", tag = "password resets", request_body = PasswordReset,
    responses((status = 204)))]
async fn redeem(
    State(state): State<AppState>,
    origin: Origin,
    Input { body, .. }: Input<(), (), PasswordReset>,
) -> Result<StatusCode, ApiError> {
    let token_hash = tokens::token_hash(&body.reset_token);
    let refused =
        ApiError::Unauthenticated("the name or the reset token is wrong, used or expired");
    let Some(user) = state.store.user_by_username(&body.username).await? else {
        let who: String = body.username.chars().take(50).collect();
        audit!(origin, "password reset refused", by who.escape_debug());
        return Err(refused);
    };
    // Hashing is dear, so it waits until the token is known to be good; that it still is, the store makes sure.
    if !state.store.has_password_reset(user.id, &token_hash).await? {
        audit!(origin, "password reset refused", by user.username, user_id = %user.id);
        return Err(refused);
    }
    let password_hash = state.passwords.hash(body.new_password).await?;
    if !state
        .store
        .use_password_reset(user.id, token_hash, password_hash)
        .await?
    {
        audit!(origin, "password reset refused", by user.username, user_id = %user.id);
        return Err(refused);
    }
    audit!(origin, "password reset used", by user.username, user_id = %user.id);
    Ok(StatusCode::NO_CONTENT)
}
