//! Finds out whether a service is ready, without a trace in the scenario's log.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use regex::Regex;
use tokio::net::TcpStream;

use crate::{
    failure::Failure,
    http::{Client, Request},
    slot::logs::Log,
};

/// The time limit for one response.
const ANSWER: Duration = Duration::from_secs(5);
/// The pauses between two probes: the first one, and the longest.
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(100);
/// How long to wait for the log lines of probes. `POLL_INTERVAL` is the pause between two checks.
const LINES: Duration = Duration::from_millis(50);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Repeated probes of one service: connections, or requests for a path.
pub struct Probes<'a> {
    log: Log,
    address: SocketAddr,
    path: Option<&'a str>,
    /// The length of the log before the first probe.
    begin: usize,
    answered: usize,
    pause: Duration,
}

impl<'a> Probes<'a> {
    pub fn of(slot: usize, address: SocketAddr, path: Option<&'a str>) -> Self {
        let log = Log::of(slot);
        Self {
            begin: log.count(),
            log,
            address,
            path,
            answered: 0,
            pause: FIRST,
        }
    }

    /// Whether the service accepts a connection, or answers GET of the path with a success status.
    pub async fn is_ready(&mut self) -> Result<bool, Failure> {
        let Some(path) = self.path else {
            return Ok(TcpStream::connect(self.address).await.is_ok());
        };
        let status = status(self.address, path).await?;
        self.answered += usize::from(status.is_some());
        Ok(status.is_some_and(is_success))
    }

    /// Waits before the next probe, each time longer.
    pub async fn pause(&mut self) {
        tokio::time::sleep(self.pause).await;
        self.pause = LONGEST.min(self.pause * 3 / 2);
    }

    /// Removes the lines about the probes from the log: those that contain the path, at most one for each answer. They
    /// may arrive a moment later than the answer.
    pub async fn forget(self) {
        let Some(path) = self.path else { return };
        let path = regex::escape(path);
        let start = r#"(?:^|[\s"'=(]|://[^/\s]+)"#;
        let line =
            Regex::new(&format!(r#"{start}{path}(?:$|[\s"',;)])"#)).expect("a valid pattern");
        let began = Instant::now();
        let mut left = self.answered;
        loop {
            left -= self
                .log
                .remove(self.begin, left, |text| line.is_match(text));
            if left == 0 || began.elapsed() > LINES {
                return;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

/// The address with this port that accepts a connection now.
pub async fn accepts(port: u16) -> Option<SocketAddr> {
    let places = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    for place in places {
        if TcpStream::connect(place).await.is_ok() {
            return Some(place);
        }
    }
    None
}

/// The status of the answer to GET of a path; `None` if there is no answer in HTTP.
pub async fn status(address: SocketAddr, path: &str) -> Result<Option<u16>, Failure> {
    let base = || Ok(format!("http://{address}"));
    let request = Request::new(base, "GET", path)?;
    let mut client = Client::default();
    if client.send_within(request, ANSWER).await.is_err() {
        return Ok(None);
    }
    Ok(client.answer().ok().map(|answer| answer.status))
}

pub fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}
