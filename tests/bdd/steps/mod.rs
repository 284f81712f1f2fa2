//! The words of this domain, made of the same parts as the vocabulary.

mod command_line;
mod connections;
mod databases;
mod descriptions;
mod migrations;
mod oauth_clients;
mod replicas;
mod roles;
mod sessions;
mod shop;
mod suite;
mod users;

use bdd_harness::{failure::Outcome, http::Request, world::World};

/// Sends JSON to the API; fails when the answer isn't this status.
async fn send(
    world: &mut World,
    method: &str,
    path: &str,
    body: &serde_json::Value,
    expected: u16,
) -> Outcome {
    let request = Request::new(|| world.slot.base_url(), method, path)?;
    let request = request.body_of("application/json", body.to_string());
    world.client.send(request).await?;
    let answer = world.client.answer()?;
    if answer.status == expected {
        return Ok(());
    }
    Err(format!(
        "{method} {path} was answered {}, not {expected}",
        answer.status_line()
    )
    .into())
}
