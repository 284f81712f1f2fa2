//! Greetings: the school's hello, and what was said to whom.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{Method, request::Parts},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Anyone, Caller, UserAgent};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, SortedByTime};
use crate::domain::{Id, Scope, Time};
use crate::store::greetings::Greeting;
use crate::store::users::User;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(get_named))
        .route("/greet/", axum::routing::get(get_unnamed))
}

/// A greeting that was said.
#[derive(Serialize, utoipa::ToSchema)]
struct GreetingAnswer {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "Hello, Ada!")]
    message: String,
    /// What it was said in answer to.
    #[schema(example = json!({ "path": "/api/v1/greet", "name": null }))]
    context: Value,
    created_at: Time,
}

impl From<Greeting> for GreetingAnswer {
    fn from(greeting: Greeting) -> Self {
        Self {
            id: greeting.id,
            message: greeting.message,
            context: greeting.context.0,
            created_at: greeting.created_at,
        }
    }
}

/// Whose greetings are asked for, in which order.
struct GreetingQuery {
    user_id: Option<Id>,
    sorted: SortedByTime,
}

impl Read for GreetingQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let user_id = fields.parameter("user_id", kinds::id);
        let sorted = SortedByTime::read(fields)?;
        Some(Self { user_id, sorted })
    }
}

/// A [`Caller`] who asks for greetings; who asks for somebody's without being an admin is answered 403 before
/// anything else is looked at.
struct GreetingReader(Caller);

impl FromRequestParts<AppState> for GreetingReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let query = parts.uri.query().unwrap_or_default();
        // Decoded, as it will be read: `user%5Fid` asks as well.
        let asks = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "user_id");
        caller.needs(if asks { Scope::Admin } else { Scope::Read })?;
        Ok(Self(caller))
    }
}

/// A hello.
#[derive(Serialize, utoipa::ToSchema)]
struct Hello {
    #[schema(example = "Hello, world!")]
    message: String,
}

/// The name in the path.
struct Name(String);

impl Read for Name {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.parameter("name", kinds::name).map(Self)
    }
}

/// One's own greetings, the newest first unless it is said otherwise; admins may ask for somebody else's.
#[utoipa::path(get, path = "/greetings", tag = "greetings", params(
    ("user_id" = Option<Uuid>, Query, description = "For admins: whose greetings"),
    SortedByTime,
), responses((status = 200, body = Listed<GreetingAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    GreetingReader(caller): GreetingReader,
    Input { query, .. }: Input<(), GreetingQuery>,
) -> Result<Json<Listed<GreetingAnswer>>, ApiError> {
    let user_id = query.user_id.unwrap_or(caller.id);
    let SortedByTime { sort, page } = query.sorted;
    let greetings = state.store.greetings(user_id, sort, page.window()).await?;
    Ok(Json(page.answer(greetings)))
}

/// Greet the world; with a bearer, the user, and the greeting is written down.
#[utoipa::path(get, path = "/greet", tag = "greetings", responses((status = 200, body = Hello)),
    security((), ("bearer" = [])))]
async fn get(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    method: Method,
    agent: UserAgent,
    _: Input,
) -> Result<Json<Hello>, ApiError> {
    greet(&state, &method, caller, agent, None).await
}

/// Greet somebody; with a bearer, from the user, and the greeting is written down.
#[utoipa::path(get, path = "/greet/{name}", tag = "greetings",
    params(("name" = String, Path, min_length = 1, max_length = 100, pattern = "\\S")),
    responses((status = 200, body = Hello)), security((), ("bearer" = [])))]
async fn get_named(
    State(state): State<AppState>,
    Anyone(caller): Anyone,
    method: Method,
    agent: UserAgent,
    Input {
        path: Name(name), ..
    }: Input<Name>,
) -> Result<Json<Hello>, ApiError> {
    greet(&state, &method, caller, agent, Some(name)).await
}

/// A name that is empty isn't one.
async fn get_unnamed() -> ApiError {
    ApiError::invalid("name", "must not be blank")
}

async fn greet(
    state: &AppState,
    method: &Method,
    caller: Option<Caller>,
    UserAgent(user_agent): UserAgent,
    name: Option<String>,
) -> Result<Json<Hello>, ApiError> {
    let user = match caller.filter(|caller| caller.session_id().is_some()) {
        // Who was deleted this very moment has no session any more.
        Some(caller) => Some(
            state
                .store
                .user(caller.id)
                .await?
                .ok_or(ApiError::InvalidToken)?,
        ),
        None => None,
    };
    let message = message(name.as_deref(), user.as_ref());
    // HEAD asks what GET would say, and changes nothing (RFC 9110 §9.2.1).
    if let Some(user) = user.filter(|_| method != Method::HEAD) {
        let context =
            json!({ "name": name, "current_goal": user.current_goal, "user_agent": user_agent });
        state
            .store
            .create_greeting(user.id, &message, &context)
            .await?;
    }
    Ok(Json(Hello { message }))
}

/// The user is greeted by name and reminded of the goal; another name in the path is greeted on the user's behalf.
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
