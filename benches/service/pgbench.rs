//! The same statements by `pgbench`, which does nothing but send them: what the server could do, were there no
//! service in between.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::process::Command;

use crate::{
    measured::Measured,
    operations::{Operation, Which},
    setup::{DATABASE, Local, Setup},
    statements::Statement,
};
use bdd_harness::{failure::Failure, server};

/// The server takes 300, and some are its own and ours.
const MOST_CONNECTIONS: usize = 250;
/// What a statement of pgbench's may have.
const MOST_PARAMETERS: usize = 255;
/// Skus have five digits.
const MOST_ROWS: u64 = 99_999;

/// A script, with what its variables hold.
pub struct Script {
    text: String,
    variables: Vec<(String, String)>,
}

impl Script {
    /// The statements as they are, with a variable of pgbench's for each parameter: prepared, it makes parameters of
    /// them again. None when that is more than pgbench knows how to do.
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
        // From the last, so that $1 isn't found in $10.
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

/// Where pgbench is, if it is there.
pub fn program() -> Option<PathBuf> {
    let program = server::local::programs()?.join("pgbench");
    program.is_file().then_some(program)
}

/// Runs the script over so many connections for so long.
pub async fn run(
    program: &Path,
    setup: &Setup,
    script: &Script,
    connections: usize,
    lasting: Duration,
) -> Result<Measured, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("pgbench: {error}"));
    let Local { folder, .. } = setup.server.as_ref().ok_or("pgbench is for PostgreSQL")?;
    let here = tempfile::tempdir().map_err(failed)?;
    let file = here.path().join("script.sql");
    fs::write(&file, &script.text).map_err(failed)?;
    let connections = connections.min(MOST_CONNECTIONS);
    let clients = connections.to_string();
    let mut command = Command::new(program);
    command
        .args([
            "--no-vacuum",
            "--protocol=prepared",
            "--log",
            "--username=postgres",
        ])
        .args([
            "--client",
            &clients,
            "--jobs",
            if connections == 1 { "1" } else { "2" },
        ])
        .args(["--time", &lasting.as_secs().max(1).to_string()])
        .args(["--define", &format!("clients={clients}")])
        .arg("--host")
        .arg(folder)
        .arg("--file")
        .arg(&file)
        .current_dir(here.path());
    for (name, value) in &script.variables {
        command.arg("--define").arg(format!("{name}={value}"));
    }
    let done = command.arg(DATABASE).output().await.map_err(failed)?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(Failure::new(format!(
            "pgbench: {}\n{}",
            said.trim(),
            script.text
        )));
    }
    measured(here.path(), lasting)
}

/// Reads the logs, one a thread: the third word of a line is how long a transaction took, in microseconds.
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
