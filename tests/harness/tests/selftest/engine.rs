//! A container engine whose downloads never end.

use axum::{
    Json, Router,
    body::{Body, Bytes},
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use bdd_harness::{Failure, Outcome, World, given};
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::task::JoinHandle;

/// The engine, until the scenario ends.
#[derive(Default)]
struct Engine(Option<JoinHandle<()>>);

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// The next run finds a container engine that has no image, and whose download begins and then stops.
#[given(expr = "a container engine whose downloads stall")]
async fn stalling_engine(world: &mut World) -> Outcome {
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let serving = tokio::spawn(async {
        let _ = axum::serve(listener, Router::new().fallback(answer)).await;
    });
    world.ext::<Engine>().0 = Some(serving);
    let environment = &mut world.console.environment;
    environment.insert("DOCKER_HOST".into(), format!("tcp://{address}"));
    Ok(())
}

async fn answer(uri: Uri) -> Response {
    match uri.path() {
        path if path.ends_with("/_ping") => "OK".into_response(),
        path if path.ends_with("/containers/json") => Json(json!([])).into_response(),
        path if path.ends_with("/images/create") => {
            let first = Bytes::from("{\"id\": \"layer\", \"status\": \"Downloading\"}\n");
            let first = stream::once(async { Ok::<_, std::convert::Infallible>(first) });
            Body::from_stream(first.chain(stream::pending())).into_response()
        }
        _ => (
            StatusCode::NOT_FOUND,
            Json(json!({"message": "no such image"})),
        )
            .into_response(),
    }
}
