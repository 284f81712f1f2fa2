//! Steps for several services on one database.

use std::{fs, os::unix::fs::PermissionsExt};

use bdd_harness::given;
use futures::future::try_join_all;
use gherkin::Step;
use serde_json::Value;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::JoinError};
use tokio_util::sync::CancellationToken;

use bdd_harness::{
    Start,
    failure::{Failure, Outcome},
    service::Environment,
    words::{argument, parameter::Method},
    world::World,
};

use super::connections::{answer_in_time, expect_status, request_head, status_line};

/// Starts this many services with these configuration keys on the scenario's database, waits until all of them listen,
/// and stops them. Two columns: key, value.
#[given(expr = "{int} replicas start at the same moment with:")]
async fn replicas_start(world: &mut World, step: &Step, count: usize) -> Outcome {
    let settings = argument::pairs(step, "key | value", &mut world.variables)?;
    let environment = environment(world, settings)?;
    let stop = CancellationToken::new();
    let program = world.slot.program()?;
    let replica = || {
        let (start, listens) = Start::new(environment.clone(), stop.clone());
        (tokio::spawn(program.serve(start)), listens)
    };
    let (running, listening): (Vec<_>, Vec<_>) =
        std::iter::repeat_with(replica).take(count).unzip();
    let all_listen = try_join_all(listening).await.is_ok();
    stop.cancel();
    for replica in running {
        ended(replica.await)?;
    }
    if all_listen {
        Ok(())
    } else {
        Err("a replica ended before it listened".into())
    }
}

/// Starts another service on the scenario's database, sends it a request with this bearer, checks the status of its
/// response, and stops it.
#[given(expr = "another replica answers {method} {string} with {int} to the bearer {string}")]
async fn another_replica_answers(
    world: &mut World,
    method: Method,
    path: String,
    status: u16,
    bearer: String,
) -> Outcome {
    let bearer = world.variables.text(&bearer)?;
    let environment = environment(world, Vec::new())?;
    let stop = CancellationToken::new();
    let (start, listens) = Start::new(environment, stop.clone());
    let replica = tokio::spawn(world.slot.program()?.serve(start));
    let host = match listens.await {
        Ok(address) => address.to_string(),
        Err(_) => return ended(replica.await).and(Err("the replica doesn't listen".into())),
    };
    let head = request_head(&method, &path, &host, &bearer);
    let line = answer_in_time(async {
        let mut stream = TcpStream::connect(&host).await?;
        stream.write_all(head.as_bytes()).await?;
        status_line(&mut stream).await
    });
    let line = line.await;
    stop.cancel();
    ended(replica.await)?;
    expect_status(&line?, status)
}

/// The variables of a replica on the scenario's database, with these configuration keys.
fn environment(
    world: &World,
    settings: impl IntoIterator<Item = (String, String)>,
) -> Result<Environment, Failure> {
    let program = world.slot.program()?;
    let url = world.slot.owner_url()?;
    let mut environment = program.environment(&url, &url);
    environment.extend(Environment::from([
        ("DLC_ENVIRONMENT".into(), "test".into()),
        ("DB_MIN_CONNS".into(), "0".into()),
        ("DB_MAX_CONNS".into(), "3".into()),
        ("DLC_SERVER_SHUTDOWN_PAUSE".into(), "0".into()),
    ]));
    for (key, value) in settings {
        environment.insert(program.variable(&key), value);
    }
    Ok(environment)
}

fn ended(result: Result<Result<(), String>, JoinError>) -> Outcome {
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(reason)) => Err(Failure::new(format!("a replica failed: {reason}"))),
        Err(panic) => Err(Failure::new(panic.to_string())),
    }
}

/// Sets a variable to the path of a file that doesn't exist.
#[given(expr = "{string} is the path of a new file")]
fn new_file(world: &mut World, name: String) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?;
    let path = world.slot.folder()?.join(unique);
    world
        .variables
        .set(name, Value::from(path.display().to_string()));
    Ok(())
}

/// Only the file's owner can read and write it. Sets a variable to its only line.
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
