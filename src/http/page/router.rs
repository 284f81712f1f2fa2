//! Every page and form, on one screen.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use super::{
    assets, clients, guard, login, sessions, tags, update_details, update_forms, updates, users,
};
use crate::http::state::AppState;

pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/", get(updates::list))
        .route("/login", get(login::get).post(login::create))
        .route("/logout", post(login::delete))
        .route("/updates/stream", get(updates::stream))
        .route(
            "/updates/acknowledge",
            post(update_forms::acknowledge_several),
        )
        .route("/updates/undo", post(update_forms::undo))
        .route("/updates/{id}", get(update_details::get))
        .route("/updates/{id}/acknowledge", post(update_forms::acknowledge))
        .route(
            "/updates/{id}/unacknowledge",
            post(update_forms::unacknowledge),
        )
        .route("/updates/{id}/tag", post(update_forms::update_tag))
        .route(
            "/updates/{id}/delete",
            get(update_details::confirm_delete).post(update_forms::delete),
        )
        .route("/tags", get(tags::list).post(tags::create))
        .route(
            "/tags/{id}/delete",
            get(tags::confirm_delete).post(tags::delete),
        )
        .route("/sessions", get(sessions::list))
        .route("/sessions/end-others", post(sessions::delete_others))
        .route("/sessions/{id}/end", post(sessions::delete))
        .route("/users", get(users::list))
        .route("/users/{id}/role", post(users::update_role))
        .route(
            "/users/{id}/delete",
            get(users::confirm_delete).post(users::delete),
        )
        .route("/users/{id}/restore", post(users::restore))
        .route("/clients", get(clients::list).post(clients::create))
        .route("/clients/{client_id}/secret", post(clients::update_secret))
        .route(
            "/clients/{client_id}/delete",
            get(clients::confirm_delete).post(clients::delete),
        )
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .route("/assets/{file}", get(assets::get))
}
