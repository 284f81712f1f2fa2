//! The files that a run of the suite writes into its report folder.

use std::{
    collections::{HashMap, HashSet},
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant, UNIX_EPOCH},
};

use bdd_harness::{
    Failure, Outcome, Step, World, duration::Span, given, json::Json, slot::command_line::Run,
    then, when, words::argument,
};
use serde_json::Value;

/// The variable with the report folder of this scenario's runs.
const REPORTS: &str = "reports";

/// Longer than any run here takes, unless it hangs.
const PATIENCE: Duration = Duration::from_mins(5);

/// The report folder of this scenario's runs; `{{reports}}` is its path.
pub fn reports(world: &mut World) -> Result<String, Failure> {
    if world.variables.get(REPORTS).is_none() {
        let unique = world.variables.text("{{$uuid}}")?;
        let folder = world.slot.folder()?.join(unique).join("reports");
        let folder = folder.display().to_string();
        world.variables.set(REPORTS, Json::from(folder));
    }
    world.variables.text("{{reports}}")
}

fn file(world: &mut World, name: &str) -> Result<PathBuf, Failure> {
    let name = world.variables.text(name)?;
    Ok(PathBuf::from(reports(world)?).join(name))
}

fn read(world: &mut World, name: &str) -> Result<String, Failure> {
    let file = file(world, name)?;
    fs::read_to_string(&file).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

/// A file of the last run's reports, or a file with a path in another folder, contains this text.
#[then(expr = "the report {string} contains {string}")]
fn report_contains(world: &mut World, name: String, text: String) -> Outcome {
    let (report, text) = (read(world, &name)?, world.variables.text(&text)?);
    if report.contains(&text) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{name} doesn't contain \"{text}\"; it is:\n{report}"
    )))
}

/// The file doesn't contain this text.
#[then(expr = "the report {string} does not contain {string}")]
fn report_does_not_contain(world: &mut World, name: String, text: String) -> Outcome {
    let (report, text) = (read(world, &name)?, world.variables.text(&text)?);
    if !report.contains(&text) {
        return Ok(());
    }
    Err(Failure::new(format!("{name} contains \"{text}\"")))
}

/// The file has exactly this content.
#[then(expr = "the report {string} is:")]
fn report_is(world: &mut World, step: &Step, name: String) -> Outcome {
    let expected = world.variables.text(&argument::docstring(step)?)?;
    let report = read(world, &name)?;
    if report.trim_end() == expected {
        return Ok(());
    }
    Err(Failure::new(format!("{name} is:\n{report}")))
}

/// The file doesn't exist.
#[then(expr = "there is no report {string}")]
fn no_report(world: &mut World, name: String) -> Outcome {
    let file = file(world, &name)?;
    if file.exists() {
        return Err(Failure::new(format!("there is {}", file.display())));
    }
    Ok(())
}

/// The first attempt in the messages is younger than this file.
#[then(expr = "the first scenario of {string} began after {string} was written")]
fn began_after(world: &mut World, name: String, written: String) -> Outcome {
    let written = fs::metadata(world.variables.text(&written)?).and_then(|file| file.modified());
    let written = written.map_err(|error| Failure::new(error.to_string()))?;
    let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    let messages = messages(world, &name)?;
    let mut began = messages.iter().filter_map(|it| it.get("testCaseStarted"));
    let began = began.next().ok_or("no scenario began")?;
    let number = |unit: &str| began["timestamp"][unit].as_u64().unwrap_or_default();
    let began = Duration::from_secs(number("seconds")) + Duration::from_nanos(number("nanos"));
    if began > written {
        return Ok(());
    }
    Err(Failure::new(format!(
        "it began at {began:?}, before {written:?}"
    )))
}

/// The number of messages of this kind: `pickle`, `testCaseStarted`, …
#[then(expr = "{int} message(s) of {string} is/are a/an {string}")]
fn messages_of_a_kind(world: &mut World, count: usize, name: String, kind: String) -> Outcome {
    let messages = messages(world, &name)?;
    let found = messages.iter().filter(|it| it.get(&kind).is_some()).count();
    if found == count {
        return Ok(());
    }
    Err(Failure::new(format!("{found} messages are a \"{kind}\"")))
}

/// No id is used twice, and every id that is referred to exists.
#[then(expr = "the ids of {string} are consistent")]
fn ids_are_consistent(world: &mut World, name: String) -> Outcome {
    let messages = messages(world, &name)?;
    let mut ids: HashMap<String, usize> = HashMap::new();
    let mut references = HashSet::new();
    for message in &messages {
        collect(message, &mut ids, &mut references);
    }
    let twice = ids.iter().find(|(_, count)| **count > 1);
    if let Some((id, count)) = twice {
        return Err(Failure::new(format!("the id {id} is used {count} times")));
    }
    match references.iter().find(|id| !ids.contains_key(*id)) {
        Some(id) => Err(Failure::new(format!("nothing has the id {id}"))),
        None => Ok(()),
    }
}

fn messages(world: &mut World, name: &str) -> Result<Vec<Value>, Failure> {
    let text = read(world, name)?;
    let message = |line: &str| {
        serde_json::from_str(line).map_err(|error| Failure::new(format!("{error} in: {line}")))
    };
    text.lines().map(message).collect()
}

fn collect(value: &Value, ids: &mut HashMap<String, usize>, references: &mut HashSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids, references)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(id) if name == "id" => *ids.entry(id.clone()).or_default() += 1,
                    Value::String(id) if name.ends_with("Id") && name != "workerId" => {
                        references.insert(id.clone());
                    }
                    Value::Array(several) if name.ends_with("Ids") => references
                        .extend(several.iter().filter_map(Value::as_str).map(str::to_owned)),
                    member => collect(member, ids, references),
                }
            }
        }
        _ => {}
    }
}

/// Runs the suite until a report contains this text, then sends this signal.
#[when(
    expr = "I run the suite with {string} and send {word} once {string} has {string}",
    within = "10m"
)]
async fn run_and_end(
    world: &mut World,
    line: String,
    signal: String,
    name: String,
    text: String,
) -> Outcome {
    let reports = reports(world)?;
    let line = world.variables.text(&line)?;
    let file = file(world, &name)?;
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let output = PathBuf::from(format!("{reports}.output"));
    fs::create_dir_all(&reports).map_err(failed)?;
    let stdout = fs::File::create(&output).map_err(failed)?;
    let arguments = line.split_whitespace();
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .args(arguments)
        .env("BDD_REPORT_DIR", &reports)
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .envs(std::mem::take(&mut world.console.environment))
        .stdin(Stdio::null())
        .stderr(stdout.try_clone().map_err(failed)?)
        .stdout(stdout)
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let begun = Instant::now();
    let mut sent = false;
    let mut exit_code = None;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            exit_code = status.code();
            break;
        }
        let there = || fs::read_to_string(&file).is_ok_and(|report| report.contains(&text));
        if !sent && there() {
            sent = true;
            let status = Command::new("kill")
                .args([format!("-{signal}"), child.id().to_string()])
                .status();
            status.map_err(failed)?;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let printed = fs::read_to_string(&output).unwrap_or_default();
    world.console.last = Some(Run {
        line: line.clone(),
        exit_code,
        output: printed.clone(),
    });
    if sent {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{name} never had \"{text}\"; the suite printed:\n{printed}"
    )))
}

#[given(expr = "the suite waits for {duration}")]
async fn wait(_: &mut World, Span(duration): Span) {
    tokio::time::sleep(duration).await;
}

/// Skips the rest of the scenario.
#[given(expr = "the floor is wet")]
fn floor_is_wet(_: &mut World) -> Outcome {
    Err(Failure::skipped("the floor is wet"))
}

/// A step that isn't written yet.
#[given(expr = "a band is found")]
fn band_is_found(_: &mut World) -> Outcome {
    Err(Failure::pending(""))
}
