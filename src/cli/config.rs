//! `config`: the effective configuration.

use clap::Args;

use super::failure::Failure;
use super::settings::Settings;
use crate::config::{EnvVars, reference};

#[derive(Debug, Args)]
pub(super) struct Print {
    /// Print the reference of all keys as Markdown instead
    #[arg(long)]
    reference: bool,
}

impl Print {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        if self.reference {
            print!("{}", reference());
        } else {
            let config = settings.load(env, Vec::new())?;
            print!("# {}\n{}", config.target, config.to_toml());
        }
        Ok(())
    }
}
