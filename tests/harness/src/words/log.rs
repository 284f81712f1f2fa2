//! What the service's log says, since the scenario began.

use std::time::{Duration, Instant};

use bdd_harness::then;
use gherkin::Step;

use crate::{
    failure::{Failure, Outcome},
    json::{self, Json, Mode},
    slot::logs::{Line, Log},
    words::argument,
    world::World,
};

/// The lines of a process arrive a moment after its answers: the longest wait, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(5);
/// A log without a new line for this long is complete.
const QUIET: Duration = Duration::from_millis(50);

/// A line of the service's log contains this text; it may come a moment later.
#[then(expr = "the log contains {string}")]
async fn log_contains(world: &mut World, text: String) -> Outcome {
    let text = argument::quoted(&text, &mut world.variables)?;
    let log = world.slot.service_log()?;
    let deadline = Instant::now() + PATIENCE;
    while !log.lines().iter().any(|line| line.contains(&text)) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!(
                "no line of the service's log contains \"{text}\"{}",
                shown(&log.lines())
            )));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// No line of the service's log contains this text, once nothing more comes. An empty log fails: it would prove nothing.
#[then(expr = "the log does not contain {string}")]
async fn log_does_not_contain(world: &mut World, text: String) -> Outcome {
    let text = argument::quoted(&text, &mut world.variables)?;
    let lines = complete(&world.slot.service_log()?).await?;
    if text.is_empty() || lines.is_empty() {
        return Err("nothing is looked for, or in nothing: this would always be true".into());
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

/// A line of the service's log, read as JSON, contains what is written below; it may come a moment later. Matchers
/// such as `"#uuid"` may stand for values.
#[then(expr = "the log has a line that contains:")]
async fn log_has_a_line(world: &mut World, step: &Step) -> Outcome {
    let expected = expected(world, step)?;
    let log = world.slot.service_log()?;
    let deadline = Instant::now() + PATIENCE;
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
        tokio::time::sleep(LOOK).await;
    }
}

/// Exactly so many lines of the service's log contain what is written below, once nothing more comes.
#[then(expr = "the log has {int} line(s) that contain(s):")]
async fn log_has_lines(world: &mut World, step: &Step, count: usize) -> Outcome {
    let expected = expected(world, step)?;
    let lines = complete(&world.slot.service_log()?).await?;
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

/// All lines, once the log is quiet.
async fn complete(log: &Log) -> Result<Vec<Line>, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // At least one pause: what a process has written has to be read.
        tokio::time::sleep(LOOK).await;
        if log.is_quiet_for(QUIET) {
            break;
        }
        if Instant::now() > deadline {
            return Err(format!(
                "the service's log isn't quiet after {} s, so nothing can be said of all its lines",
                PATIENCE.as_secs()
            )
            .into());
        }
    }
    match log.forgotten() {
        0 => Ok(log.lines()),
        count => Err(format!(
            "the service's log is too long to say something of all its lines: the first {count} weren't kept"
        )
        .into()),
    }
}

/// The last of them, each on a line of its own.
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
