//! `serve`: the service itself, until a signal.

use std::{collections::BTreeMap, io::IsTerminal, time::Duration};

use clap::Args;
use tracing_subscriber::{EnvFilter, prelude::*};

use super::{Failure, Settings, runtime, signals};
use crate::config::{Log, LogFormat};
use crate::server;

/// How long blocking work, such as a password being hashed, may hold up the exit.
const LAST_WORK: Duration = Duration::from_secs(2);

#[derive(Debug, Default, Args)]
pub(super) struct Serve {
    /// The address to listen on
    #[arg(long)]
    host: Option<String>,
    /// The port to listen on; 0 takes any free one
    #[arg(long)]
    port: Option<String>,
}

impl Serve {
    pub(super) fn run(
        self,
        settings: Settings,
        env: BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let flags = [("server.host", self.host), ("server.port", self.port)];
        let flags = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let config = settings.load(env, flags.collect())?;
        write_logs(&config.log)?;
        let runtime = runtime()?;
        let outcome = runtime.block_on(async {
            let signals = signals()
                .map_err(|error| Failure::Failed(format!("signals can't be heard: {error}")))?;
            server::run(config, None, |_| {}, signals)
                .await
                .map_err(|error| Failure::Failed(error.to_string()))
        });
        runtime.shutdown_timeout(LAST_WORK);
        outcome
    }
}

fn write_logs(settings: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| {
        Failure::Failed(format!(
            "log.filter: {:?} isn't a filter: {error}",
            settings.filter
        ))
    })?;
    let terminal = std::io::stdout().is_terminal();
    let json = match settings.format {
        LogFormat::Auto => !terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    };
    let lines = if json {
        // Spans' fields are flat beside the line's own, so that request_id is found at one place.
        tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .boxed()
    } else {
        tracing_subscriber::fmt::layer().with_ansi(terminal).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|error| Failure::Failed(format!("logs can't be written: {error}")))
}
