//! Clients that send a request in pieces.

use std::{
    io,
    time::{Duration, Instant},
};

use bdd_harness::given;
use gherkin::Step;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};

use bdd_harness::{
    failure::{Failure, Outcome},
    words::{argument, parameter::Method},
    world::World,
};

/// How long answers may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a service may go on that has nothing to wait for but what never comes.
const LONGEST_END: Duration = Duration::from_secs(5);
const BODY: &str = r#"{"name": "Margherita"}"#;

/// Sends a request without its body, waits until the answer begins, and only then sends the body and one more request
/// on the same connection. Both must be answered in full, the first one with this status.
#[given(
    expr = "{method} {string} is answered {int} before its body is there, and the connection goes on"
)]
async fn is_answered_before_its_body(
    world: &mut World,
    method: Method,
    path: String,
    status: u16,
) -> Outcome {
    let host = host(world)?;
    let head = head(method.0.as_str(), &path, &host, BODY.len() as u64);
    let answers = answer_in_time(body_after_answer(&host, &head)).await?;
    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .filter_map(|answer| answer.get(..3))
        .collect();
    if statuses == [status.to_string().as_str(), "200"] {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the answers were {}, and not {status} and then 200",
        statuses.join(", ")
    )))
}

async fn body_after_answer(host: &str, head: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.peek(&mut [0]).await?;
    stream.write_all(BODY.as_bytes()).await?;
    let another = format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(another.as_bytes()).await?;
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).await?;
    Ok(String::from_utf8_lossy(&answers).into_owned())
}

/// Announces a body of so many bytes, sends nothing of it, and is answered with this status all the same.
#[given(
    expr = "{method} {string} that announces {int} bytes is answered {int} before they are there"
)]
async fn announcement_is_answered(
    world: &mut World,
    method: Method,
    path: String,
    length: u64,
    status: u16,
) -> Outcome {
    let host = host(world)?;
    let head = head(method.0.as_str(), &path, &host, length);
    let answered = async {
        let mut stream = TcpStream::connect(&host).await?;
        stream.write_all(head.as_bytes()).await?;
        status_line(&mut stream).await
    };
    expect_status(&answer_in_time(answered).await?, status)
}

/// The service is asked to stop while a client's connection is open, on which it has sent `nothing`, `a whole request`,
/// `half a head` or `half a body`. It must end well, and soon.
#[given(expr = "a client that has sent {string} doesn't hold up the service's end")]
async fn does_not_hold_up_the_end(world: &mut World, sent: String) -> Outcome {
    let host = host(world)?;
    let whole = format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let body = head("POST", "/api/v1/auth/login", &host, 100);
    let sending = match sent.as_str() {
        "nothing" => "",
        "a whole request" => &whole,
        "half a head" => &whole[..whole.len() / 2],
        "half a body" => &format!("{body}{{"),
        _ => {
            return Err(Failure::new(format!(
                "\"{sent}\" isn't nothing, a whole request, half a head or half a body"
            )));
        }
    };
    let mut stream = connect(&host).await?;
    let sent = async {
        stream.write_all(sending.as_bytes()).await?;
        if sending == whole {
            status_line(&mut stream).await?;
        }
        Ok(())
    };
    answer_in_time(sent).await?;
    world.ask_service_to_stop().await?;
    let begun = Instant::now();
    let ended = timeout(LONGEST_END, world.slot.service_exit_code()).await;
    match ended {
        Ok(Ok(0)) => Ok(()),
        Ok(Ok(code)) => Err(Failure::new(format!("the service exited with {code}"))),
        Ok(Err(failure)) => Err(failure),
        Err(_) => Err(Failure::new(format!(
            "the service is still there {:.1} s after it was asked to stop",
            begun.elapsed().as_secs_f64()
        ))),
    }
}

/// A request has arrived but for the end of its body when the service is asked to stop; then the rest comes. It must be
/// answered with this status. The body is JSON.
#[given(expr = "the service is asked to stop while {method} {string} arrives, and answers {int}:")]
async fn what_has_begun_is_finished(
    world: &mut World,
    step: &Step,
    method: Method,
    path: String,
    status: u16,
) -> Outcome {
    let body = argument::docstring(step)?;
    let (first, rest) = body
        .split_at_checked(body.len() / 2)
        .ok_or("the JSON can't be halved")?;
    let host = host(world)?;
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let begin = format!("{}{first}", head(method.0.as_str(), &path, &host, length));
    let mut stream = connect(&host).await?;
    answer_in_time(async { stream.write_all(begin.as_bytes()).await }).await?;
    world.ask_service_to_stop().await?;
    let answered = async {
        stream.write_all(rest.as_bytes()).await?;
        status_line(&mut stream).await
    };
    expect_status(&answer_in_time(answered).await?, status)
}

/// Connections that stay open until the scenario ends.
#[derive(Default)]
struct Open(Vec<TcpStream>);

/// So many clients begin a request with a body of JSON, and send nothing more of the body until the scenario ends.
#[given(expr = "{int} clients have sent half a body of {method} {string}")]
async fn have_sent_half_a_body(
    world: &mut World,
    clients: usize,
    method: Method,
    path: String,
) -> Outcome {
    let host = host(world)?;
    let half = format!("{}{{", head(method.0.as_str(), &path, &host, 100));
    for _ in 0..clients {
        let mut stream = connect(&host).await?;
        answer_in_time(async { stream.write_all(half.as_bytes()).await }).await?;
        world.ext::<Open>().0.push(stream);
    }
    Ok(())
}

/// Where the scenario's service listens.
fn host(world: &World) -> Result<String, Failure> {
    let base = world.slot.base_url()?;
    Ok(base.trim_start_matches("http://").to_owned())
}

/// The head of a request with a body of JSON.
fn head(method: &str, path: &str, host: &str, length: u64) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

async fn connect(host: &str) -> Result<TcpStream, Failure> {
    answer_in_time(TcpStream::connect(host)).await
}

async fn answer_in_time<T>(answered: impl Future<Output = io::Result<T>>) -> Result<T, Failure> {
    timeout(PATIENCE, answered)
        .await
        .map_err(|_| Failure::new("the answer didn't come"))?
        .map_err(|error| Failure::new(format!("the connection ended early: {error}")))
}

/// The first line of an answer.
async fn status_line(stream: &mut TcpStream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

fn expect_status(line: &str, status: u16) -> Outcome {
    if line.starts_with(&format!("HTTP/1.1 {status} ")) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the answer begins with \"{}\", and isn't {status}",
        line.trim_end()
    )))
}
