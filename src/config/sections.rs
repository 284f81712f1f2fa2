//! Every key of the configuration, declared once.
//!
//! From this list come the typed fields, the defaults, the names in the environment, what `config` prints and the
//! reference that `config --reference` writes.

use std::{num::NonZeroU32, num::NonZeroUsize, path::PathBuf, time::Duration};

use super::key::Key;
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
                /// Reads the section; wrong values are noted in `values` and answered with `None`.
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
            mask: <$kind as Setting>::mask,
        },)+)+];
    };
}

sections! {
    /// What belongs to no section.
    General {
        /// Where the service runs; staging and production guess nothing and refuse weak settings.
        environment ("environment"): Environment = "development",
    }

    /// The HTTP side.
    Server {
        /// The address to listen on.
        host ("server.host"): String = "127.0.0.1",
        /// The port to listen on; 0 takes any free one, and the log says which.
        port ("server.port"): u16 = "8080" ["PORT"],
        /// The largest request body, in bytes.
        body_limit ("server.body_limit"): NonZeroUsize = "1048576",
        /// How long a request may take before it is answered 504.
        request_timeout ("server.request_timeout"): Duration = "30s",
        /// How many requests are worked on at once; more are answered 503.
        max_in_flight ("server.max_in_flight"): NonZeroUsize = "1024",
        /// How long readiness says 503 before connections are refused, so that a load balancer notices.
        shutdown_pause ("server.shutdown_pause"): Duration = "2s",
        /// How long requests in flight may still take after the pause.
        shutdown_timeout ("server.shutdown_timeout"): Duration = "10s",
    }

    /// The database.
    Database {
        /// Which database: auto takes what the URL or the host says, and SQLite without either.
        driver ("database.driver"): Driver = "auto" ["DB_DRIVER"],
        /// The database as a URL.
        url ("database.url"): Option<DatabaseUrl> = "" ["DATABASE_URL"],
        /// A URL used for migrations only, so that the service itself can run as a role that reads and writes rows.
        migration_url ("database.migration_url"): Option<DatabaseUrl> = "" ["DATABASE_MIGRATION_URL"],
        /// The PostgreSQL server, when there is no URL; localhost if the driver alone is given.
        host ("database.host"): Option<String> = "" ["DB_HOST"],
        /// The server's port.
        port ("database.port"): u16 = "5432" ["DB_PORT"],
        /// The role to log in as.
        user ("database.user"): String = "postgres" ["DB_USER"],
        /// The role's password.
        password ("database.password"): Option<Secret> = "" ["DB_PASSWORD"],
        /// The database's name.
        name ("database.name"): String = "dance_lessons_coach" ["DB_NAME"],
        /// How the connection is protected; without a value prefer, and verify-full in staging and production.
        sslmode ("database.sslmode"): Option<SslMode> = "" ["DB_SSLMODE"],
        /// A file with the certificates to trust.
        sslrootcert ("database.sslrootcert"): Option<PathBuf> = "" ["DB_SSLROOTCERT"],
        /// SQLite's file, created when missing.
        path ("database.path"): PathBuf = "dance-lessons-coach.db" ["DB_PATH"],
        /// The most connections at once.
        max_conns ("database.max_conns"): NonZeroU32 = "25" ["DB_MAX_CONNS"],
        /// Connections kept open when nothing is to do.
        min_conns ("database.min_conns"): u32 = "5" ["DB_MIN_CONNS"],
        /// The age at which a connection is replaced.
        max_conn_lifetime ("database.max_conn_lifetime"): Duration = "1h" ["DB_MAX_CONN_LIFETIME"],
        /// How long a connection beyond the minimum may be idle.
        max_conn_idle_time ("database.max_conn_idle_time"): Duration = "30m" ["DB_MAX_CONN_IDLE_TIME"],
        /// How long a request waits for a connection before it is answered 503.
        acquire_timeout ("database.acquire_timeout"): Duration = "3s",
        /// How long one statement may take; 0 means no limit.
        statement_timeout ("database.statement_timeout"): Duration = "10s",
        /// How long one statement waits for a lock; 0 means no limit.
        lock_timeout ("database.lock_timeout"): Duration = "5s",
        /// Whether pending migrations are applied at the start; without it they stop the start.
        migrate_on_start ("database.migrate_on_start"): bool = "true",
        /// How often the database is tried at the start.
        start_attempts ("database.start_attempts"): NonZeroU32 = "6",
        /// The wait after the first attempt; each further wait is twice as long, give or take a tenth.
        start_wait ("database.start_wait"): Duration = "1s",
        /// How long one attempt may take.
        attempt_timeout ("database.attempt_timeout"): Duration = "5s",
    }

    /// Passwords and tokens.
    Auth {
        /// The key that signs tokens: at least 32 bytes in staging and production, made at the start elsewhere.
        signing_key ("auth.signing_key"): Option<Secret> = "",
        /// How long a log-in is good for.
        token_lifetime ("auth.token_lifetime"): Duration = "1h",
        /// How long a password reset may be used.
        password_reset_lifetime ("auth.password_reset_lifetime"): Duration = "1h",
        /// argon2id's memory for one password, in KiB; at least 19456 in staging and production.
        hash_memory_kib ("auth.hash_memory_kib"): NonZeroU32 = "19456",
        /// argon2id's passes over that memory; at least 2 in staging and production.
        hash_iterations ("auth.hash_iterations"): NonZeroU32 = "2",
        /// How many passwords are hashed at once; 0 means one a processor.
        hash_concurrency ("auth.hash_concurrency"): usize = "0",
        /// How many may wait for their turn; more are answered 503.
        hash_queue ("auth.hash_queue"): usize = "64",
    }

    /// How often somebody may try.
    Limits {
        /// Log-ins and tokens a minute for one account; 0 means no limit, which is what test has unless it says more.
        attempts_per_account ("limits.attempts_per_account"): usize = "10",
        /// Log-ins and tokens a minute from one address; 0 means no limit, which is what test has unless it says more.
        attempts_per_address ("limits.attempts_per_address"): usize = "100",
    }

    /// What is created at the start when it is missing.
    Bootstrap {
        /// The first admin's name.
        admin_username ("bootstrap.admin_username"): Option<String> = "" ["BOOTSTRAP_ADMIN_USERNAME"],
        /// The first admin's password.
        admin_password ("bootstrap.admin_password"): Option<Secret> = "" ["BOOTSTRAP_ADMIN_PASSWORD"],
        /// The first OAuth client, with all scopes.
        client_id ("bootstrap.client_id"): Option<String> = "" ["BOOTSTRAP_CLIENT_ID"],
        /// The first client's secret; without one it is made, and written to a file once.
        client_secret ("bootstrap.client_secret"): Option<Secret> = "" ["BOOTSTRAP_CLIENT_SECRET"],
        /// The file for a secret that was made, readable by its owner only.
        client_secret_file ("bootstrap.client_secret_file"): PathBuf = "bootstrap-client-secret",
    }

    /// Reports of image updates.
    Webhook {
        /// What Diun's webhook sends in its Authorization header; without it the webhook is off.
        secret ("webhook.secret"): Option<Secret> = "" ["WEBHOOK_SECRET"],
    }

    /// Log lines.
    Log {
        /// Which lines are written, as tracing filters say it.
        filter ("log.filter"): String = "info" ["RUST_LOG"],
        /// How they look.
        format ("log.format"): LogFormat = "auto",
    }
}

impl Auth {
    /// The cost of hashing a password; [`super::Config::load`] refuses values that argon2 doesn't accept.
    pub fn hash_cost(&self) -> argon2::Result<argon2::Params> {
        argon2::Params::new(
            self.hash_memory_kib.get(),
            self.hash_iterations.get(),
            1,
            None,
        )
    }
}
