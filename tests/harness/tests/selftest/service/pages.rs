//! Pages for steps that need a browser.

use std::time::Duration;

use axum::{
    Form, Router,
    extract::Path,
    http::StatusCode,
    response::{Html, IntoResponse},
    routing::get,
};

pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/pages", get(Html(include_str!("pages/index.html"))))
        .route("/pages/{name}", get(page).post(signed))
}

async fn page(Path(name): Path<String>) -> impl IntoResponse {
    let html = match name.as_str() {
        "form" => include_str!("pages/form.html"),
        "frames" => include_str!("pages/frames.html"),
        "list" => include_str!("pages/list.html"),
        "map" => include_str!("pages/map.html"),
        "names" => include_str!("pages/names.html"),
        "payment" => include_str!("pages/payment.html"),
        "late" => include_str!("pages/late.html"),
        "dialogs" => include_str!("pages/dialogs.html"),
        "accessible" => include_str!("pages/accessible.html"),
        "faults" => include_str!("pages/faults.html"),
        "keyboard" => include_str!("pages/keyboard.html"),
        "errors" => include_str!("pages/errors.html"),
        "memory" => include_str!("pages/memory.html"),
        "board" => include_str!("pages/board.html"),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "<!doctype html><title>Old guests</title><h1>Old guests</h1>"
        }
        other => {
            if other == "late-nothing" {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            return (
                StatusCode::NOT_FOUND,
                Html("<title>Nothing</title><h1>There is no such page</h1>"),
            );
        }
    };
    (StatusCode::OK, Html(html))
}

/// Shows the submitted fields.
async fn signed(Form(fields): Form<Vec<(String, String)>>) -> Html<String> {
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut rows = String::new();
    for (name, value) in fields {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        rows.push_str(&format!(
            "<tr><th scope=row>{name}</th><td>{value}</td></tr>"
        ));
    }
    Html(format!(
        "<!doctype html><title>Signed</title><h1>Thank you</h1><table>{rows}</table>"
    ))
}
