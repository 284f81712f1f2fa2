//! Steps for a service in its own process that sends traces to a collector.

use std::{process::Stdio, sync::Arc};

use bdd_harness::{given, then, when};
use gherkin::Step;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
};

use super::collector::{LIMIT, Traces, until};
use bdd_harness::{
    failure::{Failure, Outcome},
    words::{argument, parameter::Method},
    world::World,
};

/// Starts the built program on the scenario's database. It sends its traces to the collector.
#[given(expr = "a service of its own sends its traces there")]
async fn service(world: &mut World) -> Outcome {
    start(world, Vec::new()).await
}

/// Starts the built program with additional environment variables. Two columns: name, value.
#[given(expr = "a service of its own sends its traces there with:")]
async fn service_with(world: &mut World, step: &Step) -> Outcome {
    let variables = argument::pairs(step, "name | value", &mut world.variables)?;
    start(world, variables).await
}

async fn start(world: &mut World, variables: Vec<(String, String)>) -> Outcome {
    let program = world.slot.program()?;
    let environment = program.environment(&world.slot.service_url()?, &world.slot.owner_url()?);
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let traces = world.ext::<Traces>();
    let mut child = Command::new(program.executable()?)
        .env_clear()
        .envs(environment)
        .env("DLC_ENVIRONMENT", "test")
        .env("DLC_LOG_FORMAT", "json")
        .env("DLC_SERVER_SHUTDOWN_PAUSE", "0")
        .env("DB_MIN_CONNS", "0")
        .env("DB_MAX_CONNS", "3")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &traces.url)
        .env("OTEL_BSP_SCHEDULE_DELAY", "100")
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let output = child.stdout.take().ok_or("there is no output")?;
    let log = Arc::clone(&traces.log);
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            log.lock().expect("no panics").push(line);
        }
    });
    traces.program = Some(child);
    let log = Arc::clone(&traces.log);
    let listening = |line: &String| program.listening(line);
    let address = until("the service listens", || {
        log.lock().expect("no panics").iter().find_map(listening)
    })
    .await?;
    world.ext::<Traces>().address = address.to_string();
    Ok(())
}

#[when(expr = "that service is sent {method} {string}")]
async fn is_sent(world: &mut World, method: Method, path: String) -> Outcome {
    send(world, &method, &path, "", "").await
}

#[when(expr = "that service is sent {int} times {method} {string}")]
async fn is_sent_times(world: &mut World, times: usize, method: Method, path: String) -> Outcome {
    for _ in 0..times {
        send(world, &method, &path, "", "").await?;
        if world.ext::<Traces>().status != 200 {
            break;
        }
    }
    Ok(())
}

/// Sends a request with a `traceparent` header: the id of the trace, and the id of the caller's span.
#[when(expr = "that service is sent {method} {string} in the trace {string} of {string}")]
async fn is_sent_in(
    world: &mut World,
    method: Method,
    path: String,
    trace: String,
    parent: String,
) -> Outcome {
    let header = format!("traceparent: 00-{trace}-{parent}-01\r\n");
    world.ext::<Traces>().trace = trace;
    send(world, &method, &path, &header, "").await
}

/// Sends a request with a `traceparent` header and a JSON body.
#[when(expr = "that service is sent {method} {string} in the trace {string} of {string} with:")]
async fn is_sent_json_in(
    world: &mut World,
    step: &Step,
    method: Method,
    path: String,
    trace: String,
    parent: String,
) -> Outcome {
    let body = argument::docstring(step)?;
    let header =
        format!("traceparent: 00-{trace}-{parent}-01\r\nContent-Type: application/json\r\n");
    world.ext::<Traces>().trace = trace;
    send(world, &method, &path, &header, &body).await
}

async fn send(
    world: &mut World,
    method: &Method,
    path: &str,
    headers: &str,
    body: &str,
) -> Outcome {
    let traces = world.ext::<Traces>();
    let address = &traces.address;
    let request = format!(
        "{} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        method.0,
        body.len()
    );
    let answered = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(LIMIT, answered)
        .await
        .map_err(|_| Failure::new("the response didn't come in time"))?
        .map_err(|error| Failure::new(error.to_string()))?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    traces.status =
        status.ok_or_else(|| Failure::new(format!("this is not a response: {answer}")))?;
    Ok(())
}

#[then(expr = "its answer is {int}")]
fn answer_is(world: &mut World, status: u16) -> Outcome {
    match world.ext::<Traces>().status {
        answered if answered == status => Ok(()),
        answered => Err(Failure::new(format!("the answer is {answered}"))),
    }
}

#[then(expr = "each of its log lines about that request contains {string}")]
async fn log_lines(world: &mut World, text: String) -> Outcome {
    let log = Arc::clone(&world.ext::<Traces>().log);
    let lines = until("the log has lines of a request", || {
        let log = log.lock().expect("no panics");
        let lines = log.iter().filter(|line| line.contains("\"request_id\""));
        let lines: Vec<_> = lines.cloned().collect();
        (!lines.is_empty()).then_some(lines)
    })
    .await?;
    match lines.iter().find(|line| !line.contains(&text)) {
        None => Ok(()),
        Some(line) => Err(Failure::new(format!("this line doesn't:\n{line}"))),
    }
}

/// The log has this text only once, even after further batches of spans.
#[then(expr = "its log says {string} once")]
async fn log_says_once(world: &mut World, text: String) -> Outcome {
    let log = Arc::clone(&world.ext::<Traces>().log);
    let count = move || {
        let log = log.lock().expect("no panics");
        log.iter().filter(|line| line.contains(&text)).count()
    };
    until("the log says it", || (count() > 0).then_some(())).await?;
    // Another batch fails too.
    is_sent_times(world, 3, Method("GET".into()), "/api/health".into()).await?;
    stops(world).await?;
    match count() {
        1 => Ok(()),
        times => Err(Failure::new(format!("the log says it {times} times"))),
    }
}

/// Sends SIGTERM; the service must exit with 0.
#[then(expr = "that service is asked to stop, and ends")]
async fn stops(world: &mut World) -> Outcome {
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let child = world.ext::<Traces>().program.as_mut();
    let child = child.ok_or("there is no service")?;
    let id = child.id().ok_or("the service has ended already")?;
    let kill = Command::new("kill").arg(id.to_string()).status().await;
    kill.map_err(failed)?;
    let ended = tokio::time::timeout(LIMIT, child.wait()).await;
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("it ended with {status:?}"))),
        Err(_) => Err(Failure::new("it doesn't end")),
    }
}
