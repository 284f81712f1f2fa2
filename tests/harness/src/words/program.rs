//! Steps about the service as a program: command line, settings, start and stop, and failures of its database.

use bdd_harness::{given, then, when};
use gherkin::Step;

use crate::{
    duration::Span,
    failure::{Failure, Outcome},
    registry::Text,
    service::Environment,
    slot::proxy::Network,
    words::argument,
    world::World,
};

/// Sets an environment variable for the next `I run`.
#[given(expr = "the environment variable {string} is {string}")]
fn environment_variable(world: &mut World, name: Text, value: Text) -> Outcome {
    if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
        return Err(format!("there can't be an environment variable {name}={value}").into());
    }
    world.console.environment.insert(name.0, value.0);
    Ok(())
}

/// Runs the service's command line with these arguments, split as a shell does. It runs in an empty folder, with the
/// scenario's database in `DATABASE_URL`, for at most a minute (`--program-timeout`).
#[when(expr = "I run {string}", within = "10m")]
async fn run(world: &mut World, line: Text) -> Outcome {
    world.console.run(&mut world.slot, &line).await
}

/// The exit code of the last run, or of the service after it was asked to stop.
#[then(expr = "it exits with {int}")]
async fn exits_with(world: &mut World, expected: i32) -> Outcome {
    if world.console.last.is_none() && world.asked_to_stop {
        let found = world.slot.service_exit_code().await?;
        return if found == expected {
            Ok(())
        } else {
            Err(Failure::new(format!(
                "the service exited with {found}, not with {expected}"
            )))
        };
    }
    let run = world.console.last()?;
    if run.exit_code == Some(expected) {
        return Ok(());
    }
    let found = run
        .exit_code
        .map_or("a signal".to_owned(), |code| code.to_string());
    Err(Failure::new(format!(
        "`{}` exited with {found}, not with {expected}; its output:\n{}",
        run.line, run.output
    )))
}

/// The output of the last run (standard output and standard error) contains this text.
#[then(expr = "the output contains {string}")]
fn output_contains(world: &mut World, text: Text) -> Outcome {
    let text = argument::part(text)?;
    let run = world.console.last()?;
    if run.output.contains(&*text) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the output of `{}` doesn't contain \"{text}\"; it is:\n{}",
        run.line, run.output
    )))
}

/// The output of the last run doesn't contain this text.
#[then(expr = "the output does not contain {string}")]
fn output_does_not_contain(world: &mut World, text: Text) -> Outcome {
    let run = world.console.last()?;
    if !run.output.contains(&*text) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the output of `{}` contains \"{text}\"; it is:\n{}",
        run.line, run.output
    )))
}

/// Restarts the service with these configuration keys, until the scenario ends. Two columns: key, value.
#[given(expr = "the service runs with:")]
async fn service_runs_with(world: &mut World, step: &Step) -> Outcome {
    let pairs = argument::pairs(step, "key | value", &mut world.variables)?;
    let program = world.slot.program()?;
    let mut settings = Environment::new();
    for (key, value) in pairs {
        settings.insert(program.variable(&key), value);
    }
    world.slot.run_service_with(settings).await
}

/// Stops the service and starts it again, on the same database.
#[given(expr = "the service is restarted")]
async fn service_is_restarted(world: &mut World) -> Outcome {
    world.asked_to_stop = false;
    world.slot.restart_service().await
}

/// Sends SIGTERM: the service reports that it isn't ready, finishes its current requests, and ends.
#[given(expr = "the service is asked to stop")]
async fn service_is_asked_to_stop(world: &mut World) -> Outcome {
    world.ask_service_to_stop().await
}

/// The database refuses new connections, and open ones are cut. The reset after the scenario restarts the service.
#[given(expr = "the database refuses connections")]
async fn database_refuses_connections(world: &mut World) -> Outcome {
    world.slot.refuse_connections().await
}

/// Whether a step is about the network between the service and its database. It needs a proxy from the scenario's
/// start.
pub fn is_about_network(sentence: &str) -> bool {
    sentence == "the database is unreachable" || sentence.starts_with("the database is slow by ")
}

/// Every answer of the database is delayed by this time, also during login.
#[given(expr = "the database is slow by {duration}")]
async fn database_is_slow(world: &mut World, by: Span) -> Outcome {
    world.slot.set_network(Network::SlowBy(by.0)).await
}

/// Packets between the service and its database vanish: open and new connections wait without an answer. When the
/// database is reachable again, the sent data arrives.
#[given(expr = "the database is unreachable")]
async fn database_is_unreachable(world: &mut World) -> Outcome {
    world.slot.set_network(Network::Silent).await
}

/// Makes the database reachable and fast again.
#[given(expr = "the database is reachable again")]
async fn database_is_reachable_again(world: &mut World) -> Outcome {
    world.slot.make_reachable().await
}
