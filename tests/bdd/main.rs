//! `cargo test --test bdd`: the behaviour suite of the dance school's back office.

mod service;
mod steps;

use std::{path::Path, process::ExitCode, sync::Arc};

use clap::Parser as _;

fn main() -> ExitCode {
    let options = bdd_harness::suite::options::Options::parse();
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(bdd_harness::suite::run(
                Arc::new(service::DanceLessonsCoach),
                options,
                &features,
            ));
            ExitCode::from(code)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
