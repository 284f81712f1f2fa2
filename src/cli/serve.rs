//! `serve`: the service itself, until a signal.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;

use super::{Failure, Settings, logs, runtime, signals};
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
        logs::of_the_service(&config.log)?;
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
