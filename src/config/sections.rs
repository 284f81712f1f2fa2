//! Every key of the configuration, declared once.
//!
//! The typed fields, the defaults, the environment variables, what `config` prints and what `config --reference` prints
//! are generated from this list.

use std::{num::NonZeroU32, num::NonZeroUsize, path::PathBuf, time::Duration};

use super::key::Key;
use super::networks::Networks;
use super::settings::{DatabaseUrl, Driver, Environment, LogFormat, Secret, Setting, SslMode};
use super::values::Values;

macro_rules! sections {
    ($(
        $(#[doc = $about:literal])+
        $name:ident { $(
            $(#[doc = $meaning:literal])+
            $field:ident ($key:literal): $kind:ty = $default:literal $([$($env:literal),+])?,
        )+ }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone)]
            pub struct $name { $($(#[doc = $meaning])+ pub $field: $kind,)+ }

            impl $name {
                /// Reads the section; `None` and errors in `values` if a value isn't allowed.
                pub(super) fn read(values: &mut Values) -> Option<Self> {
                    $(let $field = values.read::<$kind>($key);)+
                    Some(Self { $($field: $field?,)+ })
                }
            }
        )+

        /// All keys, in the order of the reference.
        pub const KEYS: &[Key] = &[$($(Key {
            name: $key,
            default: $default,
            well_known: &[$($($env),+)?],
            allowed: <$kind as Setting>::ALLOWED,
            meaning: concat!($($meaning),+),
            secret: <$kind as Setting>::SECRET,
            quoted: <$kind as Setting>::QUOTED,
            may_be_a_file: <$kind as Setting>::MAY_BE_A_FILE,
            mask: <$kind as Setting>::mask,
        },)+)+];
    };
}

sections! {
    /// Keys without a section.
    General {
        /// Where the service runs; staging and production guess nothing and refuse weak settings.
        environment ("environment"): Environment = "development",
    }

    /// The HTTP server.
    Server {
        /// The address to listen on.
        host ("server.host"): String = "127.0.0.1",
        /// The port to listen on. 0 selects a free port, which the log shows.
        port ("server.port"): u16 = "8080" ["PORT"],
        /// Proxies whose X-Forwarded-For and Forwarded headers are believed.
        trusted_proxies ("server.trusted_proxies"): Networks = "",
        /// The largest request body, in bytes.
        body_limit ("server.body_limit"): NonZeroUsize = "1048576",
        /// The longest time for a request; then the answer is 504.
        request_timeout ("server.request_timeout"): Duration = "30s",
        /// The most requests at the same time; the answer to more is 503.
        max_in_flight ("server.max_in_flight"): NonZeroUsize = "1024",
        /// The time between readiness answering 503 and connections being refused, so that a load balancer notices.
        shutdown_pause ("server.shutdown_pause"): Duration = "2s",
        /// The time for requests in flight to finish after the pause.
        shutdown_timeout ("server.shutdown_timeout"): Duration = "10s",
    }

    /// The database.
    Database {
        /// The database engine. auto follows from the URL or the host, and is SQLite without either.
        driver ("database.driver"): Driver = "auto" ["DLC_DATABASE_TYPE", "DB_DRIVER"],
        /// The database as a URL.
        url ("database.url"): Option<DatabaseUrl> = "" ["DATABASE_URL"],
        /// A URL for migrations only, so that the service itself can use a role without the right to change tables.
        migration_url ("database.migration_url"): Option<DatabaseUrl> = "" ["DATABASE_MIGRATION_URL"],
        /// The PostgreSQL server, if there is no URL; localhost if only the driver is set.
        host ("database.host"): Option<String> = "" ["DB_HOST"],
        /// The server's port.
        port ("database.port"): u16 = "5432" ["DB_PORT"],
        /// The role to log in as.
        user ("database.user"): String = "postgres" ["DB_USER"],
        /// The role's password.
        password ("database.password"): Option<Secret> = "" ["DB_PASSWORD"],
        /// The database's name.
        name ("database.name"): String = "dance_lessons_coach" ["DB_NAME"],
        /// The encryption of the connection. Default: prefer; in staging and production verify-full.
        sslmode ("database.sslmode"): Option<SslMode> = "" ["DLC_DATABASE_SSL_MODE", "DB_SSLMODE"],
        /// A file with trusted root certificates.
        sslrootcert ("database.sslrootcert"): Option<PathBuf> = "" ["DB_SSLROOTCERT"],
        /// SQLite's file, created if missing.
        path ("database.path"): PathBuf = "dance-lessons-coach.db" ["DB_PATH"],
        /// The most connections.
        max_conns ("database.max_conns"): NonZeroU32 = "25" ["MAX_OPEN_CONNS", "DLC_DATABASE_MAX_OPEN_CONNS", "DB_MAX_CONNS"],
        /// The number of idle connections that are kept open, as far as max_conns permits.
        min_conns ("database.min_conns"): u32 = "5" ["MAX_IDLE_CONNS", "DLC_DATABASE_MAX_IDLE_CONNS", "DB_MIN_CONNS"],
        /// The age at which a connection is replaced; 0 means never.
        max_conn_lifetime ("database.max_conn_lifetime"): Duration = "1h" ["DLC_DATABASE_CONN_MAX_LIFETIME", "DB_MAX_CONN_LIFETIME"],
        /// How long a connection may be idle; 0 means forever.
        max_conn_idle_time ("database.max_conn_idle_time"): Duration = "30m" ["DB_MAX_CONN_IDLE_TIME"],
        /// How long a request waits for a connection; then the answer is 503.
        acquire_timeout ("database.acquire_timeout"): Duration = "3s",
        /// The longest time for a statement, and for all statements of a transaction together; 0 means no limit.
        statement_timeout ("database.statement_timeout"): Duration = "10s",
        /// How long a statement waits for a lock; 0 means no limit.
        lock_timeout ("database.lock_timeout"): Duration = "5s",
        /// Whether the start applies pending migrations; otherwise it fails if there are any.
        migrate_on_start ("database.migrate_on_start"): bool = "true",
        /// How many times the start tries to connect to the database.
        start_attempts ("database.start_attempts"): NonZeroU32 = "6",
        /// The wait after the first attempt. Each further wait is twice as long, with a tenth of jitter.
        start_wait ("database.start_wait"): Duration = "1s",
        /// The longest time to open a connection.
        attempt_timeout ("database.attempt_timeout"): Duration = "5s",
    }

    /// Passwords and tokens.
    Auth {
        /// The key that signs tokens, of at least 32 bytes in staging and production. Of several, separated by commas, the
        /// first signs and all verify. Without one, a key is generated and kept in the database.
        signing_key ("auth.signing_key"): Option<Secret> = "",
        /// How long a token is valid.
        token_lifetime ("auth.token_lifetime"): Duration = "1h",
        /// How long a password reset is valid.
        password_reset_lifetime ("auth.password_reset_lifetime"): Duration = "1h",
        /// Memory that argon2id uses per password, in KiB; at least 19456 in staging and production.
        hash_memory_kib ("auth.hash_memory_kib"): NonZeroU32 = "19456",
        /// Passes of argon2id over that memory; at least 2 in staging and production.
        hash_iterations ("auth.hash_iterations"): NonZeroU32 = "2",
        /// The most passwords that are hashed at the same time; 0 means one per processor.
        hash_concurrency ("auth.hash_concurrency"): usize = "0",
        /// The most passwords that wait to be hashed; the answer to more is 503.
        hash_queue ("auth.hash_queue"): usize = "64",
    }

    /// Rate limits.
    Limits {
        /// Attempts per minute to log in or to get a token, per account. 0 means no limit, the default in test.
        attempts_per_account ("limits.attempts_per_account"): usize = "10",
        /// Attempts per minute to log in or to get a token, per address. 0 means no limit, the default in test.
        attempts_per_address ("limits.attempts_per_address"): usize = "100",
    }

    /// What the start creates if it is missing.
    Bootstrap {
        /// The username of the first admin.
        admin_username ("bootstrap.admin_username"): Option<String> = "" ["BOOTSTRAP_ADMIN_USERNAME"],
        /// The password of the first admin.
        admin_password ("bootstrap.admin_password"): Option<Secret> = "" ["BOOTSTRAP_ADMIN_PASSWORD"],
        /// The id of the first OAuth client, which has all scopes.
        client_id ("bootstrap.client_id"): Option<String> = "" ["BOOTSTRAP_CLIENT_ID"],
        /// The secret of the first client. Without one, a secret is generated and written to a file once.
        client_secret ("bootstrap.client_secret"): Option<Secret> = "" ["BOOTSTRAP_CLIENT_SECRET"],
        /// The file for the generated secret, readable by its owner only.
        client_secret_file ("bootstrap.client_secret_file"): PathBuf = "bootstrap-client-secret",
    }

    /// Reports of image updates.
    Webhook {
        /// The Authorization header that Diun sends; without it the webhook is off.
        secret ("webhook.secret"): Option<Secret> = "" ["WEBHOOK_SECRET"],
    }

    /// Logging.
    Log {
        /// Which lines are written, as a filter of tracing.
        filter ("log.filter"): String = "info" ["RUST_LOG"],
        /// The format of log lines.
        format ("log.format"): LogFormat = "auto",
    }
}

impl Auth {
    /// The first one signs, all verify. Empty if the keys are in the database.
    pub fn signing_keys(&self) -> Vec<&str> {
        let keys = self
            .signing_key
            .iter()
            .flat_map(|keys| keys.expose().split(','));
        keys.map(str::trim).filter(|key| !key.is_empty()).collect()
    }

    /// The cost of hashing a password. Loading the configuration refuses values that argon2 does not accept.
    pub fn hash_cost(&self) -> argon2::Result<argon2::Params> {
        argon2::Params::new(
            self.hash_memory_kib.get(),
            self.hash_iterations.get(),
            1,
            None,
        )
    }
}
