//! A run of the suite that continues while the scenario does something.

use std::{
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bdd_harness::{
    Failure, Outcome, Step, World, process::guardian::Guarded, slot::command_line::Run, then, when,
    words::argument,
};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// If the expected output doesn't come within this time, the run hangs.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Running(Option<Started>);

struct Started {
    line: String,
    suite: Guarded,
    output: Arc<Mutex<String>>,
    followers: Vec<tokio::task::JoinHandle<()>>,
}

/// Writes a file into the folder of the scenario's features, or to an absolute path, with variables filled in;
/// `{{features}}` is this folder.
#[when(expr = "the file {string} says:")]
fn file_says(world: &mut World, step: &Step, name: String) -> Outcome {
    let folder = crate::steps::features_folder(world)?;
    let text = argument::docstring(step)?.replace("'''", "\"\"\"");
    let text = world.variables.text(&text)?;
    let file = folder.join(name);
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    std::fs::create_dir_all(file.parent().unwrap_or(&folder)).map_err(failed)?;
    std::fs::write(&file, text).map_err(failed)
}

/// Fails the first time and then passes: it creates a file whose name depends on generated values.
#[then(expr = "the file {string} is there the second time")]
fn there_the_second_time(world: &mut World, name: String) -> Outcome {
    let name = world.variables.text(&name)?;
    let file = world.slot.folder()?.join(name);
    if file.exists() {
        return Ok(());
    }
    std::fs::write(&file, "").map_err(|error| Failure::new(error.to_string()))?;
    Err("it wasn't there yet".into())
}

/// Starts the suite with these arguments, without waiting for its end.
#[when(expr = "I start the suite with {string}")]
fn start_the_suite(world: &mut World, line: String) -> Outcome {
    let line = world.variables.text(&line)?;
    let suite = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    let arguments = shell_words(&line);
    let command = [suite.into_os_string()]
        .into_iter()
        .chain(arguments.into_iter().map(Into::into))
        .collect::<Vec<_>>();
    let folder = world.slot.folder()?;
    let reports = crate::reports::reports(world)?;
    let environment = std::mem::take(&mut world.console.environment);
    let mut suite = Guarded::start(&command, "KILL", None, |shell| {
        shell
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
            .env("BDD_REPORT_DIR", reports)
            .envs(environment)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    })
    .map_err(|error| Failure::new(error.to_string()))?;
    let output = Arc::<Mutex<String>>::default();
    let (stdout, stderr) = suite.output();
    let mut followers = Vec::new();
    if let (Some(stdout), Some(stderr)) = (stdout, stderr) {
        followers.push(tokio::spawn(follow(stdout, Arc::clone(&output))));
        followers.push(tokio::spawn(follow(stderr, Arc::clone(&output))));
    }
    world.ext::<Running>().0 = Some(Started {
        line,
        suite,
        output,
        followers,
    });
    Ok(())
}

/// Arguments, separated by blanks.
fn shell_words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

async fn follow(mut output: impl AsyncRead + Unpin, all: Arc<Mutex<String>>) {
    let mut piece = [0; 4096];
    while let Ok(length) = output.read(&mut piece).await {
        if length == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&piece[..length]);
        all.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&text);
    }
}

impl Started {
    /// Whether it has ended and all its output is read.
    fn has_ended(&mut self) -> bool {
        let read = self
            .followers
            .iter()
            .all(tokio::task::JoinHandle::is_finished);
        read && self.suite.ended().is_some()
    }

    fn output(&self) -> String {
        let output = self.output.lock();
        output.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn started(world: &mut World) -> Result<&mut Started, Failure> {
    let running = world.ext::<Running>().0.as_mut();
    running.ok_or_else(|| "no suite was started".into())
}

/// Waits for this output, since the start of the suite or since the last such step.
#[then(expr = "the suite says {string}")]
async fn suite_says(world: &mut World, text: String) -> Outcome {
    let text = world.variables.text(&text)?;
    let started = started(world)?;
    let start = Instant::now();
    loop {
        let over = start.elapsed() > PATIENCE || started.has_ended();
        let output = started.output();
        if let Some(at) = output.find(&text) {
            let rest = output[at + text.len()..].to_owned();
            *started
                .output
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = rest;
            return Ok(());
        }
        if over {
            return Err(format!("the suite didn't say \"{text}\"; its output:\n{output}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a scenario of the suite has written this file into the folder of the features.
#[then(expr = "the suite writes the file {string}")]
async fn suite_writes(world: &mut World, name: String) -> Outcome {
    let file = crate::steps::features_folder(world)?.join(name);
    let started = started(world)?;
    let start = Instant::now();
    while !file.exists() {
        if start.elapsed() > PATIENCE || started.has_ended() {
            let (file, output) = (file.display(), started.output());
            return Err(format!("the suite didn't write {file}; its output:\n{output}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Sends SIGINT and waits for the end. Afterwards `it exits with` and `the output contains` are about this run.
#[when(expr = "I interrupt the suite")]
async fn interrupt(world: &mut World) -> Outcome {
    let Some(mut running) = world.ext::<Running>().0.take() else {
        return Err("no suite was started".into());
    };
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    running.suite.signal("INT").await.map_err(failed)?;
    let ended = tokio::time::timeout(PATIENCE, running.suite.wait()).await;
    let Ok(status) = ended else {
        return Err(format!(
            "the suite is still running; its output:\n{}",
            running.output()
        )
        .into());
    };
    for follower in std::mem::take(&mut running.followers) {
        let _ = follower.await;
    }
    world.console.last = Some(Run {
        line: running.line.clone(),
        exit_code: status.map_err(failed)?.code(),
        output: running.output(),
    });
    Ok(())
}

/// Runs a command from the output, such as a psql line, in a shell.
#[when(expr = "I run the line of the output that begins with {string}, with {string} behind it")]
async fn run_line(world: &mut World, begin: String, behind: String) -> Outcome {
    let output = &world.console.last()?.output;
    let line = output
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with(&begin));
    let Some(line) = line else {
        return Err(format!("no line starts with {begin}; the output is:\n{output}").into());
    };
    let line = format!("{line} {behind}");
    let ran = tokio::process::Command::new("sh")
        .args(["-c", &line])
        .output()
        .await;
    let ran = ran.map_err(|error| Failure::new(error.to_string()))?;
    let output = [ran.stdout, ran.stderr].concat();
    world.console.last = Some(Run {
        line,
        exit_code: ran.status.code(),
        output: String::from_utf8_lossy(&output).into_owned(),
    });
    Ok(())
}
