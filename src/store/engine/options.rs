//! The store's pools, and the settings of every connection.

use std::{fmt::Write, num::NonZeroU32, time::Duration};

use sqlx::{
    ConnectOptions, Connection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::connections::{Connections, Limits};
use super::connector::within;
use super::pool::Pool;
use crate::config::{self, Target};

/// Creates the pools for reading and for writing. `SQLite` has one writer, so its pool for writing has one connection.
pub(in crate::store) fn pools(target: &Target, settings: &config::Database) -> (Pool, Pool) {
    let limits = Limits::from(settings);
    match target {
        Target::Postgres(options) => {
            let limits = Limits {
                begin: begin(settings, "read write"),
                is_remote: true,
                ..limits
            };
            let pool = Pool::Postgres(Connections::new(postgres(options, settings), &limits));
            (pool.clone(), pool)
        }
        Target::Sqlite(options) if is_in_memory(options) => {
            // Another connection would open another database, and closing this one would delete the database.
            let limits = Limits {
                max: 1,
                min_idle: 0,
                max_lifetime: None,
                idle_timeout: None,
                ..limits
            };
            let options = options.as_ref().clone().foreign_keys(true);
            let pool = Pool::Sqlite(Connections::new(options, &limits));
            (pool.clone(), pool)
        }
        Target::Sqlite(options) => {
            let options = sqlite(options, settings.lock_timeout);
            let reading = Connections::new(options.clone(), &limits);
            let limits = Limits {
                max: 1,
                min_idle: 0,
                ..limits
            };
            let writing = Connections::new(options, &limits);
            (Pool::Sqlite(reading), Pool::Sqlite(writing))
        }
    }
}

/// A pool of one connection.
pub(in crate::store) fn single(target: &Target, settings: &config::Database) -> Pool {
    let settings = config::Database {
        max_conns: NonZeroU32::MIN,
        min_conns: 0,
        ..settings.clone()
    };
    pools(target, &settings).0
}

/// A pool for a replica of PostgreSQL. Its timeouts are shorter, because the primary can answer too.
pub(in crate::store) fn replica(target: &Target, settings: &config::Database) -> Pool {
    let limits = Limits::from(settings);
    match target {
        Target::Postgres(options) => {
            let limits = Limits {
                begin: begin(settings, "read only"),
                is_remote: true,
                acquire_timeout: limits.acquire_timeout.min(REPLICA_TIMEOUT),
                connect_timeout: limits.connect_timeout.min(REPLICA_TIMEOUT),
                ..limits
            };
            Pool::Postgres(Connections::new(postgres(options, settings), &limits))
        }
        // The configuration has no replica of SQLite.
        Target::Sqlite(_) => pools(target, settings).0,
    }
}

/// Opens a connection as the pool does, and closes it again.
pub(in crate::store) async fn can_connect(
    target: &Target,
    settings: &config::Database,
) -> Result<(), sqlx::Error> {
    let limit = settings.attempt_timeout;
    match target {
        Target::Postgres(options) => {
            let options = postgres(options, settings);
            within(limit, options.connect()).await?.close().await
        }
        Target::Sqlite(options) => {
            let options = sqlite(options, settings.lock_timeout);
            within(limit, options.connect()).await?.close().await
        }
    }
}

impl From<&config::Database> for Limits {
    fn from(settings: &config::Database) -> Self {
        let unless_zero = |limit: Duration| Some(limit).filter(|limit| !limit.is_zero());
        Self {
            max: settings.max_conns.get(),
            min_idle: settings.min_conns,
            max_lifetime: unless_zero(settings.max_conn_lifetime),
            idle_timeout: unless_zero(settings.max_conn_idle_time),
            acquire_timeout: settings.acquire_timeout.max(Duration::from_millis(1)),
            connect_timeout: settings.attempt_timeout,
            statement_timeout: settings.statement_timeout,
            // Without `immediate`, a transaction that reads first fails if another transaction writes in between.
            begin: "begin immediate".to_owned(),
            is_pooled: settings.pgbouncer,
            is_remote: false,
        }
    }
}

/// How long a request waits for a connection to a replica.
const REPLICA_TIMEOUT: Duration = Duration::from_secs(1);

/// The name of our connections in the server's views and logs.
const APPLICATION: &str = "dance-lessons-coach";

/// Settings that our statements rely on. A server, a database or a role may have other defaults; the settings of a
/// connection override them.
const PINNED: [(&str, &str); 9] = [
    // Under `repeatable read`, two requests could each remove a row that the other one relies on.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("standard_conforming_strings", "on"),
    // With a limit, searches that use an index would omit rows at random.
    ("gin_fuzzy_search_limit", "0"),
    ("timezone", "UTC"),
    ("datestyle", "ISO"),
    ("intervalstyle", "postgres"),
    ("bytea_output", "hex"),
    (SEARCH_PATH, "\"$user\", public"),
];
const SEARCH_PATH: &str = "search_path";

/// A database to connect to, with the settings that every connection needs.
pub(in crate::store) fn pinned(options: &PgConnectOptions) -> PgConnectOptions {
    let options = options.clone().application_name(APPLICATION);
    // A path of schemas in the URL is meant by the operator.
    let is_given = |name| {
        name == SEARCH_PATH
            && options
                .get_options()
                .is_some_and(|given| given.contains(name))
    };
    let pinned = PINNED.into_iter().filter(|(name, _)| !is_given(*name));
    options.clone().options(pinned)
}

fn limits(settings: &config::Database) -> [(&'static str, String); 3] {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    [
        (
            "statement_timeout",
            milliseconds(settings.statement_timeout),
        ),
        ("lock_timeout", milliseconds(settings.lock_timeout)),
        // The last resort against a transaction that is never ended.
        ("idle_in_transaction_session_timeout", "60000".to_owned()),
    ]
}

/// PgBouncer keeps no session state, and refuses startup settings that it does not know.
fn postgres(options: &PgConnectOptions, settings: &config::Database) -> PgConnectOptions {
    if settings.pgbouncer {
        let options = options.clone().application_name(APPLICATION);
        return options.extra_float_digits(None).statement_cache_capacity(0);
    }
    pinned(options).options(limits(settings))
}

/// The statements that begin a transaction. With PgBouncer they include the settings that a direct connection has, only
/// for this transaction: the next one on the same server connection may be another client's.
fn begin(settings: &config::Database, mode: &str) -> String {
    let mut statements = "begin isolation level read committed".to_owned();
    if settings.pgbouncer {
        let _ = write!(statements, ", {mode}");
        // The statement above sets the level and the mode.
        let pinned = PINNED
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()));
        let pinned = pinned.filter(|(name, _)| !name.starts_with("default_transaction_"));
        for (name, value) in pinned.chain(limits(settings)) {
            // A list of schemas in quotes would be one name.
            let quote = if name == SEARCH_PATH { "" } else { "'" };
            let _ = write!(statements, "; set local {name} = {quote}{value}{quote}");
        }
    }
    statements
}

fn is_in_memory(options: &SqliteConnectOptions) -> bool {
    let name = options.get_filename().to_string_lossy();
    name.contains(":memory:")
        || name.contains("mode=memory")
        || name.starts_with("file:sqlx-in-memory")
}

fn sqlite(options: &SqliteConnectOptions, busy_timeout: Duration) -> SqliteConnectOptions {
    options
        .clone()
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // With a write-ahead log, a power cut can lose the last transactions, but never damages the file.
        .synchronous(SqliteSynchronous::Normal)
        // Negative: in KiB. With the default of 2 MiB, a list of some thousand rows reads its pages repeatedly.
        .pragma("cache_size", "-8192")
        .busy_timeout(busy_timeout)
}
