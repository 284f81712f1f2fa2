//! `cargo test --test selftest`: tests the harness with its own small service.

mod engine;
mod hooks;
mod pool;
mod program;
mod project;
mod reports;
mod running;
mod service;
mod steps;

use std::process::ExitCode;

use bdd_harness::{Migrations, Suite};

fn main() -> ExitCode {
    // The suite and the service's executable are one program with two names.
    if program::is_meant() {
        return program::main();
    }
    let migrations = Migrations::folder("tests/selftest/migrations/postgres")
        .sqlite("tests/selftest/migrations/sqlite");
    let suite = Suite::new("features")
        .database("bdd_harness_selftest")
        .config("tests/selftest/bdd.toml")
        .migrations(migrations)
        .neighbour("payment", "PAYMENT_URL")
        .tags("not @not_in_this_suite")
        .before("@with_ada and not @empty", hooks::with_ada)
        .before("@and_bob", hooks::with_bob)
        .before("@no_shoes", hooks::no_shoes)
        .before("@hook_panics", hooks::panics)
        .before("@hook_hangs", hooks::hangs)
        .after("@no_floor", hooks::no_floor)
        .after("@hook_panics_after", hooks::panics)
        .before_all_named("the kitchen opens", hooks::open_kitchen)
        .before_all(hooks::light_fire)
        .after_all(hooks::close_kitchen)
        .service(service::Guestbook);
    match program::link() {
        Ok(program) => suite.executable(program).main(),
        Err(error) => {
            eprintln!("error: the program under test has no name: {error}");
            ExitCode::FAILURE
        }
    }
}
