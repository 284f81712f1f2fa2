//! Functions that run before and after scenarios.

use bdd_harness::{Failure, Outcome, World};
use serde_json::json;

pub async fn with_ada(world: &mut World) -> Outcome {
    user(world, "ada").await
}

/// Fails unless ada exists.
pub async fn with_bob(world: &mut World) -> Outcome {
    if user(world, "ada").await.is_ok() {
        return Err(Failure::new("ada wasn't there"));
    }
    user(world, "bob").await
}

async fn user(world: &mut World, username: &str) -> Outcome {
    let body = json!({ "username": username });
    world.send_json("POST", "/users", &body, 201).await
}

pub async fn no_shoes(_: &mut World) -> Outcome {
    Err(Failure::new("there are no shoes"))
}

pub async fn no_floor(world: &mut World) -> Outcome {
    let status = world.client.answer()?.status;
    Err(Failure::new(format!("no floor after {status}")))
}
