//! `seed`: rows for a look around.

use std::collections::BTreeMap;

use clap::Args;
use tracing::info;

use super::{Failure, Settings, logs, open, runtime};
use crate::config::Config;
use crate::store::{StoreError, seed::Seeded};

/// Put the default categories into the database, and demo data if asked for
///
/// What is there already stays as it is, so it may be run again.
#[derive(Debug, Args)]
pub(super) struct Seed {
    /// So many people, products and pizzas as well; the people can't log in. Not in staging and production
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    demo: Option<u32>,
    /// The same number makes the same demo data
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "demo")]
    seed: u32,
}

impl Seed {
    pub(super) fn run(
        self,
        settings: Settings,
        env: BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let who = logs::operator(&env);
        let config = settings.load(env, Vec::new())?;
        logs::of_the_audit(&config.log)?;
        if self.demo.is_some() && config.environment.is_strict() {
            return Err(Failure::Usage(format!(
                "demo data have no place in {}",
                config.environment.as_str()
            )));
        }
        let Seeded {
            categories,
            users,
            products,
            pizzas,
        } = runtime()?.block_on(self.fill(config))?;
        info!(target: "audit", act = "database seeded", who, from = "command line", users);
        println!(
            "made {categories} categories, {users} users, {products} products and {pizzas} pizzas"
        );
        Ok(())
    }

    async fn fill(&self, config: Config) -> Result<Seeded, Failure> {
        let store = open(config).await?;
        let seeded = store.seed(self.demo.unwrap_or(0), self.seed.into()).await;
        store.close().await;
        seeded.map_err(|error| match error {
            StoreError::Conflict(what) => {
                Failure::Failed(format!("{what}; no demo data were made"))
            }
            error => Failure::Failed(error.to_string()),
        })
    }
}
