//! Clients that send a request in pieces.

use std::time::Duration;

use cucumber::{given, then, when};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{
    failure::{Failure, Outcome},
    parameter::Method,
    world::World,
};

/// How long both answers may take.
const PATIENCE: Duration = Duration::from_secs(10);
const BODY: &str = r#"{"name": "Margherita"}"#;

/// Sends a request without its body, waits until the answer begins, and only then sends the body and one more request
/// on the same connection. Both must be answered in full, the first one with this status.
#[given(
    expr = "{method} {string} is answered {int} before its body is there, and the connection goes on"
)]
#[when(
    expr = "{method} {string} is answered {int} before its body is there, and the connection goes on"
)]
#[then(
    expr = "{method} {string} is answered {int} before its body is there, and the connection goes on"
)]
async fn is_answered_before_its_body(
    world: &mut World,
    method: Method,
    path: String,
    status: u16,
) -> Outcome {
    let base = world.slot.base_url()?;
    let host = base.trim_start_matches("http://");
    let length = BODY.len();
    let head = format!(
        "{} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        method.0
    );
    let answers = timeout(PATIENCE, body_after_answer(host, &head))
        .await
        .map_err(|_| Failure::new("the answers didn't come"))?
        .map_err(|error| Failure::new(format!("the connection ended early: {error}")))?;
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

async fn body_after_answer(host: &str, head: &str) -> std::io::Result<String> {
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
