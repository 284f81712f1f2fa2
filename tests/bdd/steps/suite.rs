//! The suite itself, run by the suite.

use std::{os::unix::fs::DirBuilderExt as _, time::Duration};

use bdd_harness::{given, when};
use gherkin::Step;
use serde_json::Value;

use bdd_harness::{
    failure::{Failure, Outcome},
    words::argument,
    world::World,
};

/// A run of the suite that takes longer has hung.
const LIMIT: Duration = Duration::from_mins(2);

/// The variable that holds the temporary folder of the next run.
const TEMPORARY_FOLDER: &str = "temporary folder";

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
        .set(variable, Value::from(file.display().to_string()));
    Ok(())
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
        .set(TEMPORARY_FOLDER, Value::from(folder.clone()));
    world.console.environment.insert("TMPDIR".into(), folder);
    Ok(())
}

/// Nothing was left there.
#[given(expr = "the temporary folder is empty")]
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
#[when(expr = "I run the suite with {string}")]
async fn run_the_suite(world: &mut World, line: String) -> Outcome {
    if line.contains("{{server}}") {
        let url = world.slot.owner_url()?;
        world.variables.set("server", Value::from(url));
    }
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harness/schemas");
    world.variables.set("schemas", Value::from(schemas));
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
