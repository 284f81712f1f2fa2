//! The OpenAPI description, which is generated from the code, and the page that shows it.

mod docs_page;
mod problems;

use std::sync::{Arc, LazyLock};

use axum::{Router, http::header, routing::get};
use utoipa::openapi::{
    Components, HeaderBuilder, Info, OpenApi, OpenApiBuilder, RefOr,
    path::{Operation, PathItem},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::{Tag, TagBuilder},
};

use super::input::Input;
use super::state::AppState;

/// The description before the routes add their paths.
pub fn description() -> OpenApi {
    let mut info = Info::new("dance-lessons-coach", env!("CARGO_PKG_VERSION"));
    info.description = Some("The back office of a dance school.".into());
    let mut components = problems::components();
    add_security_schemes(&mut components);
    OpenApiBuilder::new()
        .info(info)
        .tags(Some(tags()))
        .components(Some(components))
        .build()
}

fn tags() -> Vec<Tag> {
    [
        ("users", "Accounts, profiles and roles"),
        ("sessions", "Log-in and log-out"),
        ("password resets", "For users who forgot their password"),
        ("OAuth clients", "Programs, and their tokens"),
        ("greetings", "Greetings and their history"),
        ("categories", "The tree of product categories"),
        ("products", "What the shop sells"),
        ("pizzas", "The menu of the café"),
        ("databases", "Databases that the platform team manages"),
        (
            "image updates",
            "Updates of container images, and their tags",
        ),
        ("operating", "Health, readiness, metrics and version"),
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

fn add_security_schemes(components: &mut Components) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    let client = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("The client's id and secret (RFC 6749 §2.3.1)"))
        .build();
    let webhook = ApiKeyValue::with_description(
        "Authorization",
        "The secret of the webhook (WEBHOOK_SECRET), without a scheme",
    );
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("client", SecurityScheme::Http(client));
    components.add_security_scheme("webhook", SecurityScheme::ApiKey(ApiKey::Header(webhook)));
}

/// Serves the description and its page. The text is generated at the first request.
pub fn router(description: OpenApi) -> Router<AppState> {
    let text = Arc::new(LazyLock::new(move || completed(description)));
    let serve = move |_: Input| {
        let text = LazyLock::force(&text).clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text) }
    };
    Router::new()
        .route("/api/openapi.json", get(serve))
        .merge(docs_page::router())
}

/// The description as JSON, with the responses that all operations have.
fn completed(mut description: OpenApi) -> String {
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            problems::add(operation, path);
            complete_responses(operation);
        }
    }
    description
        .to_json()
        .expect("a description can be written as JSON")
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

/// Method and path, which are unique together: `get_users_id`.
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

/// Adds to each response a description, and the header with the request id.
fn complete_responses(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if response.description.is_empty() {
            let about = match status.as_str() {
                "200" => "Success",
                "201" => "Created",
                "204" => "No content",
                _ => "Not available",
            };
            about.clone_into(&mut response.description);
        }
        let id = HeaderBuilder::new()
            .description(Some("The id of the request"))
            .build();
        response.headers.insert("X-Request-Id".into(), id.into());
    }
}
