//! Tokens for OAuth clients: the client credentials grant (RFC 6749 §4.4), which has an error format of its own.

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::audit::{Origin, audit, typed_name};
use super::error::ApiError;
use super::input::{media_type, read_body};
use super::rate_limit::Account;
use super::state::AppState;
use crate::auth::tokens;
use crate::domain::{Scopes, Time};
use crate::store::{StoreError, oauth_clients::OauthClient};

/// Secrets must not be cached (§5.1).
const NO_STORE: [(HeaderName, &str); 2] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
];

/// A token (§5.1).
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClientToken {
    #[schema(example = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMTk3YTBhMCJ9.x7Yk2m0Q")]
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// In seconds.
    #[schema(example = 3600)]
    expires_in: u64,
    /// The scopes of the token, separated by spaces.
    #[schema(example = "read write")]
    scope: String,
}

/// The form of a token request. Parameters without a value count as absent, and unknown ones are ignored (§3.2).
#[derive(Deserialize, utoipa::ToSchema)]
pub struct TokenForm {
    #[schema(
        required,
        nullable = false,
        example = "client_credentials",
        pattern = "^client_credentials$"
    )]
    grant_type: Option<String>,
    /// Scopes, separated by spaces. The default is all scopes of the client.
    #[schema(example = "read write")]
    scope: Option<String>,
    /// Required without HTTP Basic.
    #[schema(example = "dev-client")]
    client_id: Option<String>,
    /// Required without HTTP Basic.
    #[schema(example = "dev-secret-123")]
    client_secret: Option<String>,
}

/// An error of the token endpoint (§5.2).
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct TokenError {
    #[schema(example = "invalid_scope")]
    error: &'static str,
    #[schema(example = "the client has no such scope")]
    error_description: &'static str,
}

/// Why there is no token.
#[derive(Debug)]
pub enum TokenFailure {
    Token(TokenError),
    /// Not an OAuth error, such as a database that can't be reached.
    Problem(ApiError),
}

impl<E: Into<ApiError>> From<E> for TokenFailure {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for TokenFailure {
    fn into_response(self) -> Response<Body> {
        let error = match self {
            Self::Token(error) => error,
            Self::Problem(error) => return error.into_response(),
        };
        if error.error != "invalid_client" {
            return (StatusCode::BAD_REQUEST, NO_STORE, Json(error)).into_response();
        }
        let challenge = "Basic realm=\"dance-lessons-coach\", charset=\"UTF-8\"";
        let challenge = [(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(challenge),
        )];
        (StatusCode::UNAUTHORIZED, NO_STORE, challenge, Json(error)).into_response()
    }
}

fn failure(error: &'static str, error_description: &'static str) -> TokenFailure {
    TokenFailure::Token(TokenError {
        error,
        error_description,
    })
}

fn invalid_request(description: &'static str) -> TokenFailure {
    failure("invalid_request", description)
}

fn invalid_client() -> TokenFailure {
    failure(
        "invalid_client",
        "the client is unknown or its secret is wrong",
    )
}

/// A well-formed token request.
pub struct TokenRequest {
    client_id: String,
    client_secret: String,
    scope: Option<String>,
}

impl FromRequest<AppState> for TokenRequest {
    type Rejection = TokenFailure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, TokenFailure> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let has_credentials = form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| name == "client_id" || name == "client_secret");
        if has_credentials {
            return Err(invalid_request("credentials must not be in the URI"));
        }
        if media_type(&parts.headers) != "application/x-www-form-urlencoded" {
            return Err(invalid_request(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let body = read_body(&parts, body, state).await?;
        let form: TokenForm = serde_urlencoded::from_bytes(&body)
            .map_err(|_| invalid_request("a parameter is given more than once"))?;
        let grant_type =
            given(form.grant_type).ok_or_else(|| invalid_request("grant_type is missing"))?;
        let basic = basic_credentials(&parts.headers)?;
        let (client_id, client_secret) =
            credentials(basic, given(form.client_id), given(form.client_secret))?;
        if grant_type != "client_credentials" {
            let supported = "only client_credentials is supported";
            return Err(failure("unsupported_grant_type", supported));
        }
        Ok(Self {
            client_id,
            client_secret,
            scope: given(form.scope),
        })
    }
}

fn given(parameter: Option<String>) -> Option<String> {
    parameter.filter(|text| !text.is_empty())
}

/// The credentials of HTTP Basic or of the form. Using both is an error (§2.3).
fn credentials(
    basic: Option<(String, String)>,
    client_id: Option<String>,
    client_secret: Option<String>,
) -> Result<(String, String), TokenFailure> {
    match (basic, client_id, client_secret) {
        (Some(_), _, Some(_)) => Err(invalid_request("credentials are given in two ways")),
        (Some((name, _)), Some(other), None) if name != other => {
            Err(invalid_request("two clients are named"))
        }
        (Some(basic), _, None) => Ok(basic),
        (None, Some(client_id), secret) => Ok((client_id, secret.unwrap_or_default())),
        (None, None, _) => Err(invalid_client()),
    }
}

/// Client id and secret of HTTP Basic, each encoded as in a form (§2.3.1).
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, TokenFailure> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let parse = || {
        let (scheme, code) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(BASE64_STANDARD.decode(code.trim()).ok()?).ok()?;
        let (name, secret) = text.split_once(':')?;
        Some((form_decoded(name), form_decoded(secret)))
    };
    parse().map(Some).ok_or_else(invalid_client)
}

fn form_decoded(text: &str) -> String {
    let pair = format!("={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

/// Get a token for a client (RFC 6749 §4.4), with the credentials in HTTP Basic or in the form.
#[utoipa::path(post, path = "/oauth/token", tag = "OAuth clients",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = ClientToken, headers(("Cache-Control", description = "no-store"))),
        (status = 400, body = TokenError, description = "invalid_request, invalid_scope or unsupported_grant_type"),
        (status = 401, body = TokenError, description = "invalid_client"),
        (status = 429, description = "Too many attempts"),
    ), security((), ("client" = [])))]
pub async fn create(
    State(state): State<AppState>,
    origin: Origin,
    request: TokenRequest,
) -> Result<impl IntoResponse, TokenFailure> {
    let typed = typed_name(&request.client_id);
    let account = Account::Client(&request.client_id);
    let limit = &state.rate_limit;
    limit.check(account, &origin, &typed).await?;
    let Some(client) = authenticate(&state, &request).await? else {
        audit!(origin, "token refused", by typed, reason = "invalid_client");
        return Err(invalid_client());
    };
    let Some(scopes) = granted_scopes(request.scope, client.scopes) else {
        audit!(origin, "token refused", by client.client_id, reason = "invalid_scope");
        return Err(failure("invalid_scope", "the client has no such scope"));
    };
    let issued_at = Time::now();
    let expires_at = issued_at.plus(state.token_lifetime);
    let token = ClientToken {
        access_token: state
            .token_keys
            .for_signing()
            .await?
            .sign_client(client.id, scopes, issued_at, expires_at),
        token_type: "Bearer",
        expires_in: state.token_lifetime.as_secs(),
        scope: scopes.to_string(),
    };
    audit!(origin, "token", by client.client_id, scopes = %scopes);
    Ok((NO_STORE, Json(token)))
}

/// The requested scopes if the client has all of them. They are never narrowed silently.
fn granted_scopes(requested: Option<String>, own: Scopes) -> Option<Scopes> {
    match requested {
        None => Some(own),
        Some(words) => {
            let scopes = Scopes::try_from(words).ok()?;
            own.contains_all(scopes).then_some(scopes)
        }
    }
}

/// The client if its secret is right. Every refusal takes the time of one argon2id hash, so that the time doesn't show
/// whether the client exists, or whether its secret was generated and has a fast hash.
async fn authenticate(
    state: &AppState,
    request: &TokenRequest,
) -> Result<Option<OauthClient>, ApiError> {
    let secret = &request.client_secret;
    let client = find(state, &request.client_id).await?;
    let hashes = client.iter().flat_map(OauthClient::secret_hashes);
    // At most one is slow: a secret that a person chose is replaced without an overlap, or by a generated one.
    let (slow, fast): (Vec<_>, Vec<_>) = hashes.partition(|hash| hash.starts_with("$argon2"));
    let is_correct = fast.contains(&tokens::token_hash(secret).as_str()) || {
        let slow = slow.first().copied();
        state.passwords.verify(secret.clone(), slow).await?
    };
    Ok(client.filter(|_| is_correct))
}

async fn find(state: &AppState, client_id: &str) -> Result<Option<OauthClient>, StoreError> {
    // PostgreSQL refuses this character even in a comparison.
    if client_id.contains('\0') {
        return Ok(None);
    }
    state.store.oauth_client_by_client_id(client_id).await
}
