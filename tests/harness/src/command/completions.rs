//! Completions: the shell asks this command what can follow.

use std::io;

use clap::CommandFactory as _;
use clap_complete::{CompleteEnv, Shell, env::Shells};

use crate::command::Cli;

/// A shell sets this variable when it asks.
const VARIABLE: &str = "BDD_COMPLETE";

/// Answers a shell that asks what can follow, and ends the process. Otherwise returns.
pub fn answer() {
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .complete();
}

/// Prints a script that makes a shell ask.
pub fn print(shell: Shell) -> io::Result<()> {
    let mut script = Vec::new();
    if let Some(shell) = Shells::builtins().completer(&shell.to_string()) {
        shell.write_registration(VARIABLE, "bdd", "bdd", "bdd", &mut script)?;
    }
    crate::output::draw(String::from_utf8_lossy(&script));
    Ok(())
}
