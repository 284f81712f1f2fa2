//! `cargo test --test bdd`: the behaviour suite of the dance school's back office.

mod service;
mod steps;

use std::process::ExitCode;

use bdd_harness::{Migrations, Suite};

fn main() -> ExitCode {
    let migrations = Migrations::folder("migrations/postgres")
        .sqlite("migrations/sqlite")
        .run_by(&["migrate", "up"]);
    Suite::new("features")
        .database("dance_lessons_coach_bdd_test")
        .config("config.test.toml")
        .variables("DLC_BDD_")
        .migrations(migrations)
        .service(service::DanceLessonsCoach)
        .executable(env!("CARGO_BIN_EXE_dance-lessons-coach"))
        .main()
}
