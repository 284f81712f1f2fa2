//! Keeps variables of the developer's shell from changing a run.

use std::{
    env,
    ffi::{OsStr, OsString},
    os::unix::process::CommandExt as _,
    process::Command,
};

/// Restarts this program without the variables that affect clients of PostgreSQL and Docker.
///
/// A process can't safely remove a variable from its own environment. sqlx reads `PGPORT`, `PGOPTIONS` and others for
/// every connection, also for those of a service in this process. Has to be called before anything else. Returns only
/// if there is nothing to remove, or if the restart fails.
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

/// The names of such variables that are set.
pub fn foreign_variables() -> Vec<OsString> {
    let foreign = env::vars_os().filter(|(name, value)| is_foreign(name, value));
    foreign.map(|(name, _)| name).collect()
}

/// Every variable of PostgreSQL, and an empty `DOCKER_HOST`, which clients would take for an address.
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
