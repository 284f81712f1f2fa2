//! Managed databases, and who follows their events.

use bdd_harness::given;
use futures::future::join_all;
use serde_json::{Value, json};

use bdd_harness::{
    failure::{Failure, Outcome},
    world::World,
};

/// The variable that holds the numbers of the events that a follower saw.
const SEEN: &str = "seen events";

/// A database that whoever is asking asks for; `{{ticket-shop.id}}` is its id.
#[given(expr = "a database {string}")]
async fn database(world: &mut World, name: String) -> Outcome {
    let name = world.variables.text(&name)?;
    let body = json!({"name": name, "owner_team": "testers", "purpose": "Behaviour tests"});
    world
        .send_json("POST", "/api/v1/databases", &body, 201)
        .await?;
    let id = world.client.answer()?.json()?["id"].clone();
    world.variables.set(format!("{name}.id"), id);
    Ok(())
}

/// Sends so many requests at once and all the while asks for what comes after the last event seen, as a provisioner
/// does. What becomes visible behind its back it never sees.
#[given(expr = "a follower reads the events while {int} databases are asked for")]
async fn follower_reads(world: &mut World, count: usize) -> Outcome {
    let address = format!("{}/api/v1/databases", world.slot.base_url()?);
    let token = world.variables.text("{{asking.token}}")?;
    let client = reqwest::Client::new();
    let ask = |number: usize| {
        let body = json!({"name": format!("plan-{number}"), "owner_team": "a", "purpose": "b"});
        let request = client.post(&address).bearer_auth(&token).json(&body);
        async move {
            let answer = request.send().await?;
            answer.error_for_status().map(|_| ())
        }
    };
    let asking = async { join_all((0..count).map(ask)).await.into_iter().collect() };
    let seen = follow(&client, &address, &token, asking).await?;
    world.variables.set(SEEN, Value::from(seen));
    Ok(())
}

/// The follower saw exactly these, in this order.
#[given(expr = "the follower has seen the events {int} to {int}")]
fn follower_has_seen(world: &mut World, first: i64, last: i64) -> Outcome {
    let seen = world.variables.get(SEEN).cloned().unwrap_or_default();
    let expected = Value::from((first..=last).collect::<Vec<_>>());
    if seen == expected {
        return Ok(());
    }
    Err(Failure::new(format!("the follower has seen {seen}")))
}

/// Reads until everything is asked for and nothing new comes.
async fn follow(
    client: &reqwest::Client,
    address: &str,
    token: &str,
    asking: impl Future<Output = Result<(), reqwest::Error>>,
) -> Result<Vec<i64>, Failure> {
    let failed = |error: reqwest::Error| Failure::new(error.to_string());
    let mut asking = std::pin::pin!(asking);
    let mut all_asked = false;
    let mut seen: Vec<i64> = Vec::new();
    loop {
        let after = seen.last().copied().unwrap_or_default();
        let reading = async {
            let path = format!("{address}/events?limit=100&after={after}");
            let answer = client.get(path).bearer_auth(token).send().await?;
            answer.error_for_status()?.json::<Value>().await
        };
        let mut reading = std::pin::pin!(reading);
        let was_all_asked = all_asked;
        let read = loop {
            tokio::select! {
                read = &mut reading => break read.map_err(failed)?,
                asked = &mut asking, if !all_asked => {
                    asked.map_err(failed)?;
                    all_asked = true;
                }
            }
        };
        let events = read["data"].as_array().cloned().unwrap_or_default();
        if events.is_empty() && was_all_asked {
            return Ok(seen);
        }
        seen.extend(events.iter().filter_map(|event| event["id"].as_i64()));
    }
}
