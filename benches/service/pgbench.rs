//! Runs the same statements with `pgbench`, which only sends them. This shows what the server can do without the
//! service.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::process::Command;

use crate::{
    measured::Measured,
    operations::{Operation, Which},
    setup::Setup,
    statements::Statement,
};
use bdd_harness::{failure::Failure, server};

/// The server allows 300 connections, of which it and the benchmark need some.
const MOST_CONNECTIONS: usize = 250;
/// The maximum number of parameters of a statement in pgbench.
const MOST_PARAMETERS: usize = 255;
/// Skus have five digits.
const MOST_ROWS: u64 = 99_999;

/// A script, and the values of its variables.
pub struct Script {
    text: String,
    variables: Vec<(String, String)>,
}

impl Script {
    /// The statements, with a pgbench variable for each parameter, which pgbench turns back into a parameter. `None` if
    /// a statement has too many parameters for pgbench.
    pub fn new(operation: &Operation, statements: &[Statement], rows: u64) -> Option<Self> {
        let mut script = Self {
            text: format!("\\set k :k + 1\n{}\n", operation.set),
            variables: vec![
                ("k".to_owned(), "0".to_owned()),
                ("rows".to_owned(), rows.min(MOST_ROWS).to_string()),
            ],
        };
        for (number, statement) in statements.iter().enumerate() {
            if statement.parameters.len() > MOST_PARAMETERS {
                return None;
            }
            script.add(operation, number, statement);
        }
        Some(script)
    }

    fn add(&mut self, operation: &Operation, number: usize, statement: &Statement) {
        let mut text = statement.text.clone();
        // Begins with the last parameter, so that $1 isn't replaced in $10.
        for (place, value) in statement.parameters.iter().enumerate().rev() {
            let place = place + 1;
            let varying = operation
                .varying
                .iter()
                .find(|varying| match varying.which {
                    Which::Value(text) => value.as_deref() == Some(text),
                    Which::Number(beginning, number) => {
                        number == place && statement.text.trim_start().starts_with(beginning)
                    }
                });
            let written = match (varying, value) {
                (Some(varying), _) => varying.expression.to_owned(),
                (None, None) => "null".to_owned(),
                (None, Some(value)) => {
                    let name = format!("p_{number}_{place}");
                    self.variables.push((name.clone(), value.clone()));
                    format!(":{name}")
                }
            };
            text = text.replace(&format!("${place}"), &written);
        }
        self.text.push_str(text.trim());
        self.text.push_str(";\n");
    }
}

/// The path of pgbench, if it is installed.
pub fn program() -> Option<PathBuf> {
    let program = server::local::programs()?.join("pgbench");
    program.is_file().then_some(program)
}

/// Runs the script over this many connections for this long.
pub async fn run(
    program: &Path,
    setup: &Setup,
    script: &Script,
    connections: usize,
    lasting: Duration,
) -> Result<Measured, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("pgbench: {error}"));
    let here = tempfile::tempdir().map_err(failed)?;
    let file = here.path().join("script.sql");
    fs::write(&file, &script.text).map_err(failed)?;
    let connections = connections.min(MOST_CONNECTIONS);
    let clients = connections.to_string();
    let mut command = Command::new(program);
    command
        .args(["--no-vacuum", "--protocol=prepared", "--log"])
        .args([
            "--client",
            &clients,
            "--jobs",
            if connections == 1 { "1" } else { "2" },
        ])
        .args(["--time", &lasting.as_secs().max(1).to_string()])
        .args(["--define", &format!("clients={clients}")])
        .arg("--file")
        .arg(&file)
        .current_dir(here.path());
    for (name, value) in &script.variables {
        command.arg("--define").arg(format!("{name}={value}"));
    }
    let done = command.arg(&setup.url).output().await.map_err(failed)?;
    if !done.status.success() {
        let errors = String::from_utf8_lossy(&done.stderr);
        return Err(Failure::new(format!(
            "pgbench: {}\n{}",
            errors.trim(),
            script.text
        )));
    }
    measured(here.path(), lasting)
}

/// Reads the logs, one per thread. The third word of a line is the duration of a transaction in microseconds.
fn measured(folder: &Path, lasting: Duration) -> Result<Measured, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("pgbench's log: {error}"));
    let mut times = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry
            .file_name()
            .to_string_lossy()
            .starts_with("pgbench_log")
        {
            continue;
        }
        let log = fs::read_to_string(entry.path()).map_err(failed)?;
        times.extend(log.lines().filter_map(|line| {
            let took = line.split(' ').nth(2)?.parse().ok()?;
            Some(Duration::from_micros(took))
        }));
    }
    Ok(Measured::new(times, lasting, 0, None))
}
