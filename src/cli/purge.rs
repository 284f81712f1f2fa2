//! `purge`: erases rows that were soft-deleted long ago.

use std::time::Duration;

use clap::Args;
use tracing::info;

use super::failure::Failure;
use super::runtime::with_store;
use super::settings::{Settings, duration};
use crate::config::EnvVars;
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
        let before = Time::now().minus(self.older_than);
        let erased = with_store(config, async |store| Ok(store.purge(before).await?))?;
        for (table, rows) in erased {
            info!(target: "audit", act = "purge", who, from = "command line", table, rows);
            println!("{table}: {rows} rows erased");
        }
        Ok(())
    }
}
