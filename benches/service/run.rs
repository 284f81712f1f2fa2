//! Runs a benchmark on one thread, in a folder of its own.

use std::{path::Path, process::ExitCode};

use bdd_harness::{
    failure::Failure,
    process::run_folder::{self, RunFolder},
};
use tokio::task::LocalSet;

/// Runs a benchmark in a folder that is removed at the end. The exit code is 1 if it fails, or if its result is `false`.
pub fn run(benchmark: impl AsyncFnOnce(&Path) -> Result<bool, Failure>) -> ExitCode {
    bdd_harness::slot::logs::capture(tracing_subscriber::filter::LevelFilter::OFF);
    for swept in run_folder::sweep() {
        eprintln!("removed what a killed run had left: {swept}");
    }
    let in_folder = async {
        let folder = RunFolder::create()?;
        let outcome = benchmark(&folder.path).await;
        folder.remove().await;
        outcome
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(|error| Failure::new(error.to_string()))
        .and_then(|runtime| runtime.block_on(LocalSet::new().run_until(in_folder)));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
