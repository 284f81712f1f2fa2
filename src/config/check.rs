//! Checks of the configuration as a whole.

use tracing_subscriber::EnvFilter;

use super::sections::{Auth, Bootstrap, Database, Log};
use super::settings::{Driver, Environment};
use crate::domain::{DEV_CLIENT, rules};

/// The shortest signing key that staging and production accept, in bytes.
const SIGNING_KEY_BYTES: usize = 32;

pub const LACKS_MIGRATION_URL: &str = "database.migration_url is missing: with database.pgbouncer it must name the server itself \
     (DATABASE_MIGRATION_URL), because migrations take locks that belong to a session";

/// Checks what involves several keys, or a value's meaning.
pub(super) fn check(
    environment: Environment,
    database: &Database,
    auth: &Auth,
    bootstrap: &Bootstrap,
    log: &Log,
) -> Vec<String> {
    let mut errors = Vec::new();
    if let Err(error) = EnvFilter::try_new(&log.filter) {
        errors.push(format!(
            "log.filter: {:?} isn't a filter ({error}); allowed are levels such as info, also for a target as in \
             info,sqlx=warn",
            log.filter
        ));
    }
    if database.min_conns > database.max_conns.get() {
        let (min, max) = (database.min_conns, database.max_conns);
        errors.push(format!(
            "database.min_conns: {min} is more than database.max_conns, which is {max}"
        ));
    }
    errors.extend(check_pgbouncer(database));
    if auth.hash_cost().is_err() {
        let kib = auth.hash_memory_kib;
        errors.push(format!(
            "auth.hash_memory_kib: {kib} isn't allowed; allowed is a whole number from 8"
        ));
    }
    if environment.is_strict() {
        errors.extend(check_strict(environment, auth, bootstrap));
    }
    errors.extend(check_first_client(bootstrap));
    match (&bootstrap.admin_username, &bootstrap.admin_password) {
        (None, Some(_)) => {
            errors.push("bootstrap.admin_username is missing: the first admin needs a name".into());
        }
        (username, password) => {
            if let Some(username) = username
                && let Err(message) = rules::username(username)
            {
                errors.push(format!("bootstrap.admin_username: {username:?} {message}"));
            }
            if let Some(Err(message)) = password
                .as_ref()
                .map(|secret| rules::password(secret.expose()))
            {
                errors.push(format!("bootstrap.admin_password: {message}"));
            }
        }
    }
    errors
}

fn check_pgbouncer(database: &Database) -> Option<String> {
    if !database.pgbouncer {
        return None;
    }
    let is_sqlite = database.driver == Driver::Sqlite
        || database
            .url
            .as_ref()
            .is_some_and(|url| url.driver() == Driver::Sqlite);
    if is_sqlite {
        return Some("database.pgbouncer: true has no effect on SQLite".to_owned());
    }
    (database.migrate_on_start && database.lacks_migration_url())
        .then(|| LACKS_MIGRATION_URL.to_owned())
}

fn check_first_client(bootstrap: &Bootstrap) -> Vec<String> {
    let mut errors = Vec::new();
    // RFC 6749 appendix A; a colon would end the name in HTTP Basic.
    let visible = |text: &str| text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if let Some(id) = &bootstrap.client_id
        && (id.len() > 100 || !visible(id) || id.contains(':'))
    {
        errors.push(format!(
            "bootstrap.client_id: {id:?} isn't allowed; allowed are up to 100 ASCII characters without a colon"
        ));
    }
    match (&bootstrap.client_id, &bootstrap.client_secret) {
        (None, Some(_)) => {
            errors.push("bootstrap.client_id is missing: the first client needs an id".into());
        }
        (Some(_), Some(secret)) if !visible(secret.expose()) => {
            errors.push(
                "bootstrap.client_secret: *** isn't allowed; allowed are ASCII characters".into(),
            );
        }
        _ => {}
    }
    errors
}

fn check_strict(environment: Environment, auth: &Auth, bootstrap: &Bootstrap) -> Vec<String> {
    let environment = environment.as_str();
    let mut errors = Vec::new();
    if auth
        .signing_keys()
        .iter()
        .any(|key| key.len() < SIGNING_KEY_BYTES)
    {
        errors.push(format!(
            "auth.signing_key: *** is too short; {environment} needs {SIGNING_KEY_BYTES} bytes"
        ));
    }
    if bootstrap.client_id.as_deref() == Some(DEV_CLIENT) {
        errors.push(format!(
            "bootstrap.client_id: {DEV_CLIENT:?} is for development; {environment} needs another name"
        ));
    }
    if auth.hash_memory_kib.get() < 19_456 {
        errors.push(format!(
            "auth.hash_memory_kib: {} is too weak; {environment} needs 19456",
            auth.hash_memory_kib
        ));
    }
    if auth.hash_iterations.get() < 2 {
        errors.push(format!(
            "auth.hash_iterations: {} is too weak; {environment} needs 2",
            auth.hash_iterations
        ));
    }
    errors
}
