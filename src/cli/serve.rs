//! `serve`: runs the service until a signal.

use std::time::Duration;

use clap::Args;

use super::failure::Failure;
use super::logs;
use super::runtime::{runtime, signals};
use super::settings::Settings;
use crate::config::EnvVars;
use crate::server;
use crate::telemetry::Telemetry;

/// How long the exit waits for blocking work, such as hashing a password.
const BLOCKING_WORK_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, Default, Args)]
pub(super) struct Serve {
    /// The address to listen on
    #[arg(long)]
    host: Option<String>,
    /// The port to listen on; 0 selects a free port
    #[arg(long)]
    port: Option<String>,
}

impl Serve {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let flags = [("server.host", self.host), ("server.port", self.port)];
        let flags = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        let config = settings.load(env, flags.collect())?;
        let runtime = runtime()?;
        let handle = runtime.handle().clone();
        let telemetry = Telemetry::new(&config.telemetry, config.environment, handle)
            .map_err(Failure::Failed)?;
        logs::for_service(&config.log, telemetry.as_ref())?;
        let outcome = runtime.block_on(async {
            let outcome = server::run(config, None, |_| {}, signals()?).await;
            if let Some(telemetry) = telemetry {
                telemetry.flush().await;
            }
            Ok(outcome?)
        });
        runtime.shutdown_timeout(BLOCKING_WORK_TIMEOUT);
        outcome
    }
}
