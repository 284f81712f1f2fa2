//! Projects in other languages, and the command `bdd` that runs their suites.

use std::{fs, path::PathBuf, time::Duration};

use bdd_harness::{Failure, Outcome, Step, World, given, json::Json, then, when, words::argument};

use crate::program;

const PROJECT: &str = "project";

/// If a run of the command takes longer than this, it hangs.
const LIMIT: Duration = Duration::from_mins(9);

/// Writes a file of the project; `{{project}}` is its folder. `<<guestbook>>` in it is the path of the small service's
/// executable.
#[given(expr = "the project's file {string}:")]
fn project_file(world: &mut World, step: &Step, name: String) -> Outcome {
    let name = argument::quoted(&name, &mut world.variables)?;
    let path = folder(world)?.join(name);
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Inner docstrings use ''', because the outer docstring uses the other delimiter.
    let text = argument::docstring(step)?.replace("'''", "\"\"\"");
    let guestbook = program::link().map_err(failed)?.display().to_string();
    let text = text.replace("<<guestbook>>", &guestbook);
    fs::write(&path, text).map_err(failed)
}

/// The project's file doesn't contain this text. The file has to exist, and has to have content.
#[then(expr = "the project's file {string} does not contain {string}")]
fn does_not_contain(world: &mut World, name: String, text: String) -> Outcome {
    let content = content(world, &name)?;
    if content.trim().is_empty() || content.contains(&text) {
        return Err(Failure::new(format!("the file contains:\n{content}")));
    }
    Ok(())
}

/// The project's file contains this text.
#[then(expr = "the project's file {string} contains {string}")]
fn contains(world: &mut World, name: String, text: String) -> Outcome {
    let content = content(world, &name)?;
    if content.contains(&text) {
        return Ok(());
    }
    Err(Failure::new(format!("the file contains:\n{content}")))
}

fn content(world: &mut World, name: &str) -> Result<String, Failure> {
    let path = folder(world)?.join(name);
    fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The project has no file with this name.
#[then(expr = "the project has no file {string}")]
fn no_file(world: &mut World, name: String) -> Outcome {
    let path = folder(world)?.join(name);
    if path.exists() {
        return Err(Failure::new(format!("there is {}", path.display())));
    }
    Ok(())
}

/// The project's folder. It is created on first use.
fn folder(world: &mut World) -> Result<PathBuf, Failure> {
    if world.variables.get(PROJECT).is_none() {
        let unique = world.variables.text("{{$uuid}}")?;
        let folder = world.slot.folder()?.join(unique).join("library");
        fs::create_dir_all(&folder).map_err(|error| Failure::new(error.to_string()))?;
        let folder = Json::from(folder.display().to_string());
        world.variables.set(PROJECT, folder);
    }
    world.variables.text("{{project}}").map(PathBuf::from)
}

/// An empty project.
#[given(expr = "an empty project")]
fn empty_project(world: &mut World) -> Outcome {
    folder(world).map(|_| ())
}

/// Runs the command with these arguments; `{{server}}` is the URL of the server of this scenario's database.
#[when(expr = "I run bdd with {string}", within = "10m")]
async fn run_bdd(world: &mut World, line: String) -> Outcome {
    folder(world)?;
    if line.contains("{{server}}") {
        let url = world.slot.owner_url()?;
        world.variables.set("server", Json::from(url));
    }
    let bdd = PathBuf::from(env!("CARGO_BIN_EXE_bdd"));
    let shown = Json::from(bdd.display().to_string());
    world.variables.set("bdd", shown);
    let line = world.variables.text(&line)?;
    if let Some(path) = std::env::var_os("PATH") {
        let path = path.to_string_lossy().into_owned();
        world.console.environment.insert("PATH".into(), path);
    }
    world
        .console
        .run_executable(&world.slot, &bdd, &line, LIMIT)
        .await
}

/// Writes the file of `bdd lend`, with the database of this scenario instead of a slot's.
#[given(expr = "a file of `bdd lend` that names this scenario's database")]
fn file_of_lend(world: &mut World) -> Outcome {
    let folder = folder(world)?.join("target/bdd");
    let url = world.slot.owner_url()?;
    let text = serde_json::json!({
        "lender": std::process::id(),
        "folder": world.slot.folder()?,
        "owner_url": url,
        "service_url": url,
        "secret": "made up",
        "first_transaction": 1,
        "borrower": "Unknown",
        "port": null,
        "takes_port": false,
    });
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("lent.json"), text.to_string()).map_err(failed)
}

/// Waits until no process has this text in its command line.
#[then(expr = "no process has {string} in its command line", within = "2m")]
async fn no_process(world: &mut World, text: String) -> Outcome {
    let text = argument::quoted(&text, &mut world.variables)?;
    let start = std::time::Instant::now();
    loop {
        let left: Vec<String> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .filter(|line| line.contains(&text))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        if start.elapsed() > Duration::from_mins(1) {
            return Err(Failure::new(format!("still there: {}", left.join("; "))));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
