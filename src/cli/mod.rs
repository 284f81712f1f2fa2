//! The command line: one file per subcommand.

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
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, ConfigError, Sources, url_error};
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

/// Settings on the command line. They override the environment and the file.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// A configuration file in TOML (or DLC_CONFIG)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any key of the configuration, such as server.port=8081; can be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    /// The URL of the database: postgres://… or sqlite:…
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

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
    Seed(seed::Seed),
    Copy(copy::Copy),
    /// Print the OpenAPI 3.1 description of the API as JSON
    ///
    /// The same text as at /api/openapi.json. Needs no database and no configuration.
    Openapi,
    /// Print tables, columns, indexes and a diagram as Markdown
    ///
    /// Without --database, it describes an empty SQLite database in memory after all migrations, so that the text is the
    /// same on any machine.
    Schema,
}

/// Why a command failed.
#[derive(Debug)]
enum Failure {
    /// Wrong usage: exit code 2.
    Usage(String),
    /// Everything else: exit code 1.
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

/// Runs a command line. Exit codes: 0 done, 1 failed, 2 used wrongly.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    env: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let line = match Line::try_parse_from(line) {
        Ok(line) => line,
        Err(error) => {
            // Help and version are printed this way too. A reader that closed the pipe is no error.
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

/// The default configuration with an SQLite database in memory, whatever the environment says.
fn in_memory() -> Result<Config, Failure> {
    let url = ("database.url".to_owned(), "sqlite::memory:".to_owned());
    Ok(Config::load(&Sources {
        flags: vec![url],
        ..Sources::default()
    })?)
}

impl Settings {
    /// Loads the configuration; flags of a subcommand override everything else.
    fn load(
        self,
        mut env: BTreeMap<String, String>,
        more: Vec<(String, String)>,
    ) -> Result<Config, Failure> {
        let mut flags = self.set;
        if let Some(url) = self.database {
            if let Some(fault) = url_error(&url) {
                return Err(Failure::Usage(format!("--database {fault}")));
            }
            // --database overrides everything that the environment says about databases.
            let overridden = |name: &str| {
                name.starts_with("DB_") && !name.contains("SSL")
                    || [
                        "DATABASE_MIGRATION_URL",
                        "DLC_DATABASE_MIGRATION_URL",
                        "DLC_DATABASE_DRIVER",
                    ]
                    .contains(&name)
            };
            env.retain(|name, _| !overridden(name));
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

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the async runtime can't be started: {error}")))
}

/// Opens the database for a command: migrates it, does not wait for it to come up, and lets statements take their time.
async fn open(mut config: Config) -> Result<Store, Failure> {
    config.database.start_attempts = NonZero::<u32>::MIN;
    config.database.min_conns = 0;
    config.database.statement_timeout = Duration::ZERO;
    let opened = store::open(&config).await;
    opened.map_err(|error| Failure::Failed(error.to_string()))
}

/// Prints a text. A reader may close the pipe early, as `head` does.
fn print_text(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the text can't be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// A future that ends with the first SIGTERM or SIGINT after this call.
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
