//! The description of the interface, made from the code.

use axum::{
    http::header,
    routing::{MethodRouter, get},
};
use utoipa::{
    OpenApi,
    openapi::{
        Components, Content, Info, OpenApi as Description, OpenApiBuilder, Ref, RefOr, Response,
        ResponseBuilder, Tag,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::AppState;
use super::error::{FieldError, Problem};

/// Schemas that no answer names by itself.
#[derive(OpenApi)]
#[openapi(components(schemas(Problem, FieldError)))]
struct Shared;

/// What stands at the beginning; paths are added by the routers.
pub fn description() -> Description {
    let mut info = Info::new("dance-lessons-coach", env!("CARGO_PKG_VERSION"));
    info.description = Some("The back office of a dance school.".into());
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags()))
        .components(Shared::openapi().components)
        .build()
}

fn tags() -> Vec<Tag> {
    [
        ("users", "People, their profiles and roles"),
        ("sessions", "Logging in and out"),
        ("password resets", "A way back for who forgot the password"),
        ("greetings", "The school's hello, and its history"),
        ("operating", "Health, readiness, numbers, version"),
    ]
    .into_iter()
    .map(|(name, about)| {
        TagBuilder::new()
            .name(name)
            .description(Some(about))
            .build()
    })
    .collect()
}

/// The description with the problems that every operation of a kind can answer.
pub fn completed(mut api: Description) -> Description {
    for (path, item) in &mut api.paths.paths {
        let is_resource = path.starts_with("/api/v1");
        for (method, operation) in operations(item) {
            add_problems(operation, path, is_resource);
            operation.operation_id = Some(operation_id(method, path));
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    describe(status).clone_into(&mut response.description);
                }
            }
        }
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let components = api.components.get_or_insert_with(Components::default);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    api
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("put", &mut item.put),
        ("post", &mut item.post),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Unique, as method and path are together: `get_users_id`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .trim_start_matches("/api/v1")
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    std::iter::once(method)
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn describe(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Created",
        "204" => "Done; there is nothing to say",
        "503" => "Not now",
        _ => "Something else",
    }
}

fn add_problems(operation: &mut Operation, path: &str, is_resource: bool) {
    let has_body = operation.request_body.is_some();
    let needs_bearer = operation.security.is_some();
    let needs_admin = needs_bearer && path.starts_with("/api/v1/users") && !path.contains("/me");
    let problems = [
        (
            "400",
            true,
            "Fields or parameters are wrong, or the body isn't JSON",
        ),
        (
            "401",
            is_resource,
            "The bearer is missing, wrong, expired or revoked",
        ),
        (
            "403",
            needs_admin || path == "/api/v1/greetings",
            "The bearer doesn't suffice",
        ),
        ("404", path.contains("{id}"), "There is no such thing"),
        ("413", has_body, "The body is too large"),
        ("415", has_body, "The body isn't application/json"),
        ("500", true, "A fault of the service"),
        (
            "503",
            is_resource || path == "/api/health/db",
            "Too much to do, or the database is away; see Retry-After",
        ),
        ("504", is_resource, "It took too long"),
    ];
    let responses = &mut operation.responses.responses;
    for (status, applies, about) in problems {
        if applies {
            responses
                .entry(status.into())
                .or_insert_with(|| RefOr::T(problem(about)));
        }
    }
    // Conflicts are told where they happen, in words only.
    if let Some(RefOr::T(conflict)) = responses.get_mut("409") {
        let about = conflict.description.clone();
        *conflict = problem(&about);
    }
}

fn problem(about: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(about)
        .content("application/problem+json", content)
        .build()
}

/// Serves the description; it doesn't change, so it is written once.
pub fn serve(api: &Description) -> MethodRouter<AppState> {
    let text = api.to_json().expect("a description can be written as JSON");
    get(move |_: super::extract::Input| {
        let text = text.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text) }
    })
}
