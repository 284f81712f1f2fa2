//! One connection to a server.

use std::{io::ErrorKind, net::TcpStream as StdStream};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::http::{Answer, Request};

/// An open connection. It is closed when dropped.
#[derive(Debug)]
pub(super) struct Connection {
    authority: String,
    sender: SendRequest<Full<Bytes>>,
    /// The same socket, to ask the system whether the server has closed it. hyper's task may not know it yet.
    socket: StdStream,
    _task: AbortOnDropHandle<()>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Lost {
    pub why: String,
    repeat: Repeat,
}

/// When a request may be sent again on another connection.
#[derive(Debug)]
enum Repeat {
    /// Nothing of the request was sent.
    Always,
    /// No byte of an answer came, so the server may have handled the request.
    IfIdempotent,
    Never,
}

impl Lost {
    fn new(why: String, repeat: Repeat) -> Self {
        Self { why, repeat }
    }

    /// Servers close idle connections without notice, sometimes just when a request is sent.
    pub fn can_repeat(&self, request: &Request) -> bool {
        match self.repeat {
            Repeat::Always => true,
            Repeat::IfIdempotent => !matches!(request.method.as_str(), "POST" | "PATCH"),
            Repeat::Never => false,
        }
    }
}

impl Connection {
    pub async fn open(authority: &str) -> Result<Self, String> {
        let refused = |error: std::io::Error| format!("can't connect to {authority}: {error}");
        let stream = TcpStream::connect(authority).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        let socket = stream.into_std().map_err(refused)?;
        let stream = socket
            .try_clone()
            .and_then(TcpStream::from_std)
            .map_err(refused)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| format!("can't speak HTTP with {authority}: {error}"))?;
        let task = tokio::spawn(async move {
            // Errors are returned to the code that waits for the answer.
            let _ = connection.await;
        });
        Ok(Self {
            authority: authority.to_owned(),
            sender,
            socket,
            _task: AbortOnDropHandle::new(task),
        })
    }

    pub fn leads_to(&self, authority: &str) -> bool {
        self.authority == authority
    }

    /// Whether the server has left it open: on an idle connection there is nothing to read except its end.
    pub fn is_open(&self) -> bool {
        let silent = |error: std::io::Error| error.kind() == ErrorKind::WouldBlock;
        !self.sender.is_closed() && self.socket.peek(&mut [0]).is_err_and(silent)
    }

    pub async fn send(&mut self, request: &Request) -> Result<Answer, Lost> {
        let request = request
            .on_the_wire()
            .map_err(|why| Lost::new(why, Repeat::Never))?;
        self.sender
            .ready()
            .await
            .map_err(|error| Lost::new(cause(&error), Repeat::Always))?;
        let response = self
            .sender
            .try_send_request(request)
            .await
            .map_err(|mut failed| {
                let repeat = match failed.take_message() {
                    Some(_) => Repeat::Always,
                    None => Repeat::IfIdempotent,
                };
                Lost::new(cause(failed.error()), repeat)
            })?;
        let (head, body) = response.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        Ok(Answer {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: body
                .collect()
                .await
                .map_err(|error| {
                    let why = format!("the answer is incomplete: {}", cause(&error));
                    Lost::new(why, Repeat::Never)
                })?
                .to_bytes(),
        })
    }
}

/// An error with its sources.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<hyper::Error>()
        && error.is_incomplete_message()
    {
        return "the service closed the connection without an answer".to_owned();
    }
    match error.source() {
        Some(source) => format!("{error}: {}", cause(source)),
        None => error.to_string(),
    }
}
