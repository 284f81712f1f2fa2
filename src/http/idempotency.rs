//! The `Idempotency-Key` header: a request that is sent again gets the first response again.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{Response, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::error::ApiError;
use super::middleware::principal::Principal;
use super::state::AppState;
use crate::auth::tokens;
use crate::store::idempotency::Once;

const HEADER: &str = "Idempotency-Key";
const LONGEST_KEY: usize = 200;

/// The key of a request, if it has one. Keys are separate per principal and path.
pub struct IdempotencyKey(Option<String>);

impl FromRequestParts<AppState> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        let key = value.to_str().unwrap_or_default().trim();
        let is_valid = (1..=LONGEST_KEY).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic());
        if values.next().is_some() || !is_valid {
            let message = "must be sent once, with 1 to 200 visible ASCII characters";
            return Err(ApiError::invalid(HEADER, message));
        }
        let principal = parts.extensions.get::<Principal>();
        let who = principal.map(|principal| principal.id.to_string());
        let path = parts.uri.path();
        Ok(Self(Some(format!(
            "{} {path} {key}",
            who.unwrap_or_default()
        ))))
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(LONGEST_KEY))
            .pattern(Some("^[!-~]+$"));
        let header = ParameterBuilder::new()
            .name(HEADER)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .schema(Some(text))
            .description(Some(
                "A second request with the same key within a day gets the first response",
            ))
            .example(Some("3f2a9c1".into()));
        vec![header.build()]
    }
}

impl IdempotencyKey {
    /// Adds the parsed body, so that neither whitespace nor the order of members matters.
    pub fn with_body(self, body: &impl std::fmt::Debug) -> Option<Once> {
        self.0.map(|key| Once {
            key_hash: tokens::token_hash(&key),
            body_hash: tokens::token_hash(&format!("{body:?}")),
        })
    }
}

/// The text of a response.
pub fn json(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

/// 201 with the text of a response.
pub fn created_text(text: String) -> Response<Body> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::CREATED, json, text).into_response()
}
