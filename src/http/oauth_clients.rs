//! OAuth clients, as admins make and remove them.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Confidential, confidential, deleted};
use super::caller::{Admin, Origin, audit};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Sorted};
use crate::auth::tokens;
use crate::domain::{Id, Scope, Scopes, Time};
use crate::store::oauth_clients::OauthClient;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// A client as answers show it; its secret isn't known here any more.
#[derive(Serialize, utoipa::ToSchema)]
struct OauthClientAnswer {
    id: Id,
    /// What the client calls itself when it asks for a token.
    client_id: String,
    #[schema(example = "cash register")]
    name: String,
    #[schema(example = json!(["read", "write"]))]
    scopes: Scopes,
    created_at: Time,
}

impl From<OauthClient> for OauthClientAnswer {
    fn from(client: OauthClient) -> Self {
        Self {
            id: client.id,
            client_id: client.client_id,
            name: client.name,
            scopes: client.scopes,
            created_at: client.created_at,
        }
    }
}

/// A client with its secret, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct OauthClientSecret {
    #[serde(flatten)]
    client: OauthClientAnswer,
    client_secret: String,
}

/// What a new client needs.
#[derive(utoipa::ToSchema)]
struct NewOauthClient {
    #[schema(
        example = "cash register",
        min_length = 1,
        max_length = 100,
        pattern = "\\S"
    )]
    name: String,
    #[schema(value_type = Vec<Scope>, min_items = 1, max_items = 4, example = json!(["read", "write"]))]
    scopes: Scopes,
}

impl Read for NewOauthClient {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::name);
        let words = Scope::ALL.map(|scope| (scope.as_str(), scope));
        let scopes = fields.required_list("scopes", 1, Scope::ALL.len(), kinds::one_of(&words));
        Some(Self {
            name: name?,
            scopes: scopes?.into_iter().collect(),
        })
    }
}

/// The name in the path of a client.
struct ClientId(String);

impl Read for ClientId {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.parameter("client_id", kinds::any_text).map(Self)
    }
}

/// The clients there are.
#[utoipa::path(get, path = "/oauth/clients", tag = "OAuth clients", params(Sorted),
    responses((status = 200, body = Listed<OauthClientAnswer>)), security(("bearer" = ["admin"])))]
async fn list(
    State(state): State<AppState>,
    _: Admin,
    Input { query, .. }: Input<(), Sorted>,
) -> Result<Json<Listed<OauthClientAnswer>>, ApiError> {
    let clients = state
        .store
        .oauth_clients(query.sort, query.page.window())
        .await?;
    Ok(Json(query.page.answer(clients)))
}

/// Make a client; its secret is in this answer and in no other.
#[utoipa::path(post, path = "/oauth/clients", tag = "OAuth clients", request_body = NewOauthClient,
    responses((status = 201, body = OauthClientSecret, headers(("Cache-Control", description = "no-store")))),
    security(("bearer" = ["admin"])))]
async fn create(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input { body, .. }: Input<(), (), NewOauthClient>,
) -> Result<Confidential<OauthClientSecret>, ApiError> {
    let client_secret = tokens::random_token();
    let client = OauthClient::new(
        Id::generate().to_string(),
        tokens::token_hash(&client_secret),
        body.name,
        body.scopes,
    );
    // A name that was made just now is nobody else's.
    state.store.create_oauth_client(client.clone()).await?;
    audit!(origin, "client made", by admin.name, client_id = client.client_id, scopes = %client.scopes);
    let answer = OauthClientSecret {
        client: client.into(),
        client_secret,
    };
    Ok(confidential(StatusCode::CREATED, answer))
}

/// Remove a client; its tokens stop working at once.
#[utoipa::path(delete, path = "/oauth/clients/{client_id}", tag = "OAuth clients",
    params(("client_id" = String, Path)), responses((status = 204)), security(("bearer" = ["admin"])))]
async fn delete(
    State(state): State<AppState>,
    Admin(admin): Admin,
    origin: Origin,
    Input {
        path: ClientId(client_id),
        ..
    }: Input<ClientId>,
) -> Result<StatusCode, ApiError> {
    let answer = deleted(state.store.delete_oauth_client(&client_id).await?)?;
    audit!(origin, "client removed", by admin.name, client_id);
    Ok(answer)
}
