//! Steps about neighbours: other services, played by the harness. They answer calls and record them.

use std::time::{Duration, Instant};

use bdd_harness::{given, then};
use gherkin::Step;

use crate::{
    duration::Span,
    failure::{Failure, Outcome},
    json::{self, Json, Mode},
    registry::Text,
    slot::neighbours::{Call, ScriptedAnswer, shown},
    words::{argument, parameter::Method},
    world::World,
};

/// A call may arrive a moment after the service's answer. This is the pause between two checks.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// From now on, the other service gives this answer to calls with this method and path. The last such step counts. A
/// path without a query matches any query. If the service was down, it is available again.
#[given(expr = "the service {string} answers {method} {string} with {int}")]
async fn answers(
    world: &mut World,
    name: Text,
    method: Method,
    path: Text,
    status: u16,
) -> Outcome {
    answer(world, &name, method, path, status, None).await
}

/// The same with a JSON body, which is sent as written.
#[given(expr = "the service {string} answers {method} {string} with {int} and JSON:")]
async fn answers_with_json(
    world: &mut World,
    step: &Step,
    name: Text,
    method: Method,
    path: Text,
    status: u16,
) -> Outcome {
    let text = argument::docstring(step)?;
    let json = world.variables.json_text(&text)?;
    answer(world, &name, method, path, status, Some(json)).await
}

/// Every answer of the other service is delayed by this time.
#[given(expr = "the service {string} is slow by {duration}")]
fn is_slow(world: &mut World, name: Text, by: Span) -> Outcome {
    world.slot.neighbour(&name)?.slow_by(by.0);
    Ok(())
}

/// The other service refuses connections, and open ones are cut.
#[given(expr = "the service {string} is down")]
async fn is_down(world: &mut World, name: Text) -> Outcome {
    world.slot.neighbour(&name)?.go_down().await;
    Ok(())
}

/// The number of calls that the other service received in this scenario, whatever their method and path. Waits for
/// missing calls, up to 10 s, or three quarters of `--step-timeout`.
#[then(expr = "the service {string} received {int} request(s)")]
async fn received(world: &mut World, name: Text, count: usize) -> Outcome {
    let deadline = Instant::now() + world.patience;
    let neighbour = world.slot.neighbour(&name)?;
    loop {
        let calls = neighbour.calls();
        if calls.len() == count {
            return Ok(());
        }
        if calls.len() > count || Instant::now() > deadline {
            let received = if calls.is_empty() {
                format!("; {}", neighbour.hint())
            } else {
                format!(":\n{}", shown(&calls))
            };
            return Err(Failure::new(format!(
                "the service \"{name}\" received {} request(s), not {count}{}",
                calls.len(),
                received.trim_end()
            )));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// The other service received a call with this method and path, and its body contains this JSON. Waits for the
/// call, even if others have come: up to 10 s, or three quarters of `--step-timeout`. Matchers such as `"#uuid"` work.
#[then(expr = "the service {string} received {method} {string} with JSON:")]
async fn received_json(
    world: &mut World,
    step: &Step,
    name: Text,
    method: Method,
    path: Text,
) -> Outcome {
    let expected = world.variables.json(&argument::docstring(step)?)?;
    json::check_spelling(&expected)?;
    let fits = |call: &Call| call.is(&method.0, &path);
    let deadline = Instant::now() + world.patience;
    loop {
        let neighbour = world.slot.neighbour(&name)?;
        let calls = neighbour.calls();
        let bodies: Vec<Json> = calls
            .iter()
            .filter(|call| fits(call))
            .map(Call::json)
            .collect();
        let comparison = json::in_any_order(
            &[json::shown(&expected)],
            &bodies,
            "calls",
            |_, body, at| json::compare(Mode::Subset, &expected, Some(body), at),
        )?;
        if comparison.is_good() || Instant::now() > deadline {
            let received = if calls.is_empty() {
                format!("; it received nothing: {}", neighbour.hint())
            } else {
                format!("; it received:\n{}", shown(&calls))
            };
            let message = format!(
                "the service \"{name}\" received no such {} {path}{}",
                method.0,
                received.trim_end()
            );
            return world.variables.settle(comparison, &message);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

async fn answer(
    world: &mut World,
    name: &str,
    method: Method,
    path: Text,
    status: u16,
    json: Option<String>,
) -> Outcome {
    if !path.starts_with('/') {
        return Err(Failure::new(format!(
            "the path \"{path}\" doesn't start with a slash"
        )));
    }
    if !(200..=599).contains(&status) {
        return Err(Failure::new(format!(
            "{status} isn't a valid status: write one from 200 to 599"
        )));
    }
    let answer = ScriptedAnswer {
        method: method.0,
        path: path.0,
        status,
        json,
    };
    world.slot.neighbour(name)?.answer(answer).await
}
