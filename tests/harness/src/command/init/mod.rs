//! `bdd init`: writes a first bdd.toml for a project's folder, and a first feature. It overwrites nothing.

mod findings;

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use crate::{command::project::FILE, failure::Misuse, gherkin::all_in_folder, output::say};
use findings::Findings;

/// Where runs write their reports, for .gitignore.
const REPORTS: &str = "/target/bdd/";

/// Writes both files into a folder, and prints what was found and what the user has to check.
pub fn init(folder: &Path) -> Result<(), Misuse> {
    let file = folder.join(FILE);
    if file.exists() {
        return Err(Misuse(format!(
            "{} is there already; nothing was changed",
            file.display()
        )));
    }
    let found = Findings::of(folder);
    write_new(&file, &settings(&found, &name(folder)))?;
    say(format_args!("wrote {FILE}"));
    let features = folder.join("features");
    if all_in_folder(&features).is_ok_and(|files| !files.is_empty()) {
        say("kept features/: it has feature files already");
    } else {
        write_new(&features.join("first.feature"), &feature(&found))?;
        say("wrote features/first.feature");
    }
    if ignore_reports(folder)? {
        say(format_args!("added {REPORTS} to .gitignore"));
    }
    say("\nfound:");
    for finding in found.all() {
        say(format_args!("  {} ({})", finding.what, finding.from));
    }
    say("\ncheck these, and correct bdd.toml if necessary:");
    for line in found.to_check() {
        say(format_args!("  - {line}"));
    }
    say("\nthen: bdd          (bdd --help lists all options, bdd steps all steps)");
    Ok(())
}

fn write_new(file: &Path, text: &str) -> Result<(), Misuse> {
    let failed = |error: io::Error| Misuse(format!("{}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Never replaces an existing file, not even one that is created at this moment.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// Adds the folder of reports to .gitignore if git doesn't ignore it. Without git, or outside a checkout, nothing
/// changes.
fn ignore_reports(folder: &Path) -> Result<bool, Misuse> {
    const NOT_IGNORED: i32 = 1;
    let answer = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["check-ignore", "--quiet", "target/bdd/report"])
        .stderr(Stdio::null())
        .status();
    if !answer.is_ok_and(|status| status.code() == Some(NOT_IGNORED)) {
        return Ok(false);
    }
    let file = folder.join(".gitignore");
    let failed = |error: io::Error| Misuse(format!("{}: {error}", file.display()));
    let text = if file.exists() {
        fs::read_to_string(&file).map_err(failed)?
    } else {
        String::new()
    };
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let mut ignored = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .map_err(failed)?;
    writeln!(ignored, "{end}{REPORTS}").map_err(failed)?;
    Ok(true)
}

/// The folder's name as a valid name for PostgreSQL, with a suffix that no real database has.
fn name(folder: &Path) -> String {
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(40)
        .collect();
    let name = name.trim_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        format!("{name}_bdd_test")
    } else {
        "service_bdd_test".to_owned()
    }
}

fn settings(found: &Findings, name: &str) -> String {
    let database = match &found.image {
        Some(image) => format!("{{ name = \"{name}\", image = \"{image}\" }}"),
        None => format!("\"{name}\""),
    };
    let mut text = format!(
        "# The behaviour suite: `bdd` runs it, `bdd config` explains every key.\n\
         features = \"features\"\n\
         database = {database:38} # the template's name; slots and other runs get a suffix\n"
    );
    match &found.schema {
        Some(schema) => text.push_str(&format!("schema   = {}\n", schema.what)),
        None => text.push_str(
            "# schema = { run = \"…\" }                      # a command that migrates the database of DATABASE_URL,\n\
             #                                             # or { files = \"migrations\" }, or { sql = \"schema.sql\" }\n",
        ),
    }
    let Some(run) = &found.run else {
        text.push_str(
            "\n# Without a service, scenarios only use the database.\n\
             # [service]\n\
             # run    = \"…\"                                # the command that starts it; {port} is a free port\n\
             # ready  = { get = \"/health\", within = \"2m\" }\n",
        );
        return text;
    };
    text.push_str(&format!("\n[service]\nrun    = {}\n", quoted(&run.what)));
    match &found.ready {
        Some(ready) => text.push_str(&format!("ready  = {{ get = {}, within = \"2m\" }}\n", quoted(&ready.what))),
        None => text.push_str("# ready = { get = \"/health\", within = \"2m\" }  # without it: once its port accepts a connection\n"),
    }
    let env: Vec<String> = found
        .env
        .iter()
        .map(|(name, value)| format!("{name} = {}", quoted(value)))
        .collect();
    text.push_str(&format!("env    = {{ {} }}\n", env.join(", ")));
    text.push_str(
        "role   = \"rows\"                              # reads and writes rows; \"owner\" may do everything\n",
    );
    match &found.forget {
        // The service may have it only with a setting for tests, so the user decides.
        Some(forget) => text.push_str(&format!(
            "# forget = {{ post = {} }}         # clears its memory after each scenario; found in {}\n",
            quoted(&forget.what),
            forget.from
        )),
        None => text.push_str("# forget = { post = \"/test/forget\" }         # what clears its memory after each scenario; or \"restart\"\n"),
    }
    if !found.neighbours.is_empty() {
        text.push_str("\n# [neighbours]                                # other services, which the suite plays\n");
    }
    for (name, variable) in &found.neighbours {
        text.push_str(&format!("# {name} = \"{variable}\"\n"));
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn feature(found: &Findings) -> String {
    if found.run.is_none() {
        return "Feature: The first scenario\n\
                \x20 Every scenario has a database of its own, clean and migrated.\n\n\
                \x20 Scenario: The database answers\n\
                \x20   When I query:\n\
                \x20     \"\"\"\n\
                \x20     select 'hello' as greeting\n\
                \x20     \"\"\"\n\
                \x20   Then the query returned the rows:\n\
                \x20     | greeting |\n\
                \x20     | hello    |\n"
            .to_owned();
    }
    // Nobody knows what it answers at another path.
    let (path, answer) = match &found.ready {
        Some(ready) => (ready.what.as_str(), "the response is a success"),
        None => ("/", "the response took less than 30s"),
    };
    format!(
        "Feature: The first scenario\n\
         \x20 Every scenario has the service and a database of its own, clean and migrated.\n\n\
         \x20 Scenario: The service answers\n\
         \x20   When I send GET \"{path}\"\n\
         \x20   Then {answer}\n"
    )
}
