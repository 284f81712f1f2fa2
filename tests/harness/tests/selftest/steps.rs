//! Steps that run the suite itself, and steps about users of the small service.

use std::{
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use bdd_harness::{Failure, Outcome, Step, World, given, json::Json, then, when, words::argument};

use crate::reports::reports;

/// If a run of the suite takes longer than this, it hangs. The step's own limit leaves time to end it and show its
/// output.
const LIMIT: Duration = Duration::from_mins(9);

/// The variable with the temporary folder of the next run.
const TEMPORARY_FOLDER: &str = "temporary folder";

/// The variable with the folder of the scenario's own migrations.
const MIGRATIONS: &str = "migrations";

/// The variable with the folder of the scenario's own features.
const FEATURES: &str = "features";

/// Creates a user through the service; `{{ada.id}}` is its id.
#[given(expr = "a registered user {string}")]
async fn registered_user(world: &mut World, username: String) -> Outcome {
    let username = world.variables.text(&username)?;
    let body = serde_json::json!({ "username": username });
    world.send_json("POST", "/users", &body, 201).await?;
    let id = world.client.answer()?.json()?["id"].clone();
    world.variables.set(format!("{username}.id"), id);
    Ok(())
}

/// Writes a feature file; `{{polka}}` is the path of `polka.feature`.
#[given(expr = "the feature file {string}:")]
fn feature_file(world: &mut World, step: &Step, name: String) -> Outcome {
    let folder = features_folder(world)?;
    let file = folder.join(&name);
    let folder = file.parent().unwrap_or(&folder);
    std::fs::create_dir_all(folder).map_err(|error| Failure::new(error.to_string()))?;
    reports(world)?;
    // Inner docstrings use ''', because the outer docstring uses the other delimiter.
    let text = argument::docstring(step)?.replace("'''", "\"\"\"");
    std::fs::write(&file, text).map_err(|error| Failure::new(error.to_string()))?;
    let variable = name.trim_end_matches(".feature").to_owned();
    world
        .variables
        .set(variable, Json::from(file.display().to_string()));
    Ok(())
}

/// Writes a migration; `{{migrations}}` is the folder of the scenario's migrations.
#[given(expr = "the migration {string}:")]
fn migration(world: &mut World, step: &Step, name: String) -> Outcome {
    write_migration(world, &name, &argument::docstring(step)?)
}

/// The same with the line endings of a checkout on Windows.
#[given(expr = "the migration {string} with lines that end as on Windows:")]
fn migration_of_windows(world: &mut World, step: &Step, name: String) -> Outcome {
    let text = argument::docstring(step)?.replace('\n', "\r\n");
    write_migration(world, &name, &text)
}

fn write_migration(world: &mut World, name: &str, text: &str) -> Outcome {
    if world.variables.get(MIGRATIONS).is_none() {
        let unique = world.variables.text("{{$uuid}}")?;
        let folder = world.slot.folder()?.join(unique);
        std::fs::create_dir(&folder).map_err(|error| Failure::new(error.to_string()))?;
        let folder = folder.display().to_string();
        world.variables.set(MIGRATIONS, Json::from(folder));
    }
    let folder = world.variables.text("{{migrations}}")?;
    std::fs::write(std::path::Path::new(&folder).join(name), text)
        .map_err(|error| Failure::new(error.to_string()))
}

/// The folder of the scenario's own features.
pub fn features_folder(world: &mut World) -> Result<PathBuf, Failure> {
    if world.variables.get(FEATURES).is_none() {
        let unique = world.variables.text("{{$uuid}}")?;
        let folder = world.slot.folder()?.join(unique);
        let folder = Json::from(folder.display().to_string());
        world.variables.set(FEATURES, folder);
    }
    Ok(PathBuf::from(world.variables.text("{{features}}")?))
}

/// The next run uses this temporary folder, which is new and empty.
#[given(expr = "the temporary folder is {string}")]
fn temporary_folder(world: &mut World, name: String) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?;
    let folder = world.slot.folder()?.join(unique).join(name);
    // Root runs PostgreSQL as another user, who needs access.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(&folder)
        .map_err(|error| Failure::new(error.to_string()))?;
    let folder = folder.display().to_string();
    world
        .variables
        .set(TEMPORARY_FOLDER, Json::from(folder.clone()));
    world.console.environment.insert("TMPDIR".into(), folder);
    Ok(())
}

/// The next run is one of a project with the same suite in another folder.
#[given(expr = "the next run is of another project")]
fn another_project(world: &mut World) -> Outcome {
    let folder = other_project(world)?;
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    std::os::unix::fs::symlink(tests, folder.join("tests")).map_err(failed)?;
    let folder = folder.display().to_string();
    let environment = &mut world.console.environment;
    environment.insert("CARGO_MANIFEST_DIR".into(), folder);
    Ok(())
}

/// The folder of the project of `the next run is of another project`.
#[given(expr = "the other project is deleted")]
fn other_project_is_deleted(world: &mut World) -> Outcome {
    std::fs::remove_dir_all(other_project(world)?).map_err(|error| Failure::new(error.to_string()))
}

fn other_project(world: &mut World) -> Result<PathBuf, Failure> {
    Ok(features_folder(world)?.join("other project"))
}

/// Somebody killed a run, and then killed what was removing the run's folder.
#[given(expr = "the temporary folder contains the half-removed folder of a killed run")]
fn half_removed_folder(world: &mut World) -> Outcome {
    let folder = PathBuf::from(world.variables.text("{{temporary folder}}")?);
    std::fs::create_dir_all(folder.join("bdd-harness-0badcafe/postgres/data/base"))
        .map_err(|error| Failure::new(error.to_string()))
}

/// The temporary folder is empty.
#[then(expr = "the temporary folder is empty")]
fn temporary_folder_is_empty(world: &mut World) -> Outcome {
    let folder = world.variables.text("{{temporary folder}}")?;
    let left = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| Failure::new(error.to_string()))?;
    if left.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("the temporary folder has: {left:?}")))
}

/// Runs the suite with these arguments; `{{server}}` is the URL of the server of this scenario's database, `{{service}}`
/// that of its service, `{{schemas}}` the folder of schemas that are hard to reset.
#[when(expr = "I run the suite with {string}", within = "10m")]
async fn run_the_suite(world: &mut World, line: String) -> Outcome {
    let suite = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    run(world, &suite, &line).await
}

/// The same on a terminal, by `script` of util-linux.
#[when(expr = "I run the suite on a terminal with {string}", within = "10m")]
async fn run_on_a_terminal(world: &mut World, line: String) -> Outcome {
    let suite = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    let environment = &mut world.console.environment;
    environment.insert("TERM".into(), "xterm".into());
    let command = format!("stty cols 120; exec {} {line}", suite.display());
    let line = format!("-qefc \"{command}\" /dev/null");
    run(world, Path::new("script"), &line).await
}

async fn run(world: &mut World, program: &Path, line: &str) -> Outcome {
    if line.contains("{{server}}") {
        let url = world.slot.owner_url()?;
        world.variables.set("server", Json::from(url));
    }
    if line.contains("{{service}}") {
        let url = world.slot.base_url()?;
        world.variables.set("service", Json::from(url));
    }
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    world.variables.set("schemas", Json::from(schemas));
    reports(world)?;
    let line = world.variables.text(line)?;
    let reports = reports(world)?;
    let environment = &mut world.console.environment;
    environment
        .entry("CARGO_MANIFEST_DIR".into())
        .or_insert_with(|| env!("CARGO_MANIFEST_DIR").into());
    environment
        .entry("BDD_REPORT_DIR".into())
        .or_insert(reports);
    if let Some(path) = std::env::var_os("PATH") {
        let path = path.to_string_lossy().into_owned();
        environment.entry("PATH".into()).or_insert(path);
    }
    world
        .console
        .run_executable(&world.slot, program, &line, LIMIT)
        .await
}
