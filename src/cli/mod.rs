//! The command line: one file a subcommand.

mod config;
mod migrate;
mod serve;

use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, Sources};

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

/// Settings that the command line may give; it is stronger than the environment and the file.
#[derive(Debug, Args)]
struct Settings {
    /// A configuration file in TOML (or DLC_CONFIG)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any key of the configuration, such as server.port=8081; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    /// The database's URL: postgres://… or sqlite:…
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests (the default)
    Serve(serve::Serve),
    /// Apply migrations, take them back, or look at them
    Migrate(migrate::Migrate),
    /// Print the effective configuration, secrets masked, with where each value came from
    Config(config::Print),
}

/// Why a command ended badly.
#[derive(Debug)]
enum Failure {
    /// It was used wrongly: exit code 2.
    Usage(String),
    /// It failed: exit code 1.
    Failed(String),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => write!(f, "error: {text}"),
        }
    }
}

/// Runs the command of the line; the exit code is 0 when done, 1 when failed, 2 when used wrongly.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    env: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => {
            // Help and version are printed this way too, and aren't errors; a closed pipe is nobody's fault.
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
            eprintln!("{failure}");
            ExitCode::from(match failure {
                Failure::Failed(_) => 1,
                Failure::Usage(_) => 2,
            })
        }
    }
}

fn dispatch(line: Line, env: BTreeMap<String, String>) -> Result<(), Failure> {
    let Line { settings, command } = line;
    match command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(serve) => serve.run(settings, env),
        Command::Migrate(migrate) => migrate.run(settings, env),
        Command::Config(print) => print.run(settings, env),
    }
}

impl Settings {
    /// Reads the configuration, with flags of a subcommand on top.
    fn load(
        self,
        mut env: BTreeMap<String, String>,
        more: Vec<(String, String)>,
    ) -> Result<Config, Failure> {
        let mut flags = self.set;
        if let Some(url) = self.database {
            // The database that is named is the one that is meant, whatever else the environment says of one.
            let shadowed = |name: &str| {
                name.starts_with("DB_") && !name.contains("SSL")
                    || [
                        "DATABASE_MIGRATION_URL",
                        "DLC_DATABASE_MIGRATION_URL",
                        "DLC_DATABASE_DRIVER",
                    ]
                    .contains(&name)
            };
            env.retain(|name, _| !shadowed(name));
            flags.extend([
                ("database.url".to_owned(), url),
                ("database.driver".to_owned(), "auto".to_owned()),
            ]);
        }
        flags.extend(more);
        Ok(Config::load(&Sources {
            file: self.config,
            env,
            flags,
        })?)
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The runtime of a command.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the runtime can't be started: {error}")))
}
