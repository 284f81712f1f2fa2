//! `cargo bench --bench suite`: what the suite costs, with the alternatives beside it on the same server.
//!
//! Prints three tables: the reset at the service's own schema and what other ways cost there; scenarios a second
//! by slots; from nothing to the first slot, by provider. Figures are wall-clock times of this machine: compare
//! the ratios.

#[path = "../../tests/bdd/service.rs"]
mod service;
#[path = "../../tests/bdd/steps/mod.rs"]
mod steps;

mod boot;
mod resets;
mod throughput;

use std::time::Duration;

use bdd_harness::{factory::Ground, failure::Failure, suite::options::Database};

type Done = Result<(), Failure>;

fn main() -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(error.to_string()))?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(bench()))
}

async fn bench() -> Done {
    bdd_harness::slot::logs::capture(tracing_subscriber::filter::LevelFilter::OFF);
    let folder = tempfile::tempdir().map_err(|error| Failure::new(error.to_string()))?;
    boot::heading();
    let mut ground = None;
    for database in [Database::Container, Database::Local] {
        match boot::boot(&database, folder.path()).await {
            Ok(ready) => {
                if let Some(before) = ground.replace(ready) {
                    Ground::take_down(before).await;
                }
            }
            Err(reason) => println!(
                "{:<12} not to be had: {}",
                format!("{database:?}").to_lowercase(),
                reason.message
            ),
        }
    }
    let ground = ground.ok_or("no server to measure on")?;
    resets::resets(&ground).await?;
    throughput::throughput(&ground).await;
    Ground::take_down(ground).await;
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
