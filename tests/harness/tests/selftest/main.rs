//! `cargo test --test selftest`: the harness, run on a small service of its own.

mod program;
mod service;
mod steps;

use std::process::ExitCode;

use bdd_harness::{Migrations, Suite};

fn main() -> ExitCode {
    // The suite and the program under test are one executable with two names.
    if program::is_meant() {
        return program::main();
    }
    let migrations = Migrations::folder("tests/selftest/migrations/postgres")
        .sqlite("tests/selftest/migrations/sqlite");
    let suite = Suite::new("features")
        .database("bdd_harness_selftest")
        .config("tests/selftest/bdd.toml")
        .migrations(migrations)
        .service(service::Guestbook);
    match program::link() {
        Ok(program) => suite.executable(program).main(),
        Err(error) => {
            eprintln!("error: the program under test has no name: {error}");
            ExitCode::FAILURE
        }
    }
}
