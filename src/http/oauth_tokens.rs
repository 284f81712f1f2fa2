//! Tokens for OAuth clients: the client credentials grant of RFC 6749 §4.4, whose errors have a form of their own.

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Origin, audit, known_as};
use super::error::ApiError;
use super::extract::{media_type, read_body};
use crate::auth::tokens;
use crate::domain::{Scopes, Time};
use crate::store::{StoreError, oauth_clients::OauthClient};

/// The parameters that the grant knows; others are ignored (§3.2).
const PARAMETERS: [&str; 4] = ["grant_type", "scope", "client_id", "client_secret"];

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A token (§5.1).
#[derive(Serialize, utoipa::ToSchema)]
struct ClientToken {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    #[schema(example = 3600)]
    expires_in: u64,
    /// What the token is good for, words with one space between them.
    #[schema(example = "read write")]
    scope: String,
}

/// Why there is no token (§5.2).
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
struct TokenError {
    #[schema(example = "invalid_scope")]
    error: &'static str,
    error_description: &'static str,
}

/// What ends a request for a token early.
#[derive(Debug)]
enum Refusal {
    Token(TokenError),
    /// What has nothing to do with OAuth, such as a database that is away.
    Problem(ApiError),
}

impl<E: Into<ApiError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let error = match self {
            Self::Token(error) => error,
            Self::Problem(error) => return error.into_response(),
        };
        let unknown = error.error == "invalid_client";
        let status = if unknown {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        let mut response = (status, NOT_KEPT, Json(error)).into_response();
        if unknown {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"dance-lessons-coach\", charset=\"UTF-8\""),
            );
        }
        response
    }
}

const NOT_KEPT: [(header::HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
];

fn refused(error: &'static str, error_description: &'static str) -> Refusal {
    Refusal::Token(TokenError {
        error,
        error_description,
    })
}

fn invalid_request(description: &'static str) -> Refusal {
    refused("invalid_request", description)
}

fn invalid_client() -> Refusal {
    refused(
        "invalid_client",
        "the client is unknown or its secret is wrong",
    )
}

/// A request for a token whose form is in order.
struct TokenRequest {
    client_id: String,
    client_secret: String,
    scope: Option<String>,
}

/// How a request for a token is described.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the form; `TokenRequest` is what is read"
)]
struct TokenForm {
    /// `client_credentials`
    #[schema(example = "client_credentials", pattern = "^client_credentials$")]
    grant_type: String,
    /// Words with one space between them; all that the client has when it is left out.
    #[schema(example = "read write")]
    scope: Option<String>,
    /// Unless HTTP Basic tells it.
    #[schema(example = "dev-client")]
    client_id: Option<String>,
    /// Unless HTTP Basic tells it.
    client_secret: Option<String>,
}

impl FromRequest<AppState> for TokenRequest {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let secret_in_path = form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| name == "client_id" || name == "client_secret");
        if secret_in_path {
            return Err(invalid_request("credentials must not be in the URI"));
        }
        if media_type(&parts.headers) != "application/x-www-form-urlencoded" {
            return Err(invalid_request(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let body = read_body(body, state).await?;
        let [grant_type, scope, client_id, client_secret] = parameters(&body)?;
        let grant_type = grant_type.ok_or_else(|| invalid_request("grant_type is missing"))?;
        let (client_id, client_secret) = match (basic(&parts.headers)?, client_id, client_secret) {
            (Some(_), _, Some(_)) => {
                return Err(invalid_request("credentials are given in two ways"));
            }
            (Some((name, _)), Some(other), None) if name != other => {
                return Err(invalid_request("two clients are named"));
            }
            (Some(credentials), _, None) => credentials,
            (None, Some(client_id), client_secret) => {
                (client_id, client_secret.unwrap_or_default())
            }
            (None, None, _) => return Err(invalid_client()),
        };
        if grant_type != "client_credentials" {
            return Err(refused(
                "unsupported_grant_type",
                "only client_credentials is supported",
            ));
        }
        Ok(Self {
            client_id,
            client_secret,
            scope,
        })
    }
}

/// The known parameters in their order. One without a value counts as left out, and none may come twice (§3.2).
fn parameters(body: &[u8]) -> Result<[Option<String>; 4], Refusal> {
    let mut found: [Option<String>; 4] = Default::default();
    for (name, value) in form_urlencoded::parse(body) {
        let Some(index) = PARAMETERS.iter().position(|known| *known == name) else {
            continue;
        };
        if found[index].is_some() {
            return Err(invalid_request("a parameter is given more than once"));
        }
        found[index] = Some(value.into_owned());
    }
    Ok(found.map(|value| value.filter(|text| !text.is_empty())))
}

/// Name and secret of HTTP Basic, each encoded as in a form (§2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let read = || {
        let (scheme, code) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(BASE64_STANDARD.decode(code.trim()).ok()?).ok()?;
        let (name, secret) = text.split_once(':')?;
        Some((form_decoded(name), form_decoded(secret)))
    };
    read().map(Some).ok_or_else(invalid_client)
}

fn form_decoded(text: &str) -> String {
    let pair = format!("={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// Get a token for a client (RFC 6749 §4.4), with HTTP Basic or with the credentials in the form, not both.
#[utoipa::path(post, path = "/oauth/token", tag = "OAuth clients",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = ClientToken, headers(("Cache-Control", description = "no-store"))),
        (status = 400, body = TokenError, description = "invalid_request, invalid_scope or unsupported_grant_type"),
        (status = 401, body = TokenError, description = "invalid_client"),
        (status = 429, description = "Too many attempts; see Retry-After"),
    ), security((), ("client" = [])))]
async fn create(
    State(state): State<AppState>,
    origin: Origin,
    request: TokenRequest,
) -> Result<impl IntoResponse, Refusal> {
    let who = known_as(&request.client_id);
    if let Err(error) = state.attempts.count(format!("client {who}"), origin.0) {
        audit!(origin, "too many tokens", by who);
        return Err(error.into());
    }
    let Some(client) = authenticated(&state, &request).await? else {
        audit!(origin, "token refused", by who, reason = "invalid_client");
        return Err(invalid_client());
    };
    let asked = match &request.scope {
        None => Some(client.scopes),
        Some(words) => Scopes::try_from(words.to_owned())
            .ok()
            .filter(|asked| client.scopes.contains_all(*asked)),
    };
    let Some(scopes) = asked else {
        audit!(origin, "token refused", by client.client_id, reason = "invalid_scope");
        return Err(refused("invalid_scope", "the client has no such scope"));
    };
    let issued_at = Time::now();
    let expires_at = issued_at.plus(state.token_lifetime);
    let token = ClientToken {
        access_token: state
            .tokens
            .sign_client(client.id, scopes, issued_at, expires_at),
        token_type: "Bearer",
        expires_in: state.token_lifetime.as_secs(),
        scope: scopes.to_string(),
    };
    audit!(origin, "token", by client.client_id, scopes = %scopes);
    Ok((NOT_KEPT, Json(token)))
}

async fn authenticated(
    state: &AppState,
    request: &TokenRequest,
) -> Result<Option<OauthClient>, ApiError> {
    let client = find(state, &request.client_id).await?;
    let Some(client) = client else {
        return Ok(None);
    };
    let right = if client.client_secret_hash.starts_with("$argon2") {
        let hash = Some(client.client_secret_hash.as_str());
        state
            .passwords
            .verify(request.client_secret.clone(), hash)
            .await?
    } else {
        tokens::token_hash(&request.client_secret) == client.client_secret_hash
    };
    Ok(right.then_some(client))
}

async fn find(state: &AppState, client_id: &str) -> Result<Option<OauthClient>, StoreError> {
    // No database keeps this character.
    if client_id.contains('\0') {
        return Ok(None);
    }
    state.store.oauth_client_by_client_id(client_id).await
}
