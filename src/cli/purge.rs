//! `purge`: erases rows that were soft-deleted long ago.

use std::time::Duration;

use clap::Args;
use tracing::info;

use super::failure::Failure;
use super::runtime::{open, runtime};
use super::settings::{Settings, duration};
use crate::config::{Config, EnvVars};
use crate::domain::Time;

/// Erase rows that were deleted long ago. They can't be restored after that
#[derive(Debug, Args)]
pub(super) struct Purge {
    /// Erase rows that were deleted longer ago than this, such as 90d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    older_than: Duration,
}

impl Purge {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.for_operator(env)?;
        for (table, rows) in runtime()?.block_on(self.erase(config))? {
            info!(target: "audit", act = "purge", who, from = "command line", table, rows);
            println!("{table}: {rows} rows erased");
        }
        Ok(())
    }

    async fn erase(&self, config: Config) -> Result<Vec<(&'static str, u64)>, Failure> {
        let store = open(config).await?;
        let erased = store.purge(Time::now().minus(self.older_than)).await;
        store.close().await;
        Ok(erased?)
    }
}
