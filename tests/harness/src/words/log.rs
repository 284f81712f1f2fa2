//! Steps about the service's log since the start of the scenario.

use std::time::{Duration, Instant};

use bdd_harness::then;
use gherkin::Step;

use crate::{
    failure::{Failure, Outcome},
    json::{self, Json, Mode},
    registry::Text,
    slot::logs::Line,
    words::argument,
    world::World,
};

/// A process's lines arrive a moment after its answers. This is the pause between two checks.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A line of the service's log contains this text. Waits for the line if necessary.
#[then(expr = "the log contains {string}")]
async fn log_contains(world: &mut World, text: Text) -> Outcome {
    let text = argument::part(text)?;
    let log = world.slot.service_log()?;
    let deadline = Instant::now() + world.patience;
    while !log.lines().iter().any(|line| line.contains(&text)) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!(
                "no line of the service's log contains \"{text}\"{}",
                shown(&log.lines())
            )));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

/// No line of the service's log contains this text, after the log is complete. An empty text fails, because it would
/// prove nothing.
#[then(expr = "the log does not contain {string}")]
async fn log_does_not_contain(world: &mut World, text: Text) -> Outcome {
    let lines = complete(world).await?;
    if text.is_empty() || lines.is_empty() {
        return Err("the text or the log is empty: this would always be true".into());
    }
    let found: Vec<Line> = lines
        .into_iter()
        .filter(|line| line.contains(&text))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the service's log contains \"{text}\"{}",
        shown(&found)
    )))
}

/// A line of the service's log, read as JSON, contains this JSON. Waits for the line if necessary. Matchers such as
/// `"#uuid"` work.
#[then(expr = "the log has a line that contains:")]
async fn log_has_a_line(world: &mut World, step: &Step) -> Outcome {
    let expected = expected(world, step)?;
    let log = world.slot.service_log()?;
    let deadline = Instant::now() + world.patience;
    loop {
        let found: Vec<Json> = log.lines().into_iter().map(|line| line.json).collect();
        let comparison =
            json::in_any_order(&[json::shown(&expected)], &found, "log", |_, line, at| {
                json::compare(Mode::Subset, &expected, Some(line), at)
            })?;
        if comparison.is_good() || Instant::now() > deadline {
            let message = "the service's log has no such line";
            return world.variables.settle(comparison, message);
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Exactly this number of lines of the service's log contain this JSON, after the log is complete.
#[then(expr = "the log has {int} line(s) that contain(s):")]
async fn log_has_lines(world: &mut World, step: &Step, count: usize) -> Outcome {
    let expected = expected(world, step)?;
    let lines = complete(world).await?;
    let mut found = Vec::new();
    for line in lines {
        let comparison = json::compare(Mode::Subset, &expected, Some(&line.json), "log")?;
        if comparison.is_good() {
            found.push(line);
        }
    }
    if found.len() == count {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} line(s) of the service's log contain {}, not {count}{}",
        found.len(),
        json::shown(&expected),
        shown(&found)
    )))
}

fn expected(world: &mut World, step: &Step) -> Result<Json, Failure> {
    let expected = world.variables.json(&argument::docstring(step)?)?;
    if expected.as_object().is_none() {
        return Err("write a JSON object below this step: { … }".into());
    }
    json::check_spelling(&expected)?;
    Ok(expected)
}

/// All lines, after the log is complete.
async fn complete(world: &World) -> Result<Vec<Line>, Failure> {
    let (log, patience) = (world.slot.service_log()?, world.patience);
    if !log.is_complete_within(patience).await {
        return Err(format!(
            "the service's log still gets new lines after {patience:?}, so it can't be checked completely"
        )
        .into());
    }
    match log.forgotten() {
        0 => Ok(log.lines()),
        count => Err(format!(
            "the service's log is too long to be checked completely: the first {count} lines weren't kept"
        )
        .into()),
    }
}

/// The last lines, each on a line of its own.
fn shown(lines: &[Line]) -> String {
    const SHOWN: usize = 20;
    let last = &lines[lines.len().saturating_sub(SHOWN)..];
    match last {
        [] => String::new(),
        last => {
            let texts: Vec<_> = last.iter().map(|line| line.text.as_str()).collect();
            format!(":\n  {}", texts.join("\n  "))
        }
    }
}
