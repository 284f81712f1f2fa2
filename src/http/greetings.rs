//! Greetings, and the history of those that users got.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{Method, request::Parts},
};
use serde::Serialize;
use serde_json::json;

use super::audit::UserAgent;
use super::error::ApiError;
use super::input::{ID, Input, NAME, fields, query_values};
use super::middleware::principal::{OptionalPrincipal, Principal};
use super::pagination::{Listed, SortedByTime};
use super::response::response;
use super::state::AppState;
use crate::domain::{Id, JsonText, Scope, Time};
use crate::store::greetings::Greeting;
use crate::store::users::User;

response! {
    GreetingResponse from greeting: Greeting {
        #[schema(example = 1)]
        id: i64,
        #[schema(example = "Hello, Ada!")]
        message: String,
        /// The data that the greeting was made from.
        #[schema(value_type = Map<String, serde_json::Value>, example = json!({ "name": null, "current_goal": "the tango", "user_agent": "curl/8.5.0" }))]
        context: JsonText,
        created_at: Time,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Hello {
    #[schema(example = "Hello, world!")]
    message: String,
}

fields! {
    query struct GreetingFilter {
        /// For admins: the greetings of this user.
        user_id: optional(ID) as Option<Id> = "0197a0a0-0000-7000-8000-000000000001",
    }
}

fields! {
    path struct GreetPath {
        name: required(NAME) as String = "Ada",
    }
}

/// A principal that may list the requested greetings. The parameter `user_id` needs the scope `admin`, which is checked
/// before everything else.
pub struct GreetingReader(Principal);

impl FromRequestParts<AppState> for GreetingReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let principal = Principal::from_request_parts(parts, state).await?;
        let has_user_id = query_values(&parts.uri, "user_id").next().is_some();
        principal.require(if has_user_id {
            Scope::Admin
        } else {
            Scope::Read
        })?;
        Ok(Self(principal))
    }
}

/// List your own greetings. Admins may list those of other users.
#[utoipa::path(get, path = "/greetings", tag = "greetings", params(GreetingFilter, SortedByTime),
    responses((status = 200, body = Listed<GreetingResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    GreetingReader(principal): GreetingReader,
    input: Input<(), (GreetingFilter, SortedByTime)>,
) -> Result<Json<Listed<GreetingResponse>>, ApiError> {
    let (filter, page) = input.query;
    let user_id = filter.user_id.unwrap_or(principal.id);
    let greetings = state.store.greetings(user_id, page.window()).await?;
    Ok(Json(page.response(greetings)))
}

/// Greet the world, or the user of the bearer token. A user's greeting is recorded.
#[utoipa::path(get, path = "/greet", tag = "greetings", responses((status = 200, body = Hello)),
    security((), ("bearer" = [])))]
pub async fn greet(
    State(state): State<AppState>,
    OptionalPrincipal(principal): OptionalPrincipal,
    method: Method,
    agent: UserAgent,
    _: Input,
) -> Result<Json<Hello>, ApiError> {
    respond(&state, &method, principal, agent, None).await
}

/// Greet somebody, on behalf of the user of the bearer token if there is one. A user's greeting is recorded.
#[utoipa::path(get, path = "/greet/{name}", tag = "greetings", params(GreetPath),
    responses((status = 200, body = Hello)), security((), ("bearer" = [])))]
pub async fn greet_by_name(
    State(state): State<AppState>,
    OptionalPrincipal(principal): OptionalPrincipal,
    method: Method,
    agent: UserAgent,
    Input { path, .. }: Input<GreetPath>,
) -> Result<Json<Hello>, ApiError> {
    respond(&state, &method, principal, agent, Some(path.name)).await
}

/// An empty name is invalid, not an unknown path.
pub async fn greet_without_name() -> ApiError {
    ApiError::invalid("name", "must not be blank")
}

async fn respond(
    state: &AppState,
    method: &Method,
    principal: Option<Principal>,
    UserAgent(user_agent): UserAgent,
    name: Option<String>,
) -> Result<Json<Hello>, ApiError> {
    let user = match principal.filter(|principal| principal.session_id().is_some()) {
        Some(principal) => {
            let user = state.store.user(principal.id).await?;
            // A user who was deleted a moment ago has no session any more.
            Some(user.ok_or(ApiError::InvalidToken)?)
        }
        None => None,
    };
    let message = message(name.as_deref(), user.as_ref());
    // HEAD must not change anything (RFC 9110 §9.2.1).
    if let Some(user) = user.filter(|_| method != Method::HEAD) {
        let context =
            json!({ "name": name, "current_goal": user.current_goal, "user_agent": user_agent });
        state
            .store
            .create_greeting(user.id, &message, &context.into())
            .await?;
    }
    Ok(Json(Hello { message }))
}

fn message(name: Option<&str>, user: Option<&User>) -> String {
    let Some(user) = user else {
        return format!("Hello, {}!", name.unwrap_or("world"));
    };
    let own_name = user.name.as_deref().unwrap_or(&user.username);
    let mut message = match name {
        Some(name) => format!("Hello, {name}! Greetings from {own_name}."),
        None => format!("Hello, {own_name}!"),
    };
    if let Some(goal) = &user.current_goal {
        message.push_str(" Current goal: ");
        message.push_str(goal);
    }
    message
}
