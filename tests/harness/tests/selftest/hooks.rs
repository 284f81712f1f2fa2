//! Functions that run before and after scenarios.

use bdd_harness::{Failure, Outcome, World};
use serde_json::json;

/// What the hooks around all scenarios of a run under test do: `HOOKS` names it.
fn wanted(what: &str) -> bool {
    std::env::var("HOOKS").is_ok_and(|wanted| wanted.split(' ').any(|one| one == what))
}

/// The state that the hooks of a run share.
#[derive(Default)]
struct Kitchen(&'static str);

pub async fn open_kitchen(world: &mut World) -> Outcome {
    world.ext::<Kitchen>().0 = "open";
    if wanted("attach") {
        world.attach("text/plain", "the kitchen opens");
    }
    if wanted("fail-before") {
        return Err(Failure::new("there is no key\nof the kitchen"));
    }
    if wanted("skip-before") {
        return Err(Failure::skipped("it is closed"));
    }
    if wanted("wait-before") {
        std::future::pending::<()>().await;
    }
    if wanted("request-before") {
        return world.send_json("POST", "/users", &json!({}), 201).await;
    }
    Ok(())
}

/// Runs also if the hook before it failed.
pub async fn light_fire(world: &mut World) -> Outcome {
    if wanted("attach") {
        world.attach("text/plain", "the fire burns");
    }
    Ok(())
}

pub async fn close_kitchen(world: &mut World) -> Outcome {
    if wanted("attach") {
        let text = format!("the kitchen is {}", world.ext::<Kitchen>().0);
        world.attach("text/plain", text);
    }
    assert!(!wanted("panic-after"), "the floor is wet");
    Ok(())
}

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

pub async fn panics(_: &mut World) -> Outcome {
    panic!("a shoe is missing")
}

pub async fn hangs(_: &mut World) -> Outcome {
    std::future::pending().await
}
