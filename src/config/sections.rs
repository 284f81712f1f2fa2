//! Every key of the configuration, declared once.
//!
//! The typed fields, the defaults, the environment variables, what `config` prints and what `config --reference` prints
//! are generated from this list.

use std::{num::NonZeroU32, num::NonZeroUsize, path::PathBuf, time::Duration};

use super::key::Key;
use super::networks::Networks;
use super::settings::{
    Driver, Environment, LogFormat, OtlpProtocol, Ratio, Sampler, Secret, Setting, SslMode,
    TracesExporter,
};
use super::urls::{CollectorUrl, DatabaseUrl, PublicUrl};
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
                pub(super) fn read(values: &mut Values) -> Self {
                    Self { $($field: values.read($key),)+ }
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
        /// Where the service runs. Staging and production refuse weak settings and never guess the database.
        environment ("environment"): Environment = "development",
    }

    /// The HTTP server.
    Server {
        /// The address to listen on.
        host ("server.host"): String = "127.0.0.1",
        /// The port to listen on. 0 selects a free port, which the log shows.
        port ("server.port"): u16 = "8080" ["PORT"],
        /// The public URL of the service, such as https://coach.example.org, for the dashboard. Without it, the host
        /// comes from each request, and the scheme from X-Forwarded-Proto or Forwarded of a trusted proxy.
        public_url ("server.public_url"): Option<PublicUrl> = "",
        /// Proxies whose X-Forwarded-For, X-Forwarded-Proto and Forwarded headers are trusted.
        trusted_proxies ("server.trusted_proxies"): Networks = "",
        /// The largest request body, in bytes.
        body_limit ("server.body_limit"): NonZeroUsize = "1048576",
        /// The maximum duration of a request; after it, the response is 504.
        request_timeout ("server.request_timeout"): Duration = "30s",
        /// The maximum number of concurrent requests; further requests get 503.
        max_in_flight ("server.max_in_flight"): NonZeroUsize = "1024",
        /// The maximum number of concurrent event streams; further streams get 503.
        max_streams ("server.max_streams"): NonZeroUsize = "256",
        /// How long connections are still accepted after readiness has turned 503, so that load balancers notice.
        shutdown_pause ("server.shutdown_pause"): Duration = "2s",
        /// How long requests in flight may take to finish after the pause.
        shutdown_timeout ("server.shutdown_timeout"): Duration = "10s",
    }

    /// The database.
    Database {
        /// The database engine. auto takes it from the URL or the host; without either it is SQLite.
        driver ("database.driver"): Driver = "auto" ["DLC_DATABASE_TYPE", "DB_DRIVER"],
        /// The database as a URL.
        url ("database.url"): Option<DatabaseUrl> = "" ["DATABASE_URL"],
        /// A URL for migrations only, so that the service itself can use a role that can't change tables.
        migration_url ("database.migration_url"): Option<DatabaseUrl> = "" ["DATABASE_MIGRATION_URL"],
        /// A replica of the database. It answers reads of shop, café and platform while its lag is small.
        read_url ("database.read_url"): Option<DatabaseUrl> = "" ["DATABASE_READ_URL"],
        /// The maximum lag of the replica; if it is further behind, the primary answers.
        max_replica_lag ("database.max_replica_lag"): Duration = "1s",
        /// Whether the database is reached through PgBouncer in transaction mode. Migrations then need a direct
        /// connection: set database.migration_url.
        pgbouncer ("database.pgbouncer"): bool = "false",
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
        /// The maximum number of connections.
        max_conns ("database.max_conns"): NonZeroU32 = "25" ["MAX_OPEN_CONNS", "DLC_DATABASE_MAX_OPEN_CONNS", "DB_MAX_CONNS"],
        /// The number of idle connections that are kept open, at most max_conns.
        min_conns ("database.min_conns"): u32 = "5" ["MAX_IDLE_CONNS", "DLC_DATABASE_MAX_IDLE_CONNS", "DB_MIN_CONNS"],
        /// The age at which a connection is replaced; 0 means never.
        max_conn_lifetime ("database.max_conn_lifetime"): Duration = "1h" ["DLC_DATABASE_CONN_MAX_LIFETIME", "DB_MAX_CONN_LIFETIME"],
        /// How long a connection may be idle; 0 means forever.
        max_conn_idle_time ("database.max_conn_idle_time"): Duration = "30m" ["DB_MAX_CONN_IDLE_TIME"],
        /// How long a request waits for a connection; after it, the response is 503.
        acquire_timeout ("database.acquire_timeout"): Duration = "3s",
        /// The maximum duration of a statement, and of all statements of a transaction together; 0 means no limit.
        statement_timeout ("database.statement_timeout"): Duration = "10s",
        /// How long a statement waits for a lock; 0 means no limit.
        lock_timeout ("database.lock_timeout"): Duration = "5s",
        /// Whether pending migrations are applied at start. If not, the start fails when there are any.
        migrate_on_start ("database.migrate_on_start"): bool = "true",
        /// How often connecting to the database is tried at start.
        start_attempts ("database.start_attempts"): NonZeroU32 = "6",
        /// The wait after the first attempt. Each further wait is twice as long, with a tenth of jitter.
        start_wait ("database.start_wait"): Duration = "1s",
        /// The maximum time to open a connection.
        attempt_timeout ("database.attempt_timeout"): Duration = "5s",
    }

    /// Passwords and tokens.
    Auth {
        /// The key that signs tokens, at least 32 bytes in staging and production. It may be several keys, separated by
        /// commas: the first signs, all verify. Without it, a key is generated and kept in the database.
        signing_key ("auth.signing_key"): Option<Secret> = "",
        /// How long a token is valid.
        token_lifetime ("auth.token_lifetime"): Duration = "1h",
        /// How long a password reset is valid.
        password_reset_lifetime ("auth.password_reset_lifetime"): Duration = "1h",
        /// Memory that argon2id uses per password, in KiB; at least 19456 in staging and production.
        hash_memory_kib ("auth.hash_memory_kib"): NonZeroU32 = "19456",
        /// Passes of argon2id over that memory; at least 2 in staging and production.
        hash_iterations ("auth.hash_iterations"): NonZeroU32 = "2",
        /// The maximum number of passwords that are hashed at the same time; 0 means one per processor.
        hash_concurrency ("auth.hash_concurrency"): usize = "0",
        /// The maximum number of passwords that wait to be hashed; further requests get 503.
        hash_queue ("auth.hash_queue"): usize = "64",
    }

    /// Rate limits.
    Limits {
        /// Attempts per minute to log in or to get a token, per account. 0 means no limit, the default in test.
        attempts_per_account ("limits.attempts_per_account"): usize = "10",
        /// Attempts per minute to log in or to get a token, per address. 0 means no limit, the default in test.
        attempts_per_address ("limits.attempts_per_address"): usize = "100",
    }

    /// Accounts that are created at start if they are missing.
    Bootstrap {
        /// The username of the first admin.
        admin_username ("bootstrap.admin_username"): Option<String> = "" ["BOOTSTRAP_ADMIN_USERNAME"],
        /// The password of the first admin. Without it, a password is generated and written once to a file.
        admin_password ("bootstrap.admin_password"): Option<Secret> = "" ["BOOTSTRAP_ADMIN_PASSWORD"],
        /// The file for the generated password. Only its owner can read it.
        generated_admin_password_file ("bootstrap.generated_admin_password_file"): PathBuf = "bootstrap-admin-password",
        /// The id of the first OAuth client, which has all scopes.
        client_id ("bootstrap.client_id"): Option<String> = "" ["BOOTSTRAP_CLIENT_ID"],
        /// The secret of the first client. Without it, a secret is generated and written once to a file.
        client_secret ("bootstrap.client_secret"): Option<Secret> = "" ["BOOTSTRAP_CLIENT_SECRET"],
        /// The file for the generated secret. Only its owner can read it.
        generated_client_secret_file ("bootstrap.generated_client_secret_file"): PathBuf = "bootstrap-client-secret",
    }

    /// Reports of image updates.
    Webhook {
        /// The Authorization header that Diun sends. Without it, the webhook is off.
        secret ("webhook.secret"): Option<Secret> = "" ["WEBHOOK_SECRET"],
    }

    /// Logging.
    Log {
        /// Which lines are written, as a tracing filter.
        filter ("log.filter"): String = "info" ["RUST_LOG"],
        /// The format of log lines.
        format ("log.format"): LogFormat = "auto",
    }

    /// Traces for an OpenTelemetry collector.
    Telemetry {
        /// The URL of the collector; spans are sent to its path /v1/traces. Without it, there are no traces.
        endpoint ("telemetry.endpoint"): Option<CollectorUrl> = "" ["OTEL_EXPORTER_OTLP_ENDPOINT"],
        /// The complete URL for spans, if it isn't the endpoint and /v1/traces.
        traces_endpoint ("telemetry.traces_endpoint"): Option<CollectorUrl> = "" ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
        /// How spans are sent.
        protocol ("telemetry.protocol"): OtlpProtocol = "http/protobuf" ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"],
        /// Headers for the collector: name=value pairs, separated by commas.
        headers ("telemetry.headers"): Option<Secret> = "" ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"],
        /// A file with the CA certificates to trust for the collector, instead of the public ones.
        certificate ("telemetry.certificate"): Option<PathBuf> = "" ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"],
        /// The name of the service in traces.
        service_name ("telemetry.service_name"): String = "dance-lessons-coach" ["OTEL_SERVICE_NAME"],
        /// More attributes of the service: name=value pairs, separated by commas.
        resource_attributes ("telemetry.resource_attributes"): String = "" ["OTEL_RESOURCE_ATTRIBUTES"],
        /// Which traces are recorded.
        sampler ("telemetry.sampler"): Sampler = "parentbased_always_on" ["OTEL_TRACES_SAMPLER"],
        /// The fraction of traces that the samplers with a ratio record.
        sampler_arg ("telemetry.sampler_arg"): Ratio = "1" ["OTEL_TRACES_SAMPLER_ARG"],
        /// Where traces are sent: to the collector, or nowhere.
        exporter ("telemetry.exporter"): TracesExporter = "otlp" ["OTEL_TRACES_EXPORTER"],
        /// Turns traces off, whatever else is set.
        disabled ("telemetry.disabled"): bool = "false" ["OTEL_SDK_DISABLED"],
    }
}

impl Database {
    /// Whether migrations can't reach the server, because PgBouncer stands before it.
    pub fn lacks_migration_url(&self) -> bool {
        self.pgbouncer && self.migration_url.is_none()
    }
}

impl Auth {
    /// The first key signs, all verify. Empty if the keys are in the database.
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
