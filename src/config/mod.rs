//! The configuration: defaults, then a file, then the environment, then flags.
//!
//! `sections` declares every key once, `settings` and `urls` have the types of their values, `values` merges the
//! sources, `check` checks the result, and `target` selects the database.

mod check;
mod key;
mod networks;
mod reference;
mod sections;
mod settings;
mod target;
#[cfg(test)]
mod tests;
mod urls;
mod values;

use std::{fmt::Write, net::IpAddr};

pub use check::LACKS_MIGRATION_URL;
pub use key::Key;
pub use networks::Networks;
pub use reference::reference;
pub use sections::{Auth, Bootstrap, Database, Limits, Log, Server, Telemetry, Webhook};
pub use settings::{
    Driver, Environment, LogFormat, OtlpProtocol, Ratio, Sampler, Secret, Setting, SslMode,
    TracesExporter,
};
pub use target::{Target, url_error};
pub use urls::{CollectorUrl, DatabaseUrl, PublicUrl};
pub use values::{ConfigError, EnvVars, Origin, Shown, Sources};

use sections::{General, KEYS};
use target::Targets;
use values::Values;

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    pub environment: Environment,
    pub server: Server,
    pub database: Database,
    pub auth: Auth,
    pub limits: Limits,
    pub bootstrap: Bootstrap,
    pub webhook: Webhook,
    pub log: Log,
    pub telemetry: Telemetry,
    /// The database that the settings select.
    pub target: Target,
    /// The same database for migrations, perhaps with another role.
    pub migration_target: Target,
    /// A replica of the database, for reads.
    pub read_target: Option<Target>,
    /// Whether the environment was set explicitly.
    pub environment_is_named: bool,
    /// The value of every key, masked, with its origin.
    pub shown: Vec<Shown>,
}

impl Sources {
    pub fn is_development(&self) -> bool {
        let mut values = Values::merge(KEYS, self);
        let environment: Environment = values.read("environment");
        environment == Environment::Development && !values.has_wrong_values
    }
}

impl Config {
    /// Reads and checks the configuration. The error lists everything that is wrong.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut values = Values::merge(KEYS, sources);
        let General { environment } = General::read(&mut values);
        let server = Server::read(&mut values);
        let mut database = Database::read(&mut values);
        let auth = Auth::read(&mut values);
        let mut limits = Limits::read(&mut values);
        let bootstrap = Bootstrap::read(&mut values);
        let webhook = Webhook::read(&mut values);
        let log = Log::read(&mut values);
        let telemetry = Telemetry::read(&mut values);
        if values.has_wrong_values {
            return Err(ConfigError(values.errors));
        }
        set_effective(environment, &mut database, &mut limits, &mut values);
        let checked = check::check(environment, &database, &auth, &bootstrap, &log);
        values.errors.extend(checked);
        let targets = target::targets(environment, &database);
        match targets {
            Ok(Targets {
                target,
                migration_target,
                read_target,
            }) if values.errors.is_empty() => Ok(Self {
                environment,
                server,
                database,
                auth,
                limits,
                bootstrap,
                webhook,
                log,
                telemetry,
                target,
                migration_target,
                read_target,
                environment_is_named: !values.is_default("environment"),
                shown: values.into_shown(),
            }),
            targets => {
                values.errors.extend(targets.err());
                Err(ConfigError(values.errors))
            }
        }
    }

    /// Whether an empty database gets `dev-client`, whose secret is public: only in development, and only if
    /// development was set explicitly or no other machine can connect.
    pub fn creates_dev_client(&self) -> bool {
        let host = self.server.host.as_str();
        let is_local = host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback());
        self.environment == Environment::Development && (self.environment_is_named || is_local)
    }

    /// The effective configuration as TOML: secrets masked, each line with the origin of its value.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut section = "";
        for Shown {
            key,
            text: value,
            origin,
        } in &self.shown
        {
            let (in_section, name) = key.name.split_once('.').unwrap_or(("", key.name));
            if in_section != section {
                section = in_section;
                let _ = write!(text, "\n[{section}]\n");
            }
            let line = match (value.is_empty(), key.quoted) {
                (true, _) => format!("# {name} ="),
                (false, true) => format!("{name} = {}", toml::Value::String(value.clone())),
                (false, false) => format!("{name} = {value}"),
            };
            let _ = writeln!(text, "{line:<50} # {origin}");
        }
        text
    }
}

/// Sets the values whose defaults depend on other values, and shows what takes effect.
fn set_effective(
    environment: Environment,
    database: &mut Database,
    limits: &mut Limits,
    values: &mut Values,
) {
    // The full name, also if a short one such as `dev` was set.
    values.set_shown("environment", environment.as_str());
    if values.is_default("database.min_conns") {
        database.min_conns = database.min_conns.min(database.max_conns.get());
        values.set_shown("database.min_conns", &database.min_conns.to_string());
    }
    if environment.is_strict() && database.sslmode.is_none() && database.url.is_none() {
        values.set_shown("database.sslmode", SslMode::VerifyFull.as_str());
    }
    if environment == Environment::Test {
        let Limits {
            attempts_per_account: account,
            attempts_per_address: address,
        } = limits;
        for (key, limit) in [
            ("limits.attempts_per_account", account),
            ("limits.attempts_per_address", address),
        ] {
            if values.is_default(key) {
                *limit = 0;
                values.set_shown(key, "0");
            }
        }
    }
}
