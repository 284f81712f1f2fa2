//! A service that runs in a slot: in this process on its own threads, or as the built executable.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Runtime,
    sync::{mpsc::unbounded_channel, oneshot},
};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    process::{exit_code, group::Group, guardian::Guarded},
    service::{Environment, Program, Start, process::ProcessService},
    slot::{
        launch::{self, Launch, not_started},
        logs,
        probes::Probes,
    },
};

/// How long to wait until a service notices a request to stop.
const NOTICE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct RunningService {
    pub address: SocketAddr,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Here(Here),
    Process(Guarded),
    Group(Group),
}

#[derive(Debug)]
struct Here {
    stop: CancellationToken,
    ended: Option<oneshot::Receiver<Result<(), String>>>,
    runtime: Option<Runtime>,
}

impl RunningService {
    /// Starts the service in this process; returns when it listens.
    pub async fn here(
        program: &Arc<Program>,
        slot: usize,
        environment: Environment,
        limit: Duration,
    ) -> Result<Self, Failure> {
        // Its own threads: a step that computes can't block it, and its log lines can be identified.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(format!("slot-{slot}"))
            .on_thread_start(move || logs::this_thread_belongs_to(slot))
            .enable_all()
            .build()?;
        let stop = CancellationToken::new();
        let (start, listening) = Start::new(environment, stop.clone());
        let (end, mut ended) = oneshot::channel();
        let serving = program.serve(start);
        runtime.spawn(async move {
            let _ = end.send(serving.await);
        });
        // No await without `Here` from now on: only `Here` can drop a runtime inside async code.
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

    /// Starts the built executable; returns when its log says that it listens.
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
        let (lines, mut output) = unbounded_channel();
        let (stdout, stderr) = guarded.output();
        stdout.map(|output| launch::follow(output, slot, lines.clone()));
        stderr.map(|output| launch::follow(output, slot, lines));
        let listening = async {
            while let Some(line) = output.recv().await {
                if let Some(address) = program.listening(&line) {
                    return Some(address);
                }
            }
            None
        };
        match tokio::time::timeout(limit, listening).await {
            Ok(Some(address)) => Ok(Self {
                address,
                body: Body::Process(guarded),
            }),
            Ok(None) => {
                let status = guarded.wait().await?;
                Err(not_started(slot, &format!(": {status}")))
            }
            Err(_) => Err(not_ready(
                slot,
                limit,
                "a line of its output that says where it listens",
            )),
        }
    }

    /// Starts a command line in its own process group; returns when it is ready.
    pub async fn group(
        process: &ProcessService,
        slot: usize,
        launch: Launch,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let (group, address) = launch::start(process, slot, launch, limit).await?;
        Ok(Self {
            address,
            body: Body::Group(group),
        })
    }

    /// Asks the service to stop, as SIGTERM does. A signal takes a moment to arrive, so this waits until the service
    /// isn't ready any more. If that takes too long, the scenario has to find out.
    pub async fn ask_to_stop(
        &mut self,
        slot: usize,
        readiness: Option<&str>,
    ) -> Result<(), Failure> {
        let mut probes = Probes::of(slot, self.address, readiness);
        match &mut self.body {
            Body::Here(here) => here.stop.cancel(),
            Body::Process(guarded) => guarded.signal("TERM").await?,
            Body::Group(group) => group.terminate(),
        }
        let deadline = Instant::now() + NOTICE;
        while Instant::now() < deadline && probes.is_ready().await? {
            probes.pause().await;
        }
        probes.forget().await;
        Ok(())
    }

    /// Waits until the service has ended by itself, and returns its exit code.
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
            Body::Process(guarded) => Ok(exit_code::of(guarded.wait().await?).into()),
            Body::Group(group) => Ok(exit_code::of(group.wait().await?).into()),
        }
    }

    /// How the service ended by itself, if it did.
    pub fn ended(&mut self) -> Option<String> {
        match &mut self.body {
            Body::Here(here) => {
                let ended = here.ended.as_mut()?.try_recv();
                Some(match ended {
                    Ok(Ok(())) => "without an error".to_owned(),
                    Ok(Err(error)) => error,
                    Err(oneshot::error::TryRecvError::Closed) => "it panicked".to_owned(),
                    Err(oneshot::error::TryRecvError::Empty) => return None,
                })
            }
            Body::Process(guarded) => guarded.ended().map(|status| status.to_string()),
            Body::Group(group) => group.ended().map(|status| status.to_string()),
        }
    }

    /// Stops the service, whatever it is doing. A process group gets some time to end, unless `at_once` is set.
    pub async fn end(self, at_once: bool) {
        match self.body {
            // The runtime's threads end by themselves. What they own is dropped with their tasks.
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
            Body::Group(group) => group.end(at_once).await,
        }
    }
}

pub(super) fn not_ready(slot: usize, limit: Duration, waited_for: &str) -> Failure {
    let why = format!(" within {limit:?} (--start-timeout); waited for: {waited_for}");
    not_started(slot, &why)
}

impl Drop for Here {
    /// A runtime can't be dropped inside async code, and this code may run anywhere.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
