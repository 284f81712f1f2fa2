//! The configuration: defaults, then a file, then the environment, then flags.
//!
//! `sections` declares every key once; `values` lays the sources over each other; `settings` knows the types.

mod key;
mod sections;
mod settings;
mod target;
mod values;

use std::fmt::Write;

pub use key::Key;
pub use sections::{Auth, Bootstrap, Database, KEYS, Limits, Log, Server, Webhook};
pub use settings::{DatabaseUrl, Driver, Environment, LogFormat, Secret, SslMode};
pub use target::{Target, url_fault};
pub use values::{ConfigError, Origin, Shown, Sources};

use tracing_subscriber::EnvFilter;

use crate::domain::{DEV_CLIENT, rules};
use sections::General;
use values::Values;

/// The shortest signing key that staging and production accept, in bytes.
const SIGNING_KEY_BYTES: usize = 32;

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the service runs.
    pub environment: Environment,
    /// The HTTP side.
    pub server: Server,
    /// The database's settings.
    pub database: Database,
    /// Passwords and tokens.
    pub auth: Auth,
    /// How often somebody may try.
    pub limits: Limits,
    /// What is created at the start.
    pub bootstrap: Bootstrap,
    /// Reports of image updates.
    pub webhook: Webhook,
    /// Log lines.
    pub log: Log,
    /// The database that the settings come to.
    pub target: Target,
    /// The database as migrations see it: another role of the same database, or the same.
    pub migration_target: Target,
    /// Every key's value with where it came from, masked.
    pub shown: Vec<Shown>,
}

impl Config {
    /// Reads and checks everything; the error lists all faults at once.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut values = Values::gather(KEYS, sources);
        let general = General::read(&mut values);
        let server = Server::read(&mut values);
        let database = Database::read(&mut values);
        let auth = Auth::read(&mut values);
        let limits = Limits::read(&mut values);
        let bootstrap = Bootstrap::read(&mut values);
        let webhook = Webhook::read(&mut values);
        let log = Log::read(&mut values);
        let (
            Some(General { environment }),
            Some(server),
            Some(database),
            Some(auth),
            Some(mut limits),
            Some(bootstrap),
            Some(webhook),
            Some(log),
        ) = (
            general, server, database, auth, limits, bootstrap, webhook, log,
        )
        else {
            return Err(ConfigError(values.faults));
        };
        let mut database = database;
        if *values.origin("database.min_conns") == Origin::Default {
            database.min_conns = database.min_conns.min(database.max_conns.get());
            values.settle("database.min_conns", database.min_conns.to_string());
        }
        if environment.is_strict() && database.sslmode.is_none() && database.url.is_none() {
            values.settle("database.sslmode", SslMode::VerifyFull.as_str().to_owned());
        }
        if environment == Environment::Test {
            let Limits {
                attempts_per_account,
                attempts_per_address,
            } = &mut limits;
            unlimited(
                &mut values,
                "limits.attempts_per_account",
                attempts_per_account,
            );
            unlimited(
                &mut values,
                "limits.attempts_per_address",
                attempts_per_address,
            );
        }
        let targets = target::targets(environment, &database);
        values
            .faults
            .extend(check(environment, &database, &auth, &bootstrap));
        if let Err(error) = EnvFilter::try_new(&log.filter) {
            values.faults.push(format!(
                "log.filter: {:?} isn't a filter ({error}); allowed are levels such as info, also for a target as in \
                 info,sqlx=warn",
                log.filter
            ));
        }
        match targets {
            Ok((target, migration_target)) if values.faults.is_empty() => Ok(Self {
                environment,
                server,
                database,
                auth,
                limits,
                bootstrap,
                webhook,
                log,
                target,
                migration_target,
                shown: named_in_full(values.into_shown(), environment),
            }),
            Ok(_) => Err(ConfigError(values.faults)),
            Err(fault) => {
                values.faults.push(fault);
                Err(ConfigError(values.faults))
            }
        }
    }

    /// The effective configuration as TOML, secrets masked, each line with where its value came from.
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

/// Lifts a limit that nobody has set.
fn unlimited(values: &mut Values, key: &'static str, limit: &mut usize) {
    if *values.origin(key) == Origin::Default {
        *limit = 0;
        values.settle(key, "0".into());
    }
}

/// `dev` and `prod` are said in full, so that nobody has to know what they stand for.
fn named_in_full(mut shown: Vec<Shown>, environment: Environment) -> Vec<Shown> {
    for line in &mut shown {
        if line.key.name == "environment" {
            environment.as_str().clone_into(&mut line.text);
        }
    }
    shown
}

/// What no single key can tell.
fn check(
    environment: Environment,
    database: &Database,
    auth: &Auth,
    bootstrap: &Bootstrap,
) -> Vec<String> {
    let mut faults = Vec::new();
    if database.min_conns > database.max_conns.get() {
        let (min, max) = (database.min_conns, database.max_conns);
        faults.push(format!(
            "database.min_conns: {min} is more than database.max_conns, which is {max}"
        ));
    }
    if auth.hash_cost().is_err() {
        let kib = auth.hash_memory_kib;
        faults.push(format!(
            "auth.hash_memory_kib: {kib} isn't allowed; allowed is a whole number from 8"
        ));
    }
    if environment.is_strict() {
        faults.extend(check_strict(environment, auth, bootstrap));
    }
    faults.extend(check_first_client(bootstrap));
    match (&bootstrap.admin_username, &bootstrap.admin_password) {
        (None, None) => {}
        (Some(username), Some(password)) => {
            if let Err(message) = rules::username(username) {
                faults.push(format!("bootstrap.admin_username: {username:?} {message}"));
            }
            if let Err(message) = rules::password(password.expose()) {
                faults.push(format!("bootstrap.admin_password: {message}"));
            }
        }
        (Some(_), None) => {
            faults.push("bootstrap.admin_password is missing: the first admin needs both".into());
        }
        (None, Some(_)) => {
            faults.push("bootstrap.admin_username is missing: the first admin needs both".into());
        }
    }
    faults
}

fn check_first_client(bootstrap: &Bootstrap) -> Vec<String> {
    let mut faults = Vec::new();
    // RFC 6749 appendix A; a colon would end the name in HTTP Basic.
    let visible = |text: &str| text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if let Some(id) = &bootstrap.client_id
        && (id.len() > 100 || !visible(id) || id.contains(':'))
    {
        faults.push(format!(
            "bootstrap.client_id: {id:?} isn't allowed; allowed are up to 100 ASCII characters without a colon"
        ));
    }
    match (&bootstrap.client_id, &bootstrap.client_secret) {
        (None, Some(_)) => {
            faults.push("bootstrap.client_id is missing: the first client needs a name".into());
        }
        (Some(_), Some(secret)) if !visible(secret.expose()) => {
            faults.push(
                "bootstrap.client_secret: *** isn't allowed; allowed are ASCII characters".into(),
            );
        }
        _ => {}
    }
    faults
}

fn check_strict(environment: Environment, auth: &Auth, bootstrap: &Bootstrap) -> Vec<String> {
    let place = environment.as_str();
    let mut faults = Vec::new();
    match &auth.signing_key {
        None => faults.push(format!(
            "auth.signing_key: {place} needs one of at least {SIGNING_KEY_BYTES} bytes"
        )),
        Some(key) if key.expose().len() < SIGNING_KEY_BYTES => {
            faults.push(format!(
                "auth.signing_key: *** is too short; {place} needs {SIGNING_KEY_BYTES} bytes"
            ));
        }
        Some(_) => {}
    }
    if bootstrap.client_id.as_deref() == Some(DEV_CLIENT) {
        faults.push(format!(
            "bootstrap.client_id: {DEV_CLIENT:?} is for development; {place} needs another name"
        ));
    }
    if auth.hash_memory_kib.get() < 19_456 {
        faults.push(format!(
            "auth.hash_memory_kib: {} is too weak; {place} needs 19456",
            auth.hash_memory_kib
        ));
    }
    if auth.hash_iterations.get() < 2 {
        faults.push(format!(
            "auth.hash_iterations: {} is too weak; {place} needs 2",
            auth.hash_iterations
        ));
    }
    faults
}

/// The reference of all keys as a Markdown table.
pub fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Defaults, then a TOML file (`--config` or `DLC_CONFIG`), then the environment, then flags; the last one wins. \
         An unknown key stops the start.\n\n\
         | key | environment | default | allowed | meaning |\n|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let own = key.env();
        let names = [own.as_str()]
            .iter()
            .chain(key.well_known)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>();
        let default = if key.default.is_empty() {
            "none".into()
        } else {
            format!("`{}`", key.default)
        };
        let secret = if key.secret { " Secret." } else { "" };
        let (name, names, allowed, meaning) =
            (key.name, names.join(", "), key.allowed, key.meaning.trim());
        let _ = writeln!(
            text,
            "| `{name}` | {names} | {default} | {allowed} | {meaning}{secret} |"
        );
    }
    text
}

#[cfg(test)]
mod tests;
