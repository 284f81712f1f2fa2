//! Several services on one database, started at the same moment.

use std::{fs, os::unix::fs::PermissionsExt};

use bdd_harness::given;
use futures::future::{join_all, try_join_all};
use gherkin::Step;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use bdd_harness::{
    Start,
    failure::{Failure, Outcome},
    service::Environment,
    words::argument,
    world::World,
};

/// Starts so many services with these configuration keys on the scenario's database, waits until all of them listen,
/// and ends them. Two columns: key, value.
#[given(expr = "{int} replicas start at the same moment with:")]
async fn replicas_start(world: &mut World, step: &Step, count: usize) -> Outcome {
    let program = world.slot.program()?;
    let url = world.slot.owner_url()?;
    let mut environment = program.environment(&url, &url);
    environment.extend(Environment::from([
        ("DLC_ENVIRONMENT".into(), "test".into()),
        ("DB_MIN_CONNS".into(), "0".into()),
        ("DB_MAX_CONNS".into(), "3".into()),
        ("DLC_SERVER_SHUTDOWN_PAUSE".into(), "0".into()),
    ]));
    for (key, value) in argument::pairs(step, "key | value", &mut world.variables)? {
        environment.insert(program.variable(&key), value);
    }
    let stop = CancellationToken::new();
    let replica = || {
        let (start, listens) = Start::new(environment.clone(), stop.clone());
        (tokio::spawn(program.serve(start)), listens)
    };
    let (running, listening): (Vec<_>, Vec<_>) =
        std::iter::repeat_with(replica).take(count).unzip();
    let all_listen = try_join_all(listening).await.is_ok();
    stop.cancel();
    for ended in join_all(running).await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return Err(Failure::new(format!("a replica failed: {reason}"))),
            Err(panic) => return Err(Failure::new(panic.to_string())),
        }
    }
    if all_listen {
        Ok(())
    } else {
        Err("a replica ended before it listened".into())
    }
}

/// The path of a file that isn't there yet, as a variable.
#[given(expr = "{string} is the path of a new file")]
fn new_file(world: &mut World, name: String) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?;
    let path = world.slot.folder()?.join(unique);
    world
        .variables
        .set(name, Value::from(path.display().to_string()));
    Ok(())
}

/// The file is its owner's alone; its only line is kept as a variable.
#[given(expr = "only its owner can read the file {string}, and {string} is what it says")]
fn private_file(world: &mut World, path: String, name: String) -> Outcome {
    let path = world.variables.text(&path)?;
    let failed = |error: std::io::Error| Failure::new(format!("{path}: {error}"));
    let mode = fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
    if mode != 0o600 {
        return Err(Failure::new(format!("{path} has the mode {mode:o}")));
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    world.variables.set(name, Value::from(text.trim_end()));
    Ok(())
}
