//! Steps for clients that send a request in parts.

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

/// How long a response may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a shutdown may take when only incomplete requests are open.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
const BODY: &str = r#"{"name": "Margherita"}"#;

/// Sends a request without its body, waits until the response begins, and then sends the body and another request on
/// the same connection. Both must get complete responses, the first one with this status.
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
        "the responses were {}, but {status} and 200 were expected",
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

/// Sends a request with this Content-Length and no body. The response must have this status.
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

/// Asks the service to stop while a client's connection is open, on which the client has sent `nothing`, `a whole
/// request`, `half a head` or `half a body`. The service must exit with 0 within 5 seconds.
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
    let ended = timeout(SHUTDOWN_TIMEOUT, world.slot.service_exit_code()).await;
    match ended {
        Ok(Ok(0)) => Ok(()),
        Ok(Ok(code)) => Err(Failure::new(format!("the service exited with {code}"))),
        Ok(Err(failure)) => Err(failure),
        Err(_) => Err(Failure::new(format!(
            "the service still runs {:.1} s after it was asked to stop",
            begun.elapsed().as_secs_f64()
        ))),
    }
}

/// Sends half of a request's JSON body, asks the service to stop, and then sends the rest. The response must have this
/// status.
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

/// Connections that stay open until the end of the scenario.
#[derive(Default)]
struct Open(Vec<TcpStream>);

/// This many clients send the head of a request and a part of its JSON body. Their connections stay open until the end
/// of the scenario.
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

/// Sends a request with this bearer, and does not wait for the response.
#[given(expr = "a request for {method} {string} by the bearer {string} is on its way")]
async fn is_on_its_way(world: &mut World, method: Method, path: String, bearer: String) -> Outcome {
    let path = world.variables.text(&path)?;
    let bearer = world.variables.text(&bearer)?;
    let host = host(world)?;
    let head = request_head(&method, &path, &host, &bearer);
    let mut stream = connect(&host).await?;
    answer_in_time(async { stream.write_all(head.as_bytes()).await }).await?;
    world.ext::<Open>().0.push(stream);
    Ok(())
}

/// The head of a request without a body.
pub(super) fn request_head(method: &Method, path: &str, host: &str, bearer: &str) -> String {
    format!(
        "{} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {bearer}\r\n\r\n",
        method.0
    )
}

/// The host and port of the scenario's service.
fn host(world: &World) -> Result<String, Failure> {
    let base = world.slot.base_url()?;
    Ok(base.trim_start_matches("http://").to_owned())
}

/// The head of a request with a JSON body.
fn head(method: &str, path: &str, host: &str, length: u64) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

async fn connect(host: &str) -> Result<TcpStream, Failure> {
    answer_in_time(TcpStream::connect(host)).await
}

pub(super) async fn answer_in_time<T>(
    answered: impl Future<Output = io::Result<T>>,
) -> Result<T, Failure> {
    timeout(RESPONSE_TIMEOUT, answered)
        .await
        .map_err(|_| Failure::new("the response didn't come in time"))?
        .map_err(|error| Failure::new(format!("the connection ended early: {error}")))
}

/// The first line of a response.
pub(super) async fn status_line(stream: &mut TcpStream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

pub(super) fn expect_status(line: &str, status: u16) -> Outcome {
    if line.starts_with(&format!("HTTP/1.1 {status} ")) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the response begins with \"{}\", but the status {status} was expected",
        line.trim_end()
    )))
}
