//! The description of the interface, made from the code.

use axum::{
    http::header,
    routing::{MethodRouter, get},
};
use serde::Serialize;
use utoipa::{
    OpenApi,
    openapi::{
        Components, Content, HeaderBuilder, Info, OpenApi as Description, OpenApiBuilder, Ref,
        RefOr, Response, ResponseBuilder, Tag,
        path::{Operation, PathItem},
        schema::{AdditionalProperties, Schema},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::AppState;
use super::error::{FieldError, Problem};
use super::{openapi_examples, openapi_texts};

/// The content type of every problem.
const PROBLEM: &str = "application/problem+json";

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
        ("OAuth clients", "Programs, and tokens for them"),
        ("greetings", "The school's hello, and its history"),
        ("categories", "The tree in which products hang"),
        ("products", "What the shop sells"),
        ("pizzas", "The menu of the café"),
        ("databases", "What the platform runs for others"),
        (
            "image updates",
            "Images that have changed, and tags for them",
        ),
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
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter
                    && let Some(schema) = &mut parameter.schema
                {
                    openapi_texts::describe_schema(schema);
                    openapi_examples::complete_parameter(&parameter.name, schema);
                }
            }
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else {
                    continue;
                };
                if response.description.is_empty() {
                    describe(status).clone_into(&mut response.description);
                }
                let about = "The id that the request came with, or was given";
                let header = HeaderBuilder::new().description(Some(about)).build();
                response
                    .headers
                    .insert("X-Request-Id".into(), header.into());
            }
        }
    }
    let bodies = named_in_bodies(&mut api, |_| true);
    openapi_texts::describe(&mut api, &bodies);
    close_bodies(&mut api);
    openapi_examples::complete(&mut api);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let components = api.components.get_or_insert_with(Components::default);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let client = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("A client's id and secret (RFC 6749 §2.3.1)"))
        .build();
    let webhook = ApiKeyValue::with_description(
        "Authorization",
        "The webhook's secret, as it is (WEBHOOK_SECRET)",
    );
    components.add_security_scheme("webhook", SecurityScheme::ApiKey(ApiKey::Header(webhook)));
    components.add_security_scheme("client", SecurityScheme::Http(client));
    api
}

/// Bodies with fields that nobody knows are refused, and the description says so. What others own stays open.
fn close_bodies(api: &mut Description) {
    let names = named_in_bodies(api, |path| !path.ends_with("/webhook"));
    let Some(components) = &mut api.components else {
        return;
    };
    for name in names {
        if let Some(RefOr::T(schema)) = components.schemas.get_mut(&name) {
            close(schema);
        }
    }
}

/// The schemas of all JSON bodies that are sent to these paths, with those that they refer to.
fn named_in_bodies(api: &mut Description, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    for (path, item) in &mut api.paths.paths {
        if !wanted(path) {
            continue;
        }
        for (_, operation) in operations(item) {
            if let Some(RefOr::T(body)) = &operation.request_body
                && let Some(json) = body.content.get("application/json")
            {
                names.extend(named_in(json));
            }
        }
    }
    let schemas = api.components.iter().map(|components| &components.schemas);
    let schemas: Vec<_> = schemas.collect();
    let mut at = 0;
    while let Some(name) = names.get(at) {
        let found = schemas.iter().find_map(|schemas| schemas.get(name));
        let further: Vec<_> = found.map(named_in).into_iter().flatten().collect();
        for name in further {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        at += 1;
    }
    names
}

/// The schemas that something refers to.
fn named_in(part: &impl Serialize) -> Vec<String> {
    let text = serde_json::to_string(part).unwrap_or_default();
    let references = text.split("#/components/schemas/").skip(1);
    references
        .filter_map(|rest| rest.split('"').next().map(ToOwned::to_owned))
        .collect()
}

fn close(schema: &mut Schema) {
    match schema {
        Schema::Object(object) if !object.properties.is_empty() => {
            let closed = AdditionalProperties::FreeForm(false);
            object.additional_properties = Some(Box::new(closed));
        }
        Schema::OneOf(one_of) => {
            for item in &mut one_of.items {
                if let RefOr::T(item) = item {
                    close(item);
                }
            }
        }
        _ => {}
    }
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
    let body = operation.request_body.as_ref();
    let has_body = body.is_some();
    let has_json = body.is_some_and(
        |body| matches!(body, RefOr::T(body) if body.content.contains_key("application/json")),
    );
    // What others own may come with any content type, and a name that is greeted is anybody's.
    let is_ours = has_json && !path.ends_with("/webhook");
    let names_a_row = path.contains("id}") || path.contains("/users/me");
    let needs_scope = needs_scope(operation);
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
        ("403", needs_scope, "The bearer doesn't suffice"),
        ("404", names_a_row, "There is no such thing"),
        ("413", has_body, "The body is too large"),
        (
            "415",
            is_ours,
            "The body isn't application/json, or is compressed",
        ),
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
    // What else a resource refuses is told where it happens, in words only.
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with('4')
            && response.content.is_empty()
        {
            let about = response.description.clone();
            *response = problem(&about);
        }
        if let RefOr::T(response) = response
            && let Some((name, about)) = header_of(status, response)
        {
            let header = HeaderBuilder::new().description(Some(about)).build();
            response.headers.insert(name.into(), header.into());
        }
    }
}

/// What a refusal tells in a header.
fn header_of(status: &str, response: &Response) -> Option<(&'static str, &'static str)> {
    match status {
        "401" => Some(("WWW-Authenticate", "Which credentials would do")),
        "429" | "503" if response.content.contains_key(PROBLEM) => {
            Some(("Retry-After", "How many seconds to wait"))
        }
        _ => None,
    }
}

/// Whether a bearer must be good for something.
fn needs_scope(operation: &Operation) -> bool {
    let asked = operation
        .security
        .iter()
        .flatten()
        .filter_map(|requirement| serde_json::to_value(requirement).ok());
    asked
        .filter_map(|requirement| requirement.get("bearer")?.as_array().map(Vec::len))
        .any(|scopes| scopes > 0)
}

fn problem(about: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(about)
        .content(PROBLEM, content)
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
