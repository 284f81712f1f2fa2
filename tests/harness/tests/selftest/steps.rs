//! The suite itself, run by the suite, and users of the small service.

use std::{os::unix::fs::DirBuilderExt as _, time::Duration};

use bdd_harness::{Failure, Outcome, Step, World, given, json::Json, then, when, words::argument};

/// A run of the suite that takes longer has hung. The step's own limit leaves time to end it and tell what it said.
const LIMIT: Duration = Duration::from_mins(9);

/// The variable that holds the temporary folder of the next run.
const TEMPORARY_FOLDER: &str = "temporary folder";

/// The variable that holds the folder of the scenario's own migrations.
const MIGRATIONS: &str = "migrations";

/// Makes a user through the service; `{{ada.id}}` is the id from then on.
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
    let folder = world
        .slot
        .folder()?
        .join(format!("features-{}", world.slot.number()));
    std::fs::create_dir_all(&folder).map_err(|error| Failure::new(error.to_string()))?;
    let file = folder.join(&name);
    // Inner docstrings are written with ''' because the outer one has taken the other quotes.
    let text = argument::docstring(step)?.replace("'''", "\"\"\"");
    std::fs::write(&file, text).map_err(|error| Failure::new(error.to_string()))?;
    let variable = name.trim_end_matches(".feature").to_owned();
    world
        .variables
        .set(variable, Json::from(file.display().to_string()));
    Ok(())
}

/// Writes a migration; `{{migrations}}` is the folder of those that the scenario writes.
#[given(expr = "the migration {string}:")]
fn migration(world: &mut World, step: &Step, name: String) -> Outcome {
    write_migration(world, &name, &argument::docstring(step)?)
}

/// The same as a checkout on Windows has it.
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

/// The next run has this temporary folder, new and empty.
#[given(expr = "the temporary folder is {string}")]
fn temporary_folder(world: &mut World, name: String) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?;
    let folder = world.slot.folder()?.join(unique).join(name);
    // Root runs PostgreSQL as another user.
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

/// Nothing was left there.
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

/// Runs the suite with these arguments; `{{server}}` is the URL of the server that this scenario's database is on,
/// `{{schemas}}` the folder of schemas made to defeat a reset.
#[when(expr = "I run the suite with {string}", within = "10m")]
async fn run_the_suite(world: &mut World, line: String) -> Outcome {
    if line.contains("{{server}}") {
        let url = world.slot.owner_url()?;
        world.variables.set("server", Json::from(url));
    }
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    world.variables.set("schemas", Json::from(schemas));
    let line = world.variables.text(&line)?;
    let suite = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    let environment = &mut world.console.environment;
    environment.insert(
        "CARGO_MANIFEST_DIR".into(),
        env!("CARGO_MANIFEST_DIR").into(),
    );
    if let Some(path) = std::env::var_os("PATH") {
        environment.insert("PATH".into(), path.to_string_lossy().into_owned());
    }
    world
        .console
        .run_executable(&world.slot, &suite, &line, LIMIT)
        .await
}
