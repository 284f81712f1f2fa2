//! `seed`: default categories and demo data.

use clap::Args;
use tracing::info;

use super::failure::Failure;
use super::runtime::with_store;
use super::settings::Settings;
use crate::config::EnvVars;
use crate::store::{StoreError, seed::Seeded};

/// Create the default categories, and demo data if requested
///
/// Rows that exist already stay as they are, so it can be run again.
#[derive(Debug, Args)]
pub(super) struct Seed {
    /// Also create N users, who can't log in, N products and N pizzas. Not in staging and production
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    demo: Option<u32>,
    /// The seed of the demo data: the same number creates the same data
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "demo")]
    seed: u32,
}

impl Seed {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.for_operator(env)?;
        if self.demo.is_some() && config.environment.is_strict() {
            return Err(Failure::Usage(format!(
                "demo data are not allowed in {}",
                config.environment.as_str()
            )));
        }
        let Seeded {
            categories,
            users,
            products,
            pizzas,
        } = with_store(config, async |store| {
            let seeded = store.seed(self.demo.unwrap_or(0), self.seed.into()).await;
            seeded.map_err(|error| match error {
                StoreError::Conflict(what) => {
                    Failure::Failed(format!("{what}; no demo data were created"))
                }
                error => error.into(),
            })
        })?;
        info!(target: "audit", act = "database seeded", who, from = "command line", users);
        println!(
            "created {categories} categories, {users} users, {products} products and {pizzas} pizzas"
        );
        Ok(())
    }
}
