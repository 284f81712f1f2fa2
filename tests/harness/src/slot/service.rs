//! A service that runs in a slot: in this process on threads of its own, or as the built executable.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    runtime::Runtime,
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    http::{Client, Request},
    process::guardian::Guarded,
    service::{Environment, Program, Start},
    slot::logs::{self, Line, Log},
};

/// How many lines of its log are told of a service that didn't start.
const LOG_LINES: usize = 10;
/// How long a service may take to note that it was asked to stop, and the pause between two looks.
const NOTICE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(5);

/// A running service.
#[derive(Debug)]
pub struct RunningService {
    pub address: SocketAddr,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Here(Here),
    Process(Guarded),
}

#[derive(Debug)]
struct Here {
    stop: CancellationToken,
    ended: Option<oneshot::Receiver<Result<(), String>>>,
    runtime: Option<Runtime>,
}

impl RunningService {
    /// Starts the service in this process; answers once it listens.
    pub async fn here(
        program: &Arc<Program>,
        slot: usize,
        environment: Environment,
        limit: Duration,
    ) -> Result<Self, Failure> {
        // Its own threads: a step that computes can't stall it, and its log lines can be told apart.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(format!("slot-{slot}"))
            .on_thread_start(move || logs::this_thread_belongs_to(slot))
            .enable_all()
            .build()
            .map_err(|error| Failure::new(error.to_string()))?;
        let stop = CancellationToken::new();
        let (start, listening) = Start::new(environment, stop.clone());
        let (end, mut ended) = oneshot::channel();
        let serving = program.serve(start);
        runtime.spawn(async move {
            let _ = end.send(serving.await);
        });
        // From here on nobody may wait for this any more, and only `Here` can drop a runtime then.
        let mut here = Here {
            stop,
            ended: None,
            runtime: Some(runtime),
        };
        match tokio::time::timeout(limit, listening).await {
            Ok(Ok(address)) => {
                here.ended = Some(ended);
                Ok(Self {
                    address,
                    body: Body::Here(here),
                })
            }
            Ok(Err(_)) => {
                let why = match (&mut ended).await {
                    Ok(Err(error)) => error,
                    Ok(Ok(())) => "it ended at once".to_owned(),
                    Err(_) => "it panicked; the log has more".to_owned(),
                };
                Err(not_started(slot, &format!(": {why}")))
            }
            Err(_) => Err(not_ready(slot, limit, "that it calls Start::listening")),
        }
    }

    /// Starts the built executable; answers once its log says that it listens.
    pub async fn process(
        program: &Arc<Program>,
        slot: usize,
        environment: Environment,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let command = [program.executable()?];
        let mut guarded = Guarded::start(&command, "KILL", None, |shell| {
            shell
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .envs(environment)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
        })
        .map_err(|error| Failure::new(format!("{} didn't start: {error}", command[0].display())))?;
        let (found, mut listening) = tokio::sync::mpsc::unbounded_channel();
        let (stdout, stderr) = guarded.output();
        if let Some(stdout) = stdout {
            tokio::spawn(follow(stdout, slot, Arc::clone(program), found.clone()));
        }
        if let Some(stderr) = stderr {
            tokio::spawn(follow(stderr, slot, Arc::clone(program), found));
        }
        match tokio::time::timeout(limit, listening.recv()).await {
            Ok(Some(address)) => Ok(Self {
                address,
                body: Body::Process(guarded),
            }),
            Ok(None) => {
                let status = guarded
                    .wait()
                    .await
                    .map_err(|error| Failure::new(error.to_string()))?;
                Err(not_started(slot, &format!(": {status}")))
            }
            Err(_) => Err(not_ready(
                slot,
                limit,
                "a line of its output that says where it listens",
            )),
        }
    }

    /// Asks it to stop, as SIGTERM does. A signal is on its way for a moment: answers once the service isn't ready any
    /// more, or hasn't taken note for so long that the scenario shall tell.
    pub async fn ask_to_stop(&mut self, readiness: &str) -> Result<(), Failure> {
        match &mut self.body {
            Body::Here(here) => here.stop.cancel(),
            Body::Process(guarded) => {
                guarded
                    .signal("TERM")
                    .await
                    .map_err(|error| Failure::new(error.to_string()))?;
            }
        }
        let deadline = Instant::now() + NOTICE;
        while Instant::now() < deadline && self.is_ready(readiness).await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Whether it says so, on a connection of its own.
    async fn is_ready(&self, readiness: &str) -> Result<bool, Failure> {
        let base_url = || Ok(format!("http://{}", self.address));
        let request = Request::new(base_url, "GET", readiness)?;
        let mut client = Client::default();
        let answered = client.send_within(request, NOTICE).await;
        Ok(answered.is_ok() && client.answer()?.status == 200)
    }

    /// Waits until it has ended by itself, and says with which exit code.
    pub async fn exit_code(&mut self) -> Result<i32, Failure> {
        match &mut self.body {
            Body::Here(here) => match here.ended.take() {
                Some(ended) => match ended.await {
                    Ok(Ok(())) => Ok(0),
                    Ok(Err(_)) => Ok(1),
                    Err(_) => Ok(101),
                },
                None => Err(Failure::new("the service has ended already")),
            },
            Body::Process(guarded) => {
                let status = guarded
                    .wait()
                    .await
                    .map_err(|error| Failure::new(error.to_string()))?;
                Ok(status.code().unwrap_or(-1))
            }
        }
    }

    /// Ends it at once, whatever it is doing.
    pub async fn end(self) {
        match self.body {
            // The runtime's threads end on their own; what they hold is dropped with their tasks.
            Body::Here(mut here) => {
                if let Some(runtime) = here.runtime.take() {
                    let _ = tokio::task::spawn_blocking(move || {
                        runtime.shutdown_timeout(Duration::from_secs(2));
                    })
                    .await;
                }
            }
            Body::Process(guarded) => {
                let _ = guarded.end().await;
            }
        }
    }
}

fn not_ready(slot: usize, limit: Duration, waited_for: &str) -> Failure {
    let why = format!(" within {limit:?} (--start-timeout); waited for: {waited_for}");
    not_started(slot, &why)
}

/// Why it didn't start, and the end of its log.
fn not_started(slot: usize, why: &str) -> Failure {
    let lines = Log::of(slot).lines();
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    let mut message = format!("the service didn't start{why}");
    message.push_str(if last.is_empty() {
        "\n  its log is empty"
    } else {
        "\n  the end of its log:"
    });
    for line in last {
        message.push_str(&format!("\n    {}", line.text));
    }
    Failure::new(message)
}

impl Drop for Here {
    /// A runtime can't be dropped where async code runs, and this may be anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Puts what the executable says into its slot's log, and finds where it listens.
async fn follow(
    output: impl AsyncRead + Unpin,
    slot: usize,
    program: Arc<Program>,
    found: tokio::sync::mpsc::UnboundedSender<SocketAddr>,
) {
    let log = Log::of(slot);
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = program.listening(&line) {
            let _ = found.send(address);
        }
        log.push(Line::read(line));
    }
}
