//! The command `bdd`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    bdd_harness::command::main()
}
