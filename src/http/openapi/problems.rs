//! The errors in the OpenAPI description. Errors of many operations are components. The same code generates
//! their examples and the errors themselves.

use axum::response::IntoResponse;
use utoipa::{
    PartialSchema,
    openapi::{
        Components, ComponentsBuilder, ContentBuilder, HeaderBuilder, Ref, RefOr, Response,
        ResponseBuilder, path::Operation,
    },
};

use crate::domain::Scope;
use crate::http::error::{ApiError, FieldError, Problem};

const CONTENT_TYPE: &str = "application/problem+json";

/// The schema of a problem, and the responses that operations share.
pub fn components() -> Components {
    let shared = [
        (
            ApiError::invalid("username", "is required"),
            "Fields or parameters are invalid, or the body is not JSON",
        ),
        (
            ApiError::InvalidToken,
            "The bearer token is missing, wrong, expired or revoked",
        ),
        (
            ApiError::InsufficientScope(Scope::Admin),
            "The bearer token lacks a scope",
        ),
        (ApiError::NotFound, "The resource doesn't exist"),
        (ApiError::PayloadTooLarge, "The body is too large"),
        (
            ApiError::UnsupportedMediaType,
            "The body is not application/json, or is compressed",
        ),
        (ApiError::Internal, "Internal error"),
        (
            ApiError::Unavailable,
            "The service is overloaded, or the database can't be reached",
        ),
        (ApiError::Timeout, "The request took too long"),
    ];
    let builder = ComponentsBuilder::new()
        .schema("Problem", Problem::schema())
        .schema("FieldError", FieldError::schema());
    let builder = shared.into_iter().fold(builder, |builder, (error, about)| {
        let response = error.into_response();
        let status = response.status().as_str().to_owned();
        let example = response
            .extensions()
            .get::<Problem>()
            .map(|problem| Problem {
                instance: "/api/v1/users".into(),
                request_id: "0197a0a0-0000-7000-8000-00000000002a".into(),
                ..problem.clone()
            });
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .example(example.and_then(|example| serde_json::to_value(example).ok()))
            .build();
        let response = ResponseBuilder::new()
            .description(about)
            .content(CONTENT_TYPE, content)
            .build();
        builder.response(component_name(&status), with_headers(&status, response))
    });
    builder.build()
}

fn component_name(status: &str) -> String {
    format!("Problem{status}")
}

/// Adds the shared errors that an operation can respond with, unless it describes that status itself.
pub fn add(operation: &mut Operation, path: &str) {
    let body = operation.request_body.as_ref();
    let has_json_body = body.is_some_and(
        |body| matches!(body, RefOr::T(body) if body.content.contains_key("application/json")),
    );
    let is_resource = path.starts_with("/api/v1");
    let has_id = path.contains("id}") || path.contains("/users/me");
    let shared = [
        ("400", true),
        ("401", is_resource),
        ("403", requires_scope(operation)),
        ("404", has_id),
        ("413", body.is_some()),
        // The webhook accepts every content type.
        ("415", has_json_body && !path.ends_with("/webhook")),
        ("500", true),
        ("503", is_resource || path == "/api/health/db"),
        ("504", is_resource),
    ];
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with('4')
        {
            *response = with_content(with_headers(status, response.clone()));
        }
    }
    for (status, applies) in shared {
        if applies {
            let reference = Ref::from_response_name(component_name(status));
            responses
                .entry(status.into())
                .or_insert_with(|| reference.into());
        }
    }
}

/// Adds the common schema to an error that has only a description.
fn with_content(mut response: Response) -> Response {
    if response.content.is_empty() {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        response.content.insert(CONTENT_TYPE.into(), problem.into());
    }
    response
}

fn with_headers(status: &str, mut response: Response) -> Response {
    let (name, about) = match status {
        "401" => ("WWW-Authenticate", "The credentials that are required"),
        "429" | "503" => ("Retry-After", "How many seconds to wait"),
        _ => return response,
    };
    let header = HeaderBuilder::new().description(Some(about)).build();
    response.headers.insert(name.into(), header.into());
    response
}

fn requires_scope(operation: &Operation) -> bool {
    let requirements = operation.security.iter().flatten();
    requirements
        .filter_map(|requirement| serde_json::to_value(requirement).ok())
        .filter_map(|requirement| requirement.get("bearer")?.as_array().map(Vec::len))
        .any(|scopes| scopes > 0)
}
