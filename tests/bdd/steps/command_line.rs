//! Steps for the command line: files, URLs of databases, and interrupted commands.

use std::{process::Stdio, time::Duration};

use bdd_harness::{given, when};
use gherkin::Step;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _,
    sqlite::SqliteConnectOptions,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

use bdd_harness::{
    failure::{Failure, Outcome},
    slot::command_line::Run,
    words::argument,
    world::World,
};

/// How long a command may take, also after an interrupt.
const LIMIT: Duration = Duration::from_mins(1);

/// Writes a file with one line.
#[given(expr = "the file {string} says {string}")]
fn file_says(world: &mut World, path: String, line: String) -> Outcome {
    let path = world.variables.text(&path)?;
    let line = world.variables.text(&line)?;
    std::fs::write(&path, format!("{line}\n"))
        .map_err(|error| Failure::new(format!("{path}: {error}")))
}

/// Runs the program's command line in a folder that contains only this file with one line.
#[when(expr = "I run {string} where the file {string} says {string}")]
async fn run_beside_a_file(world: &mut World, line: String, name: String, text: String) -> Outcome {
    let failed = |error: std::io::Error| Failure::new(format!("`{line}`: {error}"));
    let folder = tempfile::TempDir::new_in(world.slot.folder()?).map_err(failed)?;
    std::fs::write(folder.path().join(name), format!("{text}\n")).map_err(failed)?;
    let arguments = shell_words::split(&line).map_err(|error| Failure::new(error.to_string()))?;
    let run = Command::new(world.slot.program()?.executable()?)
        .args(arguments)
        .env_clear()
        .envs(std::mem::take(&mut world.console.environment))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Ok(ended) = tokio::time::timeout(LIMIT, run).await else {
        return Err(Failure::new(format!("`{line}` didn't end")));
    };
    let ended = ended.map_err(failed)?;
    let output = [ended.stdout, ended.stderr].concat();
    world.console.last = Some(Run {
        line,
        exit_code: ended.status.code(),
        output: String::from_utf8_lossy(&output).into_owned(),
    });
    Ok(())
}

/// Sets a variable to the URL of the scenario's database, for its owner.
#[given(expr = "{string} is the URL of the database")]
fn url_of_the_database(world: &mut World, name: String) -> Outcome {
    let url = world.slot.owner_url()?;
    world.variables.set(name, Value::from(url));
    Ok(())
}

/// Creates one more database on the scenario's server, and sets variables to its URL and its name.
#[given(expr = "{string} is the URL of a second database {string}")]
async fn second_database(world: &mut World, url: String, name: String) -> Outcome {
    create_database(world, url, name, "").await
}

/// The same for a database with another encoding than UTF8.
#[given(expr = "{string} is the URL of a second database {string} with the encoding {word}")]
async fn database_with_encoding(
    world: &mut World,
    url: String,
    name: String,
    encoding: String,
) -> Outcome {
    let locale = format!("encoding '{encoding}' lc_collate 'C' lc_ctype 'C'");
    create_database(world, url, name, &locale).await
}

async fn create_database(world: &mut World, url: String, name: String, options: &str) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?.replace('-', "");
    let database = format!("dance_lessons_coach_copy_{unique}");
    let own = world.slot.owner_url()?;
    let mut second = url::Url::parse(&own).map_err(|error| Failure::new(error.to_string()))?;
    second.set_path(&database);
    let connection = world.slot.database().await?;
    connection
        .run(&format!(
            "create database {database} template template0 {options}"
        ))
        .await?;
    world.variables.set(url, Value::from(second.to_string()));
    world.variables.set(name, Value::from(database));
    Ok(())
}

/// Runs the program's command line and interrupts it, as Ctrl-C does, after it has written a line with this text to
/// standard error.
#[when(expr = "I run {string} and interrupt it at {string}", within = "2m")]
async fn run_and_interrupt(world: &mut World, line: String, text: String) -> Outcome {
    let line = world.variables.text(&line)?;
    let failed = |error: std::io::Error| Failure::new(format!("`{line}`: {error}"));
    let arguments = shell_words::split(&line).map_err(|error| Failure::new(error.to_string()))?;
    let mut program = Command::new(world.slot.program()?.executable()?)
        .args(arguments)
        .env_clear()
        .current_dir(world.slot.folder()?)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let errors = program.stderr.take().ok_or("there is no standard error")?;
    let mut errors = BufReader::new(errors);
    let mut output = String::new();
    let ended = tokio::time::timeout(LIMIT, async {
        while !output.contains(&text) {
            if errors.read_line(&mut output).await? == 0 {
                break;
            }
        }
        if let Some(id) = program.id() {
            let kill = ["-INT", &id.to_string()].map(ToOwned::to_owned);
            Command::new("kill").args(kill).status().await?;
        }
        errors.read_to_string(&mut output).await?;
        program.wait().await
    });
    let Ok(status) = ended.await else {
        return Err(Failure::new(format!(
            "`{line}` didn't end after it was interrupted; its output:\n{output}"
        )));
    };
    let exit_code = status.map_err(failed)?.code();
    world.console.last = Some(Run {
        line,
        exit_code,
        output,
    });
    Ok(())
}

/// Sets a variable to the path of the file whose name sorts last in a folder. Ignores hidden files.
#[given(expr = "the newest file in {string} is {string}")]
fn newest_file(world: &mut World, folder: String, name: String) -> Outcome {
    let folder = world.variables.text(&folder)?;
    let failed = |error: std::io::Error| Failure::new(format!("{folder}: {error}"));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().display().to_string());
    }
    names.retain(|name| !name.starts_with('.'));
    let newest = names.into_iter().max().ok_or("the folder is empty")?;
    world
        .variables
        .set(name, Value::from(format!("{folder}/{newest}")));
    Ok(())
}

/// Runs SQL in an SQLite file of another program. The file is created if it doesn't exist.
#[given(expr = "the SQL in the SQLite file {string}:")]
async fn sql_in_a_file(world: &mut World, step: &Step, path: String) -> Outcome {
    let path = world.variables.text(&path)?;
    let sql = world.variables.text(&argument::docstring(step)?)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    let mut file = options.connect().await?;
    file.execute(AssertSqlSafe(sql)).await?;
    file.close().await?;
    Ok(())
}

/// Removes the last byte of a file.
#[given(expr = "the last byte of the file {string} is lost")]
fn last_byte_is_lost(world: &mut World, path: String) -> Outcome {
    let path = world.variables.text(&path)?;
    let failed = |error: std::io::Error| Failure::new(format!("{path}: {error}"));
    let bytes = std::fs::read(&path).map_err(failed)?;
    let rest = bytes.len().saturating_sub(1);
    std::fs::write(&path, &bytes[..rest]).map_err(failed)
}

/// Sets a variable to the path of a file of the project.
#[given(expr = "{string} is the path of {string} in the project")]
fn file_of_the_project(world: &mut World, name: String, path: String) -> Outcome {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if !path.exists() {
        return Err(Failure::new(format!("there is no {}", path.display())));
    }
    world
        .variables
        .set(name, Value::from(path.display().to_string()));
    Ok(())
}
