//! Pools and their clients.

use std::{fs, path::PathBuf, time::Duration};

use bdd_harness::{Failure, Outcome, Step, World, given, json::Json, when, words::argument};

const CLIENTS: &str = "clients";
/// If a pool takes longer than this, it hangs.
const LIMIT: Duration = Duration::from_mins(9);

/// Writes a file of a project that uses a pool; `{{clients}}` is its folder. It contains `bdd.toml` and the schema.
#[given(expr = "the client {string}:")]
fn client(world: &mut World, step: &Step, name: String) -> Outcome {
    let path = folder(world)?.join(name);
    let text = argument::docstring(step)?;
    fs::write(&path, text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

fn folder(world: &mut World) -> Result<PathBuf, Failure> {
    if world.variables.get(CLIENTS).is_none() {
        let unique = world.variables.text("{{$uuid}}")?;
        let folder = world.slot.folder()?.join(unique);
        let failed = |error: std::io::Error| Failure::new(error.to_string());
        fs::create_dir_all(folder.join("features")).map_err(failed)?;
        let migrations = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/selftest/migrations/postgres"
        );
        let project =
            format!("database = \"pool_bdd_test\"\nschema = {{ files = \"{migrations}\" }}\n");
        fs::write(folder.join("bdd.toml"), project).map_err(failed)?;
        let module = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/pool/pytest/pool.py");
        fs::copy(module, folder.join("pool.py")).map_err(failed)?;
        let folder = Json::from(folder.display().to_string());
        world.variables.set(CLIENTS, folder);
    }
    world.variables.text("{{clients}}").map(PathBuf::from)
}

/// Runs `bdd pool` with these arguments, on the server of this scenario's database.
#[when(expr = "I run a pool with {string}", within = "10m")]
async fn run_pool(world: &mut World, line: String) -> Outcome {
    let folder = folder(world)?;
    let line = world.variables.text(&line)?;
    let line = format!(
        "pool --config {}/bdd.toml --database {} {line}",
        folder.display(),
        shell_words::quote(&world.slot.owner_url()?)
    );
    let bdd = PathBuf::from(env!("CARGO_BIN_EXE_bdd"));
    if let Some(path) = std::env::var_os("PATH") {
        let path = path.to_string_lossy().into_owned();
        world.console.environment.insert("PATH".into(), path);
    }
    world
        .console
        .run_executable(&world.slot, &bdd, &line, LIMIT)
        .await
}
