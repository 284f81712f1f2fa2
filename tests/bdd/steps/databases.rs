//! Steps for managed databases and their events.

use bdd_harness::given;
use futures::future::join_all;
use serde_json::json;

use bdd_harness::{
    failure::{Failure, Outcome},
    http::{Client, Request},
    json::Json,
    world::World,
};

/// The path at which databases are requested.
const DATABASES: &str = "/api/v1/databases";
/// The variable with the numbers of the events that a follower has seen.
const SEEN: &str = "seen events";

/// Requests a database with the current bearer token; `{{ticket-shop.id}}` is its id.
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

/// Sends this many concurrent requests for databases. Meanwhile it reads the events after the last one seen, as a
/// provisioner does. It never sees an event that becomes visible after a later one.
#[given(expr = "a follower reads the events while {int} databases are asked for")]
async fn follower_reads(world: &mut World, count: usize) -> Outcome {
    let base = world.slot.base_url()?;
    let token = world.variables.text("{{asking.token}}")?;
    let ask = |number: usize| {
        let body = json!({"name": format!("plan-{number}"), "owner_team": "a", "purpose": "b"});
        let request = Request::new(|| Ok(base.clone()), "POST", DATABASES).map(|request| {
            request
                .body_of("application/json", body.to_string())
                .bearer(&token)
        });
        async move { send(&mut Client::default(), request?).await.map(|_| ()) }
    };
    let asking = async { join_all((0..count).map(ask)).await.into_iter().collect() };
    let seen = follow(&base, &token, asking).await?;
    world.variables.set(SEEN, Json::from(seen));
    Ok(())
}

/// The follower has seen exactly these events, in this order.
#[given(expr = "the follower has seen the events {int} to {int}")]
fn follower_has_seen(world: &mut World, first: i64, last: i64) -> Outcome {
    let seen = world.variables.get(SEEN).cloned().unwrap_or_default();
    let expected = Json::from((first..=last).collect::<Vec<_>>());
    if seen == expected {
        return Ok(());
    }
    Err(Failure::new(format!("the follower has seen {seen}")))
}

/// Sends a request, and returns the JSON of a successful response.
async fn send(client: &mut Client, request: Request) -> Result<Json, Failure> {
    client.send(request).await?;
    let answer = client.answer()?;
    if answer.status < 300 {
        answer.json()
    } else {
        Err(answer.status_line().into())
    }
}

/// Reads events until all databases are requested and no new event comes.
async fn follow(
    base: &str,
    token: &str,
    asking: impl Future<Output = Outcome>,
) -> Result<Vec<i64>, Failure> {
    let mut client = Client::default();
    let mut asking = std::pin::pin!(asking);
    let mut all_asked = false;
    let mut seen: Vec<i64> = Vec::new();
    loop {
        let after = seen.last().copied().unwrap_or_default();
        let path = format!("{DATABASES}/events?limit=100&after={after}");
        let request = Request::new(|| Ok(base.to_owned()), "GET", &path)?.bearer(token);
        let mut reading = std::pin::pin!(send(&mut client, request));
        let was_all_asked = all_asked;
        let read = loop {
            tokio::select! {
                read = &mut reading => break read?,
                asked = &mut asking, if !all_asked => {
                    asked?;
                    all_asked = true;
                }
            }
        };
        let events = read["data"].as_array().unwrap_or_default();
        if events.is_empty() && was_all_asked {
            return Ok(seen);
        }
        seen.extend(events.iter().filter_map(|event| event["id"].as_i64()));
    }
}
