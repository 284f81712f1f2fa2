//! The command line: one file a subcommand.

mod config;
mod copy;
mod logs;
mod migrate;
mod migration_files;
mod openapi;
mod schema;
mod seed;
mod serve;
mod user;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    io::{self, Write},
    num::NonZero,
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, ConfigError, Sources, url_fault};
use crate::store::{self, Store};

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
#[derive(Debug, Clone, Args)]
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
    /// Make accounts
    User(user::User),
    Seed(seed::Seed),
    Copy(copy::Copy),
    /// Print the description of the interface, OpenAPI 3.1 in JSON
    ///
    /// It is what the service answers at /api/openapi.json. Needs no database and no configuration.
    Openapi,
    /// Print tables, columns, indexes and a diagram as Markdown
    ///
    /// Without --database it describes what the migrations make of an empty SQLite database in memory, so that the text
    /// is the same on any machine; with --database the database that is named.
    Schema,
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
        Command::User(user) => user.run(settings, env),
        Command::Seed(seed) => seed.run(settings, env),
        Command::Copy(copy) => copy.run(settings, env),
        Command::Openapi => openapi::run(),
        Command::Schema => schema::run(settings, env),
    }
}

/// The defaults on a database that is empty and gone with the process, whatever this machine is set to.
fn in_memory() -> Result<Config, Failure> {
    let url = ("database.url".to_owned(), "sqlite::memory:".to_owned());
    Ok(Config::load(&Sources {
        flags: vec![url],
        ..Sources::default()
    })?)
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
            if let Some(fault) = url_fault(&url) {
                return Err(Failure::Usage(format!("--database {fault}")));
            }
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

/// The database, migrated and open. Who sits in front of a command wants to hear at once that there is none.
async fn open(mut config: Config) -> Result<Store, Failure> {
    config.database.start_attempts = NonZero::<u32>::MIN;
    config.database.min_conns = 0;
    let opened = store::open(&config).await;
    opened.map_err(|error| Failure::Failed(error.to_string()))
}

/// Prints a long text; who reads it may stop early, as `head` does.
fn print_text(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the text can't be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Ends with the first SIGTERM or SIGINT; heard from the moment of the call.
fn signals() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
