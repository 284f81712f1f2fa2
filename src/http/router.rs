//! Every route, on one screen. The paths are declared at the handlers.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing,
};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::middleware::{body_draining, host, overload, principal, request_log};
use super::{
    categories, database_events, databases, greetings, image_reports, image_update_stream,
    image_updates, oauth_clients, oauth_tokens, openapi, ops, page, password_resets, pizzas,
    products, sessions, state::AppState, tags, users,
};

/// The whole service.
pub fn app(state: AppState) -> Router {
    let api = resources()
        .layer(from_fn_with_state(state.clone(), principal::authenticate))
        .merge(with_own_credentials())
        .layer(from_fn_with_state(state.clone(), overload::limit));
    let pages = page::router(&state).layer(from_fn_with_state(state.clone(), overload::limit));
    let (router, description) = OpenApiRouter::with_openapi(openapi::description())
        .nest("/api/v1", api)
        .merge(operating())
        .split_for_parts();
    router
        .merge(openapi::router(description))
        .merge(pages)
        .fallback(page::not_found)
        .layer(from_fn(host::check))
        .layer(CatchPanicLayer::custom(request_log::panicked))
        .layer(from_fn_with_state(state.clone(), body_draining::drain))
        .layer(from_fn_with_state(state.clone(), request_log::log_request))
        .with_state(state)
}

/// All routes below `/api/v1` that take a bearer token or no credentials.
fn resources() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::get, users::update, users::delete))
        .routes(routes!(users::restore))
        .routes(routes!(users::get_me, users::update_me))
        .routes(routes!(users::update_my_password))
        .routes(routes!(password_resets::create))
        .routes(routes!(password_resets::redeem))
        .routes(routes!(sessions::create))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::delete))
        .routes(routes!(sessions::delete_current))
        .routes(routes!(sessions::validate))
        .routes(routes!(oauth_clients::list, oauth_clients::create))
        .routes(routes!(oauth_clients::delete))
        .routes(routes!(oauth_clients::update_secret))
        .routes(routes!(greetings::list))
        .routes(routes!(greetings::greet))
        .routes(routes!(greetings::greet_by_name))
        .route("/greet/", routing::get(greetings::greet_without_name))
        .routes(routes!(categories::list, categories::create))
        .routes(routes!(
            categories::get,
            categories::update,
            categories::delete
        ))
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::create_batch))
        .routes(routes!(products::get, products::update, products::delete))
        .routes(routes!(products::restore))
        .routes(routes!(products::update_stock))
        .routes(routes!(pizzas::list, pizzas::create))
        .routes(routes!(pizzas::get, pizzas::update, pizzas::delete))
        .routes(routes!(pizzas::restore))
        .routes(routes!(databases::list, databases::create))
        .routes(routes!(
            databases::get,
            databases::update,
            databases::delete
        ))
        .routes(routes!(databases::update_status))
        .routes(routes!(database_events::list))
        .routes(routes!(database_events::list_of_database))
        .routes(routes!(image_updates::list))
        .routes(routes!(image_update_stream::get))
        .routes(routes!(image_updates::get, image_updates::delete))
        .routes(routes!(image_updates::acknowledge))
        .routes(routes!(image_updates::acknowledge_several))
        .routes(routes!(
            image_updates::update_tag,
            image_updates::delete_tag
        ))
        .routes(routes!(tags::list, tags::create))
        .routes(routes!(tags::delete))
}

/// Routes whose `Authorization` header is not a bearer token.
fn with_own_credentials() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(oauth_tokens::create))
        .routes(routes!(image_reports::create, image_reports::create_by_get))
        .route(
            "/image-updates/webhook",
            routing::head(image_reports::refuse).fallback(image_reports::refuse),
        )
}

fn operating() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ops::get_health))
        .routes(routes!(ops::get_health_short))
        .routes(routes!(ops::get_ready))
        .routes(routes!(ops::get_database_health))
        .routes(routes!(ops::get_database_metrics))
        .routes(routes!(ops::get_version))
        .routes(routes!(ops::metrics::get_metrics))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa_axum::router::OpenApiRouter;

    use crate::http::openapi;

    #[test]
    fn every_reference_in_the_description_resolves() {
        let (_, description) = OpenApiRouter::with_openapi(openapi::description())
            .merge(super::resources())
            .merge(super::with_own_credentials())
            .merge(super::operating())
            .split_for_parts();
        let text = description.to_json().unwrap();
        let references: BTreeSet<_> = text.split("\"#/").skip(1).collect();
        let json = serde_json::to_value(&description).unwrap();
        for reference in references {
            let (path, _) = reference.split_once('"').unwrap();
            assert!(json.pointer(&format!("/{path}")).is_some(), "{path}");
        }
    }
}
