//! The database that the settings select.

use std::{fmt, path::PathBuf, str::FromStr};

use sqlx::{
    postgres::{PgConnectOptions, PgSslMode},
    sqlite::SqliteConnectOptions,
};

use super::sections::Database;
use super::settings::{Driver, Environment, Setting as _, SslMode};
use super::urls::DatabaseUrl;

/// A database to connect to; shown without its password.
#[derive(Clone)]
pub enum Target {
    Postgres(Box<PgConnectOptions>),
    Sqlite(Box<SqliteConnectOptions>),
}

impl Target {
    pub fn driver(&self) -> Driver {
        match self {
            Self::Postgres(_) => Driver::Postgres,
            Self::Sqlite(_) => Driver::Sqlite,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(options) => {
                let user = options.get_username();
                let host = match options.get_host() {
                    address if address.contains(':') => format!("[{address}]"),
                    host => host.to_owned(),
                };
                let port = options.get_port();
                let name = options.get_database().unwrap_or(user);
                write!(
                    f,
                    "PostgreSQL database postgres://{user}:***@{host}:{port}/{name}"
                )
            }
            Self::Sqlite(options) => {
                write!(f, "SQLite database at {}", options.get_filename().display())
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a URL, without its password; `None` if it is valid.
pub fn url_error(text: &str) -> Option<String> {
    let Some(url) = DatabaseUrl::read(text) else {
        return Some(format!("must be {}", DatabaseUrl::ALLOWED));
    };
    let understood = match url.driver() {
        Driver::Sqlite => SqliteConnectOptions::from_str(url.expose()).map(drop),
        _ => PgConnectOptions::from_str(url.expose()).map(drop),
    };
    let error = understood.err()?;
    Some(format!("{url:?} can't be understood: {error}"))
}

/// The same database, for each use.
pub(super) struct Targets {
    pub(super) target: Target,
    pub(super) migration_target: Target,
    pub(super) read_target: Option<Target>,
}

/// The database of the service, of migrations and of reads, or what is wrong with the settings.
pub(super) fn targets(environment: Environment, database: &Database) -> Result<Targets, String> {
    let driver = driver(environment, database)?;
    let strict = environment.is_strict();
    let target = match (&database.url, driver) {
        (Some(url), _) => from_url("database.url", url, database, strict)?,
        (None, Driver::Sqlite) => sqlite_file(&database.path),
        (None, _) => Target::Postgres(Box::new(server(database, strict))),
    };
    let migration_target = match &database.migration_url {
        None => target.clone(),
        Some(url) if url.driver() != driver => {
            return Err(format!(
                "database.migration_url: {url:?} names another engine than the database's, {driver:?}"
            ));
        }
        Some(url) => from_url("database.migration_url", url, database, strict)?,
    };
    let read_target = match &database.read_url {
        None => None,
        Some(url) if (url.driver(), driver) != (Driver::Postgres, Driver::Postgres) => {
            return Err(format!(
                "database.read_url: {url:?} has no effect: only PostgreSQL has replicas"
            ));
        }
        Some(url) => Some(from_url("database.read_url", url, database, strict)?),
    };
    Ok(Targets {
        target,
        migration_target,
        read_target,
    })
}

/// The driver that is set, or follows from the URL or the host; otherwise SQLite.
fn driver(environment: Environment, database: &Database) -> Result<Driver, String> {
    match (database.driver, &database.url) {
        (Driver::Auto, Some(url)) => Ok(url.driver()),
        (Driver::Auto, None) if database.host.is_some() => Ok(Driver::Postgres),
        (Driver::Auto, None) if environment.is_strict() => Err(format!(
            "database.url: no database is configured, and {} doesn't guess; \
                 set DATABASE_URL, DB_HOST or DB_DRIVER",
            environment.as_str()
        )),
        (Driver::Auto, None) => Ok(Driver::Sqlite),
        (named, Some(url)) if named != url.driver() => Err(format!(
            "database.driver: {:?} and database.url {url:?} disagree",
            named.as_str()
        )),
        (named, _) => Ok(named),
    }
}

fn from_url(
    key: &str,
    url: &DatabaseUrl,
    database: &Database,
    strict: bool,
) -> Result<Target, String> {
    let invalid = |error: sqlx::Error| format!("{key}: {url:?} can't be understood: {error}");
    if url.driver() == Driver::Sqlite {
        let options = SqliteConnectOptions::from_str(url.expose()).map_err(invalid)?;
        Ok(Target::Sqlite(Box::new(options.create_if_missing(true))))
    } else {
        let options = PgConnectOptions::from_str(url.expose()).map_err(invalid)?;
        let has_mode = ["sslmode=", "ssl-mode="]
            .iter()
            .any(|name| url.expose().contains(name));
        Ok(Target::Postgres(Box::new(with_ssl(
            options, database, strict, has_mode,
        ))))
    }
}

fn sqlite_file(path: &PathBuf) -> Target {
    if path.as_os_str() == ":memory:" {
        // Only with this URL do all connections share one database.
        let shared = SqliteConnectOptions::from_str("sqlite::memory:");
        return Target::Sqlite(Box::new(shared.unwrap_or_default()));
    }
    Target::Sqlite(Box::new(
        SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true),
    ))
}

fn server(database: &Database, strict: bool) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host(database.host.as_deref().unwrap_or("localhost"))
        .port(database.port)
        .username(&database.user)
        .database(&database.name);
    let options = match &database.password {
        Some(password) => options.password(password.expose()),
        None => options,
    };
    with_ssl(options, database, strict, false)
}

/// Sets the encryption: from the key, else from the URL, else the default of the environment.
fn with_ssl(
    options: PgConnectOptions,
    database: &Database,
    strict: bool,
    url_has_mode: bool,
) -> PgConnectOptions {
    // The names in certificates have no brackets.
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    let options = options.host(&host);
    let options = match database.sslmode {
        Some(mode) => options.ssl_mode(pg_ssl_mode(mode)),
        None if url_has_mode => options,
        None if strict => options.ssl_mode(PgSslMode::VerifyFull),
        None => options.ssl_mode(PgSslMode::Prefer),
    };
    match &database.sslrootcert {
        Some(path) => options.ssl_root_cert(path),
        None => options,
    }
}

fn pg_ssl_mode(mode: SslMode) -> PgSslMode {
    match mode {
        SslMode::Disable => PgSslMode::Disable,
        // sqlx would connect without TLS only, also to a server that requires it.
        SslMode::Allow | SslMode::Prefer => PgSslMode::Prefer,
        SslMode::Require => PgSslMode::Require,
        SslMode::VerifyCa => PgSslMode::VerifyCa,
        SslMode::VerifyFull => PgSslMode::VerifyFull,
    }
}
