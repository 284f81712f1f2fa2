//! OAuth clients, which admins create and delete.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::audit::{Origin, audit};
use super::error::ApiError;
use super::input::{ANY_TEXT, Input, List, NAME, Number, OneOf, OptionalBody, fields};
use super::middleware::principal::Admin;
use super::pagination::{Listed, Sorted};
use super::response::{WithHeader, deleted, not_cached, response};
use super::state::AppState;
use crate::auth::tokens;
use crate::domain::{Id, Scope, Scopes, Time};
use crate::store::oauth_clients::OauthClient;

response! {
    OauthClientResponse from client: OauthClient {
        id: Id,
        /// The name with which the client requests tokens.
        #[schema(example = "0197a0a0-0000-7000-8000-000000000001")]
        pub client_id: String,
        #[schema(example = "cash register")]
        name: String,
        #[schema(example = json!(["read", "write"]))]
        scopes: Scopes,
        created_at: Time,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct OauthClientSecret {
    #[serde(flatten)]
    pub client: OauthClientResponse,
    /// Shown only in this response.
    #[schema(example = "6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a")]
    pub client_secret: String,
}

const SCOPES: List<OneOf<Scope>> = List(1, Scope::ALL.len(), OneOf(&Scope::ALL, Scope::as_str));

fields! {
    body struct NewOauthClient as "NewOauthClient" {
        name: required(NAME) as String = "cash register",
        scopes: required(SCOPES) as Vec<Scope> = ["read", "write"],
    }
}

fields! {
    path struct ClientPath {
        client_id: required(ANY_TEXT) as String = "0197a0a0-0000-7000-8000-000000000001",
    }
}

/// List clients.
#[utoipa::path(get, path = "/oauth/clients", tag = "OAuth clients", params(Sorted),
    responses((status = 200, body = Listed<OauthClientResponse>)), security(("bearer" = ["admin"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Admin,
    Input { query: page, .. }: Input<(), Sorted>,
) -> Result<Json<Listed<OauthClientResponse>>, ApiError> {
    let clients = state.store.oauth_clients(page.window()).await?;
    Ok(Json(page.response(clients)))
}

/// Create a client. Its secret is shown only in this response.
#[utoipa::path(post, path = "/oauth/clients", tag = "OAuth clients", request_body = NewOauthClient,
    responses((status = 201, body = OauthClientSecret, headers(("Cache-Control", description = "no-store")))),
    security(("bearer" = ["admin"])))]
pub async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { body, .. }: Input<(), (), NewOauthClient>,
) -> Result<WithHeader<OauthClientSecret, &'static str>, ApiError> {
    let client_secret = tokens::random_token();
    let client = OauthClient::new(
        None,
        tokens::token_hash(&client_secret),
        body.name,
        body.scopes.into_iter().collect(),
    );
    // A generated client_id is never taken.
    state.store.create_oauth_client(client.clone()).await?;
    audit!(origin, "client made", by admin.name, client_id = client.client_id, scopes = %client.scopes);
    let client = client.into();
    Ok(not_cached(
        StatusCode::CREATED,
        OauthClientSecret {
            client,
            client_secret,
        },
    ))
}

fields! {
    body struct SecretRotation as "SecretRotation" {
        /// How long the old secret still works, in seconds.
        overlap_seconds: optional_or(Number(0, 604_800), 0) as i64 = 3600,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct NewSecret {
    #[schema(example = "0197a0a0-0000-7000-8000-000000000001")]
    pub client_id: String,
    /// Shown only in this response.
    #[schema(example = "6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a6fd1e2a9c05b4e7d8a3f9b2c1d0e5f4a")]
    pub client_secret: String,
}

/// Replace a client's secret. The client keeps its id and everything it owns.
#[utoipa::path(post, path = "/oauth/clients/{client_id}/secret", tag = "OAuth clients", params(ClientPath),
    request_body = Option<SecretRotation>,
    responses((status = 200, body = NewSecret, headers(("Cache-Control", description = "no-store")))),
    security(("bearer" = ["admin"])))]
pub async fn update_secret(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input {
        path,
        body: OptionalBody(body),
        ..
    }: Input<ClientPath, (), OptionalBody<SecretRotation>>,
) -> Result<WithHeader<NewSecret, &'static str>, ApiError> {
    let client_secret = tokens::random_token();
    let hash = tokens::token_hash(&client_secret);
    let overlap = Duration::from_secs(body.overlap_seconds.unsigned_abs());
    let until = (!overlap.is_zero()).then(|| Time::now().plus(overlap));
    let client_id = path.client_id;
    let updated = state
        .store
        .update_client_secret(&client_id, &hash, until)
        .await?;
    if !updated {
        return Err(ApiError::NotFound);
    }
    let overlap_seconds = body.overlap_seconds;
    audit!(origin, "client secret replaced", by admin.name, client_id, overlap_seconds);
    let response = NewSecret {
        client_id,
        client_secret,
    };
    Ok(not_cached(StatusCode::OK, response))
}

/// Delete a client. Its tokens stop working at once.
#[utoipa::path(delete, path = "/oauth/clients/{client_id}", tag = "OAuth clients", params(ClientPath),
    responses((status = 204)), security(("bearer" = ["admin"])))]
pub async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input {
        path: ClientPath { client_id },
        ..
    }: Input<ClientPath>,
) -> Result<StatusCode, ApiError> {
    let response = deleted(state.store.delete_oauth_client(&client_id).await?)?;
    audit!(origin, "client removed", by admin.name, client_id);
    Ok(response)
}
