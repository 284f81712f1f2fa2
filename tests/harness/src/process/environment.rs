//! What a developer's shell must not change.

use std::{
    env,
    ffi::{OsStr, OsString},
    os::unix::process::CommandExt as _,
    process::Command,
};

/// Starts this program again without the variables that change what clients of PostgreSQL and Docker do.
///
/// A process can't safely take a variable out of its own environment, and sqlx reads `PGPORT`, `PGOPTIONS` and others
/// for every connection, the service's in this process included. Called before anything else; returns only where there
/// is nothing to take out, or where the program can't be started again.
pub fn take_out_foreign_variables() -> Result<(), String> {
    let foreign = foreign_variables();
    if foreign.is_empty() {
        return Ok(());
    }
    let failed = |error| format!("can't start again without {}: {error}", names(&foreign));
    let mut again = Command::new(env::current_exe().map_err(failed)?);
    let mut arguments = env::args_os();
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    again.args(arguments);
    for name in &foreign {
        again.env_remove(name);
    }
    Err(failed(again.exec()))
}

/// The names of those that are set.
pub fn foreign_variables() -> Vec<OsString> {
    let foreign = env::vars_os().filter(|(name, value)| is_foreign(name, value));
    foreign.map(|(name, _)| name).collect()
}

/// Every variable of PostgreSQL's, and an engine's address that is empty: it means none, and clients take it for one.
fn is_foreign(name: &OsStr, value: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"PG") || (name == "DOCKER_HOST" && value.is_empty())
}

fn names(variables: &[OsString]) -> String {
    let names: Vec<_> = variables
        .iter()
        .map(|name| name.to_string_lossy())
        .collect();
    names.join(", ")
}
