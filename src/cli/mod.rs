//! The command line: one file per subcommand.

mod backup;
mod client;
mod config;
mod copy;
mod dotenv;
mod failure;
mod import;
mod keys;
mod logs;
mod migrate;
mod migration_files;
mod openapi;
mod purge;
mod runtime;
mod schema;
mod seed;
mod serve;
mod settings;
mod user;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use failure::Failure;
use settings::Settings;

use crate::config::EnvVars;

/// The back office of a dance school, on PostgreSQL or SQLite.
#[derive(Debug, Parser)]
#[command(name = "dance-lessons-coach", version, after_help = EXIT_CODES)]
struct Line {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str =
    "Without a command it serves. Exit codes: 0 done, 1 failed, 2 used wrongly.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests (the default)
    Serve(serve::Serve),
    /// Apply, revert or list migrations
    Migrate(migrate::Migrate),
    /// Print the effective configuration with the origin of each value, secrets masked
    Config(config::Print),
    /// Create accounts
    User(user::User),
    /// Create, list or delete OAuth clients
    Client(client::Client),
    /// List, rotate or remove the keys that sign tokens
    Keys(keys::Keys),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Purge(purge::Purge),
    Seed(seed::Seed),
    Copy(copy::Copy),
    /// Import the data of programs that this service replaces
    ///
    /// All or nothing, with a line for each row.
    Import(import::Import),
    /// Print the OpenAPI 3.1 description of the API as JSON
    ///
    /// The same text as at /api/openapi.json. Needs no database and no configuration.
    Openapi,
    /// Print tables, columns, indexes and a diagram as Markdown
    ///
    /// Without --database, it describes an empty SQLite database in memory after all migrations, so that the text is
    /// the same on any machine.
    Schema,
}

/// Runs a command line. Exit codes: 0 done, 1 failed, 2 used wrongly.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    env: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => {
            // Help and version are printed this way too. A closed pipe is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let env = env
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    match dispatch(line, env.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(match failure {
                Failure::Usage(_) => 2,
                _ => 1,
            })
        }
    }
}

fn dispatch(line: Line, env: EnvVars) -> Result<(), Failure> {
    let Line { settings, command } = line;
    match command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(serve) => serve.run(settings, env),
        Command::Migrate(migrate) => migrate.run(settings, env),
        Command::Config(print) => print.run(settings, env),
        Command::User(user) => user.run(settings, env),
        Command::Client(client) => client.run(settings, env),
        Command::Keys(keys) => keys.run(settings, env),
        Command::Purge(purge) => purge.run(settings, env),
        Command::Backup(backup) => backup.run(settings, env),
        Command::Restore(restore) => restore.run(settings, env),
        Command::Seed(seed) => seed.run(settings, env),
        Command::Copy(copy) => copy.run(settings, env),
        Command::Import(import) => import.run(settings, env),
        Command::Openapi => openapi::run(),
        Command::Schema => schema::run(settings, env),
    }
}
