//! The store's pools, and the settings of every connection.

use std::time::Duration;

use sqlx::{
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::connections::{Connections, Limits};
use super::pool::Pool;
use crate::config::{self, Target};

/// Makes the pools for reading and for writing. `SQLite` has one writer, so its pool for writing has one connection.
pub(in crate::store) fn pools(target: &Target, settings: &config::Database) -> (Pool, Pool) {
    let limits = Limits::from(settings);
    match target {
        Target::Postgres(options) => {
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
        }
    }
}

/// Settings that statements and rules rely on. A server, a database or a role may have other defaults, and a connection's
/// own settings come before all of them. A connection pooler may drop them; transactions name their level themselves.
const PINNED: [(&str, &str); 5] = [
    // With an older snapshot, two requests could each remove what the other one relies on.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("standard_conforming_strings", "on"),
    // With a limit, searches that use an index would leave out rows at random.
    ("gin_fuzzy_search_limit", "0"),
    ("timezone", "UTC"),
];

/// A database to connect to, with the settings that every connection needs.
pub(in crate::store) fn pinned(options: &PgConnectOptions) -> PgConnectOptions {
    let options = options.clone().application_name("dance-lessons-coach");
    options.options(PINNED)
}

fn postgres(options: &PgConnectOptions, settings: &config::Database) -> PgConnectOptions {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    pinned(options).options([
        (
            "statement_timeout",
            milliseconds(settings.statement_timeout),
        ),
        ("lock_timeout", milliseconds(settings.lock_timeout)),
        // The last resort against a transaction that nobody ends.
        ("idle_in_transaction_session_timeout", "60000".to_owned()),
    ])
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
        // With a write-ahead log, a power cut can only lose the last transactions, and never damages the file.
        .synchronous(SqliteSynchronous::Normal)
        // KiB, if negative. With the default of 2 MiB, a list of some thousand rows reads its pages again and again.
        .pragma("cache_size", "-8192")
        .busy_timeout(busy_timeout)
}
