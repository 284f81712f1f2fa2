//! Runs of the service's command line.

use std::{ffi::OsString, path::Path, time::Duration};

use tokio::io::AsyncReadExt as _;

use crate::{
    failure::Failure,
    process::{guardian::Guarded, output_pipe, run_folder},
    service::Environment,
    slot::Slot,
};

/// A scenario's runs of the service's command line.
#[derive(Debug, Default)]
pub struct Console {
    /// Variables for the next run.
    pub environment: Environment,
    pub last: Option<Run>,
}

/// A finished run.
#[derive(Debug)]
pub struct Run {
    pub line: String,
    pub exit_code: Option<i32>,
    /// Standard output and standard error, in the order in which they were written.
    pub output: String,
}

impl Console {
    /// Runs the program with the arguments in `line`, split as a shell would, in an empty folder.
    pub async fn run(&mut self, slot: &mut Slot, line: &str) -> Result<(), Failure> {
        let program = slot.program()?;
        let limit = slot.program_limit()?;
        slot.runs_program();
        if program.process().is_some() {
            let (command, environment) = slot.program_command()?;
            for (name, value) in environment {
                self.environment.entry(name).or_insert(value);
            }
            return self.run_command(slot, command, line, limit).await;
        }
        let program = program.executable()?;
        if let Ok(url) = slot.program_url() {
            self.environment.entry("DATABASE_URL".into()).or_insert(url);
        }
        self.run_executable(slot, &program, line, limit).await
    }

    /// Runs any executable, only with the scenario's environment. If the run takes longer than `limit`, it is ended and
    /// the step fails.
    pub async fn run_executable(
        &mut self,
        slot: &Slot,
        executable: &Path,
        line: &str,
        limit: Duration,
    ) -> Result<(), Failure> {
        let command = vec![executable.as_os_str().to_owned()];
        self.run_command(slot, command, line, limit).await
    }

    /// Runs a command that already has arguments.
    async fn run_command(
        &mut self,
        slot: &Slot,
        mut command: Vec<OsString>,
        line: &str,
        limit: Duration,
    ) -> Result<(), Failure> {
        let arguments = shell_words::split(line).map_err(|error| {
            Failure::new(format!("`{line}` can't be split as a shell would: {error}"))
        })?;
        let run = slot.folder()?;
        let folder = tempfile::TempDir::new_in(&run)?;
        command.extend(arguments.into_iter().map(Into::into));
        let environment = std::mem::take(&mut self.environment);
        let (mut reader, writer, errors) = output_pipe()?;
        let mut guarded = Guarded::start(&command, "KILL", None, |shell| {
            shell
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env(run_folder::VARIABLE, &run)
                .envs(environment)
                .current_dir(folder.path())
                .stdout(writer)
                .stderr(errors);
        })
        .map_err(|error| Failure::new(format!("the program can't be run: {error}")))?;
        let mut output = Vec::new();
        let ended = tokio::time::timeout(limit, async {
            let _ = reader.read_to_end(&mut output).await;
            guarded.wait().await
        })
        .await;
        let output = String::from_utf8_lossy(&output).into_owned();
        if let Ok(status) = ended {
            self.last = Some(Run {
                line: line.to_owned(),
                exit_code: status?.code(),
                output,
            });
            Ok(())
        } else {
            let _ = guarded.end().await;
            Err(Failure::new(format!(
                "`{line}` didn't end within {limit:?} (--program-timeout), and was stopped; its output so far:\n{output}"
            )))
        }
    }

    /// The last run, if there was one.
    pub fn last(&self) -> Result<&Run, Failure> {
        self.last
            .as_ref()
            .ok_or_else(|| Failure::new("nothing has run yet: write `When I run \"…\"` first"))
    }
}
