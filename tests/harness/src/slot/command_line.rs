//! Runs of the program's command line.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::io::AsyncReadExt as _;

use crate::{
    failure::Failure,
    process::{guardian::Guarded, run_folder},
    service::Environment,
    slot::Slot,
};

/// The scenario's use of the program's command line.
#[derive(Debug, Default)]
pub struct Console {
    /// For the next run.
    pub environment: Environment,
    pub last: Option<Run>,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    pub line: String,
    pub exit_code: Option<i32>,
    /// Standard output and standard error, as they came.
    pub output: String,
}

impl Console {
    /// Runs the program with the arguments in `line`, split as a shell would, in an empty folder.
    pub async fn run(&mut self, slot: &mut Slot, line: &str) -> Result<(), Failure> {
        let program = slot.program()?.executable()?;
        slot.runs_program();
        if let Ok(url) = slot.owner_url() {
            self.environment.entry("DATABASE_URL".into()).or_insert(url);
        }
        let limit = slot.program_limit()?;
        self.run_executable(slot, &program, line, limit).await
    }

    /// The same for any executable, with no environment but the scenario's; a run that takes longer than `limit` is
    /// ended, and fails its step.
    pub async fn run_executable(
        &mut self,
        slot: &Slot,
        executable: &Path,
        line: &str,
        limit: Duration,
    ) -> Result<(), Failure> {
        let arguments = shell_words::split(line).map_err(|error| {
            Failure::new(format!("`{line}` can't be split as a shell would: {error}"))
        })?;
        let run = slot.folder()?;
        let folder =
            tempfile::TempDir::new_in(&run).map_err(|error| Failure::new(error.to_string()))?;
        let mut command = vec![executable.as_os_str().to_owned()];
        command.extend(arguments.into_iter().map(Into::into));
        let environment = std::mem::take(&mut self.environment);
        // One pipe for both, which keeps the order of lines.
        let (writer, mut reader) =
            tokio::net::unix::pipe::pipe().map_err(|error| Failure::new(error.to_string()))?;
        let writer = writer
            .into_blocking_fd()
            .map_err(|error| Failure::new(error.to_string()))?;
        let errors = writer
            .try_clone()
            .map_err(|error| Failure::new(error.to_string()))?;
        let mut guarded = Guarded::start(&command, "KILL", None, |shell| {
            shell
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env(run_folder::VARIABLE, &run)
                .envs(environment)
                .current_dir(folder.path())
                .stdout(Stdio::from(writer))
                .stderr(Stdio::from(errors));
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
            let status = status.map_err(|error| Failure::new(error.to_string()))?;
            self.last = Some(Run {
                line: line.to_owned(),
                exit_code: status.code(),
                output,
            });
            Ok(())
        } else {
            let _ = guarded.end().await;
            Err(Failure::new(format!(
                "`{line}` still ran after {limit:?} (--program-timeout), and was ended; so far it said:\n{output}"
            )))
        }
    }

    /// The last run, when there was one.
    pub fn last(&self) -> Result<&Run, Failure> {
        self.last
            .as_ref()
            .ok_or_else(|| Failure::new("nothing was run yet: write `When I run \"…\"` first"))
    }
}
