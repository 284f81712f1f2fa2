//! A small HTTP/1.1 client. It keeps its connections open, and each connection sends the next request when the response
//! has arrived.
//!
//! It shares the processors with the service, so it does as little as possible: one thread, no HTTP library, and it
//! reads only the status and the length of a response.

use std::{
    cell::{Cell, RefCell},
    io,
    net::SocketAddr,
    ops::Range,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::measured::Measured;
use bdd_harness::failure::Failure;

/// The time before anything is counted, for caches, plans and pooled connections.
pub const WARM_UP: Duration = Duration::from_millis(500);

/// The bytes of a request, and the status that its response must have.
pub struct Request {
    pub bytes: Vec<u8>,
    pub expected: u16,
}

impl Request {
    pub fn new(method: &str, path: &str, bearer: Option<&str>, expected: u16) -> Self {
        let bearer = bearer.map_or_else(String::new, |token| {
            format!("authorization: Bearer {token}\r\n")
        });
        let head = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n{bearer}\r\n");
        Self {
            bytes: head.into_bytes(),
            expected,
        }
    }

    /// The same with a body.
    pub fn with_body(mut self, kind: &str, body: &str) -> Self {
        let end = self.bytes.len() - 2;
        let length = body.len();
        let more = format!("content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}");
        self.bytes.splice(end.., more.into_bytes());
        self
    }

    pub fn with_json(self, body: &str) -> Self {
        self.with_body("application/json", body)
    }
}

/// Makes the request with this number, starting at 0; `None` after the last one.
pub type Make = Rc<dyn Fn(u64) -> Option<Request>>;

/// State that all connections of a run share.
struct Run {
    address: SocketAddr,
    begin: Instant,
    end: Instant,
    make: Make,
    turn: Cell<u64>,
    times: RefCell<Vec<Duration>>,
    errors: Cell<u64>,
    first_error: RefCell<Option<String>>,
}

/// Sends requests over this many connections for this long, after a warm-up that isn't counted.
pub async fn load(
    address: SocketAddr,
    connections: usize,
    lasting: Duration,
    make: Make,
) -> Result<Measured, Failure> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let begin = Instant::now() + WARM_UP;
    let run = Rc::new(Run {
        address,
        begin,
        end: begin + lasting,
        make,
        turn: Cell::default(),
        times: RefCell::default(),
        errors: Cell::default(),
        first_error: RefCell::default(),
    });
    let mut asking = JoinSet::new();
    for connection in open {
        asking.spawn_local(Rc::clone(&run).keep_asking(connection));
    }
    while asking.join_next().await.is_some() {}
    Ok(Measured::new(
        run.times.take(),
        begin.elapsed(),
        run.errors.get(),
        run.first_error.take(),
    ))
}

/// Sends one request and returns the body, to prepare a run.
pub async fn ask(address: SocketAddr, request: &Request) -> Result<String, Failure> {
    let mut connection = Connection::open(address).await?;
    let status = connection.exchange(&request.bytes).await?;
    let body = String::from_utf8_lossy(connection.body()).into_owned();
    if status == request.expected {
        return Ok(body);
    }
    let asked = String::from_utf8_lossy(&request.bytes);
    let line = asked.lines().next().unwrap_or_default();
    Err(Failure::new(format!("{line}: {status} {body}")))
}

impl Run {
    async fn keep_asking(self: Rc<Self>, mut connection: Connection) {
        loop {
            let begun = Instant::now();
            if begun >= self.end {
                return;
            }
            let turn = self.turn.replace(self.turn.get() + 1);
            let Some(request) = (self.make)(turn) else {
                return;
            };
            let answered = connection.exchange(&request.bytes).await;
            let took = begun.elapsed();
            match answered {
                Ok(status) if status == request.expected => {
                    if begun >= self.begin {
                        self.times.borrow_mut().push(took);
                    }
                }
                Ok(status) => {
                    let body = String::from_utf8_lossy(connection.body()).into_owned();
                    self.note(format!("{status} {body}"));
                }
                Err(failure) => {
                    self.note(failure.message);
                    match Connection::open(self.address).await {
                        Ok(another) => connection = another,
                        Err(failure) => return self.note(failure.message),
                    }
                }
            }
        }
    }

    fn note(&self, error: String) {
        self.errors.set(self.errors.get() + 1);
        self.first_error.borrow_mut().get_or_insert(error);
    }
}

/// A connection, and its last response.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    body: Range<usize>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let opened = async {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok::<_, io::Error>(stream)
        };
        let stream = opened.await.map_err(|error| lost(&error))?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(32 * 1024),
            body: 0..0,
        })
    }

    /// Sends a request, reads the response, and returns its status.
    async fn exchange(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.stream
            .write_all(request)
            .await
            .map_err(|error| lost(&error))?;
        self.answer.clear();
        let mut head = None;
        loop {
            let read = self.stream.read_buf(&mut self.answer).await;
            if read.map_err(|error| lost(&error))? == 0 {
                return Err(Failure::new("the connection was closed"));
            }
            if head.is_none() {
                head = Head::read(&self.answer)?;
            }
            if let Some(Head { status, body }) = &head
                && self.answer.len() >= body.end
            {
                self.body = body.clone();
                return Ok(*status);
            }
        }
    }

    fn body(&self) -> &[u8] {
        self.answer.get(self.body.clone()).unwrap_or_default()
    }
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(format!("the connection was lost: {error}"))
}

/// The head of a response: the parts that are needed here.
struct Head {
    status: u16,
    /// The position of the body.
    body: Range<usize>,
}

impl Head {
    /// `None` while the head is incomplete.
    fn read(answer: &[u8]) -> Result<Option<Self>, Failure> {
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let strange = || Failure::new("a response is not HTTP/1.1 with a Content-Length");
        let head = std::str::from_utf8(&answer[..end]).map_err(|_| strange())?;
        let status: u16 = head
            .get(9..12)
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(strange)?;
        let length = head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let length: usize = match length {
            Some(length) => length,
            None if status == 204 => 0,
            None => return Err(strange()),
        };
        let begin = end + 4;
        Ok(Some(Self {
            status,
            body: begin..begin + length,
        }))
    }
}
