//! What is shown of an exchange, and what a connection does that the server closes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use bdd_harness::{
    failure::Outcome,
    http::{Client, Request},
};

/// Serves connections one after the other; each ends when its list of answers has.
fn serve(connections: Vec<Vec<&'static str>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = std::thread::spawn(move || {
        let mut bodies = Vec::new();
        for answers in connections {
            let (mut stream, _) = listener.accept().expect("a client");
            for body in answers {
                bodies.push(read(&mut stream));
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
                write!(stream, "{head} {}\r\n\r\n{body}", body.len())
                    .expect("a client that listens");
            }
        }
        bodies
    });
    (base, serving)
}

/// The body of the next request.
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
    let (base, serving) = serve(vec![vec![CAME]]);
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
