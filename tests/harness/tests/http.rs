//! An exchange's output, and connections that the server closes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use bdd_harness::{
    failure::Outcome,
    http::{Client, Request},
};

/// A connection: an answer for each status, then the server closes it.
struct Script {
    statuses: &'static [u16],
    /// The connection is reset by the next request, as if the server closes it when the request arrives.
    resets: bool,
}

/// Serves connections one after the other, always with this body. Returns the requests' bodies.
fn serve(scripts: Vec<Script>, body: &'static str) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for script in scripts {
            let (mut stream, _) = listener.accept().expect("a client");
            for status in script.statuses {
                bodies.push(read(&mut stream));
                let head = format!(
                    "HTTP/1.1 {status} S\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                stream
                    .write_all(format!("{head}{body}").as_bytes())
                    .expect("a client that listens");
            }
            if script.resets {
                // A socket that is closed with unread data sends a reset.
                stream.peek(&mut [0]).expect("another request");
            }
        }
        bodies
    });
    (base, serving)
}

/// Reads the body of the next request.
fn read(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    String::from_utf8(body).expect("text")
}

async fn send(client: &mut Client, base: &str, method: &str, body: &'static str) -> Outcome {
    let request = Request::new(|| Ok(base.to_owned()), method, "/")?;
    let request = if body.is_empty() {
        request
    } else {
        request.body_of("application/json", body)
    };
    client.send(request).await
}

#[tokio::test]
async fn bodies_are_shown_as_they_were_sent_and_received() {
    const SENT: &str = r#"{"n": 1.10,  "n": 2, "password":"pa\"ss", "id":9007199254740993}"#;
    const CAME: &str = "{\n \"a\" : 1e3, \"a\":1.0,\t\"access_token\": \"abc\", \"note\": \"password: too short\"}";
    let (base, serving) = serve(
        vec![Script {
            statuses: &[200],
            resets: false,
        }],
        CAME,
    );
    let mut client = Client::default();
    send(&mut client, &base, "POST", SENT)
        .await
        .expect("an answer");
    assert_eq!(serving.join().expect("served"), [SENT]);
    let exchange = client.exchange().expect("an exchange");
    let shown = exchange.shown();
    let sent = SENT.replace(r#""pa\"ss""#, "\"***\"");
    assert!(shown.contains(&sent), "{shown}");
    assert!(
        shown.contains(&CAME.replace("\"abc\"", "\"***\"")),
        "{shown}"
    );
    let curl = exchange.curl();
    assert!(curl.contains(&format!("--data-raw '{sent}'")), "{curl}");
    let refused = client
        .answer()
        .expect("an answer")
        .json()
        .expect_err("a member stands twice");
    assert!(
        refused.message.contains("$.a is written twice"),
        "{}",
        refused.message
    );
}

#[tokio::test]
async fn an_idempotent_request_is_repeated_after_a_reset_connection() {
    for method in ["GET", "OPTIONS", "PUT", "DELETE"] {
        let scripts = [true, false].map(|resets| Script {
            statuses: &[200],
            resets,
        });
        let (base, serving) = serve(scripts.into(), "1");
        let mut client = Client::default();
        for body in ["", "again"] {
            let sent = send(&mut client, &base, method, body).await;
            sent.unwrap_or_else(|failure| panic!("{method}: {}", failure.message));
        }
        assert_eq!(serving.join().expect("served"), ["", "again"]);
    }
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_not_sent_again() {
    let (base, serving) = serve(
        vec![Script {
            statuses: &[200],
            resets: true,
        }],
        "1",
    );
    let mut client = Client::default();
    send(&mut client, &base, "GET", "")
        .await
        .expect("an answer");
    let lost = send(&mut client, &base, "POST", "once")
        .await
        .expect_err("it was reset");
    assert!(lost.message.contains("reset"), "{}", lost.message);
    serving.join().expect("served");
}

#[tokio::test]
async fn after_a_server_error_a_new_connection_is_used() {
    let scripts = [[500].as_slice(), &[200]].map(|statuses| Script {
        statuses,
        resets: false,
    });
    let (base, serving) = serve(scripts.into(), "1");
    let mut client = Client::default();
    send(&mut client, &base, "POST", "first")
        .await
        .expect("an answer");
    send(&mut client, &base, "POST", "second")
        .await
        .expect("an answer");
    assert_eq!(serving.join().expect("served"), ["first", "second"]);
}
