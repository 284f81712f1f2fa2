//! Settings that every subcommand accepts.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::dotenv;
use super::failure::Failure;
use super::logs;
use crate::config::{Config, EnvVars, Setting, Sources, url_error};

/// Settings on the command line. They override the environment and the file.
#[derive(Debug, Clone, Args)]
pub(super) struct Settings {
    /// A configuration file in TOML (or DLC_CONFIG)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Any key of the configuration, such as server.port=8081; can be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(super) set: Vec<(String, String)>,
    /// The URL of the database: postgres://… or sqlite:…
    #[arg(long, global = true, value_name = "URL")]
    pub(super) database: Option<String>,
}

/// The default configuration with an SQLite database in memory, whatever the environment says.
pub(super) fn in_memory() -> Result<Config, Failure> {
    let url = ("database.url".to_owned(), "sqlite::memory:".to_owned());
    Ok(Config::load(&Sources {
        flags: vec![url],
        ..Sources::default()
    })?)
}

impl Settings {
    /// Loads the configuration for a command of an operator, and starts its log. Also returns the operator's name, for
    /// the audit.
    pub(super) fn for_operator(self, env: EnvVars) -> Result<(Config, String), Failure> {
        let who = logs::operator(&env);
        let config = self.load(env, Vec::new())?;
        logs::for_command(&config.log)?;
        Ok((config, who))
    }

    /// Loads the configuration with this database as the only one. The file or the environment may have another one for
    /// migrations.
    pub(super) fn load_only(mut self, url: String, env: EnvVars) -> Result<Config, Failure> {
        let own = ("database.migration_url".to_owned(), url.clone());
        self.set.push(own);
        self.database = Some(url);
        self.load(env, Vec::new())
    }

    /// Loads the configuration; flags of a subcommand override everything else.
    pub(super) fn load(self, env: EnvVars, more: Vec<(String, String)>) -> Result<Config, Failure> {
        let mut sources = Sources {
            file: self.config,
            env,
            flags: self.set,
        };
        if sources.is_development() {
            dotenv::add(&mut sources.env)?;
        }
        let Sources {
            file,
            mut env,
            mut flags,
        } = sources;
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
                        "DATABASE_READ_URL",
                        "DLC_DATABASE_READ_URL",
                        "DLC_DATABASE_DRIVER",
                    ]
                    .contains(&name)
            };
            env.retain(|name, _| !overridden(name));
            flags.extend([
                ("database.url".to_owned(), url),
                ("database.driver".to_owned(), "auto".to_owned()),
                ("database.pgbouncer".to_owned(), "false".to_owned()),
            ]);
        }
        flags.extend(more);
        Ok(Config::load(&Sources { file, env, flags })?)
    }
}

/// The value of a flag in the notation of the configuration.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    Duration::read(text).ok_or_else(|| format!("must be {}", Duration::ALLOWED))
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
