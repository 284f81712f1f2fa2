//! Starts a service that is a command line: process group, log, and readiness.

use std::{io, net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use crate::{
    failure::Failure,
    process::group::Group,
    service::{
        Environment,
        process::{ProcessService, Ready},
    },
    slot::{
        logs::{Line, Log},
        probes::{Probes, accepts},
    },
};

/// Prepended to the service's command line. Without it, SIGTERM ends the shell before the service, whose exit code would
/// be lost. With it, the shell waits for its command and exits with that command's code. `exec` removes it.
const WAIT_FOR_COMMAND: &str = "trap exit TERM; ";

/// The pause between two attempts to connect.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The number of log lines that are shown if a service doesn't start.
const LOG_LINES: usize = 10;
/// How long to wait for the last lines of a service that has ended.
const LAST_LINES: Duration = Duration::from_secs(2);

#[derive(Clone, Debug)]
pub struct Launch {
    /// For a shell, with all placeholders filled in.
    pub line: String,
    pub environment: Environment,
    /// The service's port, if its description contains `{port}`.
    pub port: Option<u16>,
}

/// Starts the service; returns when it is ready.
pub(super) async fn start(
    process: &ProcessService,
    slot: usize,
    launch: Launch,
    limit: Duration,
) -> Result<(Group, SocketAddr), Failure> {
    let line = format!("{WAIT_FOR_COMMAND}{}", launch.line);
    let mut group = Group::start(&["/bin/sh", "-c", &line], |shell| {
        shell
            .env_clear()
            .envs(launch.environment)
            .current_dir(&process.surroundings.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    })
    .await
    .map_err(|error| not_started(slot, &format!(": {error}")))?;
    let (lines, output) = unbounded_channel();
    let mut followers = Vec::new();
    let (stdout, stderr) = group.output();
    followers.extend(stdout.map(|output| follow(output, slot, lines.clone())));
    followers.extend(stderr.map(|output| follow(output, slot, lines)));
    let found = tokio::select! {
        found = ready(&process.ready, slot, launch.port, output) => found,
        ended = group.wait() => Err(has_ended(ended)),
        () = tokio::time::sleep(limit) => Err(format!(
            " within {limit:?} (--start-timeout, or ready.within in bdd.toml); waited for: {}",
            waited_for(&process.ready, launch.port)
        )),
    };
    match found {
        Ok(address) => Ok((group, address)),
        Err(why) => {
            group.end(true).await;
            for follower in followers {
                let _ = tokio::time::timeout(LAST_LINES, follower).await;
            }
            Err(not_started(
                slot,
                &format!("{why}\n  started by: {}", process.run),
            ))
        }
    }
}

fn has_ended(ended: io::Result<std::process::ExitStatus>) -> String {
    match ended {
        Ok(status) => format!(": its command ended before it was ready, with {status}"),
        Err(error) => format!(": {error}"),
    }
}

fn waited_for(ready: &Ready, port: Option<u16>) -> String {
    let port = port.map_or_else(|| "its port".to_owned(), |port| format!("127.0.0.1:{port}"));
    match ready {
        Ready::Connects => format!("a connection to {port}"),
        Ready::Get(path) => format!("success of GET {path} at {port}"),
        Ready::Line(pattern) => format!("a line of its output that matches `{pattern}`"),
    }
}

/// Waits until the service is ready, and returns its address.
async fn ready(
    ready: &Ready,
    slot: usize,
    port: Option<u16>,
    mut output: UnboundedReceiver<String>,
) -> Result<SocketAddr, String> {
    let pattern = match (ready, port) {
        (Ready::Connects, Some(port)) => return Ok(accepting(port).await),
        (Ready::Get(path), Some(port)) => return healthy(path, slot, port).await,
        (Ready::Connects | Ready::Get(_), None) => {
            return Err(": its port is unknown".to_owned());
        }
        (Ready::Line(pattern), _) => pattern,
    };
    loop {
        let Some(line) = output.recv().await else {
            // Its output is closed. If the service ends, the caller notices it.
            return std::future::pending().await;
        };
        let Some(found) = pattern.captures(&line) else {
            continue;
        };
        let place = match (found.get(1), port) {
            (Some(place), _) => port_of(place.as_str()),
            (None, port) => port,
        };
        return match place {
            Some(port) => Ok(accepting(port).await),
            None => Err(format!(
                ": its line `{}` has no port where the pattern `{pattern}` has its group",
                line.trim()
            )),
        };
    }
}

/// The port at the end of an address or a URL: `8080`, `0.0.0.0:8080`, `http://localhost:8080/`.
fn port_of(place: &str) -> Option<u16> {
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    let place = place.split('/').next().unwrap_or_default();
    let end = place.rsplit(':').next().unwrap_or_default();
    end.trim_end_matches(|c: char| !c.is_ascii_digit())
        .parse()
        .ok()
}

/// The address with this port that accepts a connection. Waits until there is one.
async fn accepting(port: u16) -> SocketAddr {
    loop {
        if let Some(address) = accepts(port).await {
            return address;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

async fn healthy(path: &str, slot: usize, port: u16) -> Result<SocketAddr, String> {
    let address = accepting(port).await;
    let mut probes = Probes::of(slot, address, Some(path));
    while !probes
        .is_ready()
        .await
        .map_err(|failure| format!(": {failure}"))?
    {
        probes.pause().await;
    }
    probes.forget().await;
    Ok(address)
}

/// Adds the service's output to its slot's log, and passes it on while there is a receiver.
pub(super) fn follow(
    output: impl AsyncRead + Unpin + Send + 'static,
    slot: usize,
    lines: UnboundedSender<String>,
) -> JoinHandle<()> {
    let log = Log::of(slot);
    tokio::spawn(async move {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        while let Ok(1..) = output.read_until(b'\n', &mut bytes).await {
            let line = String::from_utf8_lossy(&bytes);
            let line = Line::read(line.trim_end_matches(['\n', '\r']));
            let _ = lines.send(line.text.clone());
            log.push(line);
            bytes.clear();
        }
    })
}

/// The reason, and the end of the log.
pub(super) fn not_started(slot: usize, why: &str) -> Failure {
    let lines = Log::of(slot).lines();
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    let mut message = format!("the service didn't start{why}");
    message.push_str(if last.is_empty() {
        "\n  its log is empty"
    } else {
        "\n  the end of its log:"
    });
    for line in last {
        message.push_str(&format!("\n    {}", line.shown().replace('\n', "\n    ")));
    }
    Failure::new(message)
}
