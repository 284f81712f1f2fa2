//! Opens the database at start: tries to connect several times, and migrates.

use std::time::Duration;

use tracing::{info, warn};

use super::engine::can_connect;
use super::migrate::{Access, MigrationError, Migrations};
use super::{Store, StoreError};
use crate::config::{Config, Target};

/// Why the database can't be used. The message says what to check.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No attempt to connect succeeded.
    #[error(
        "{target} can't be reached after {attempts} attempts: {reason}; {}",
        what_to_check(target)
    )]
    Unreachable {
        target: Box<Target>,
        attempts: u32,
        /// The error of the last attempt.
        reason: StoreError,
    },
    /// Migrations are pending, and the settings forbid applying them at the start.
    #[error(
        "migrations are pending ({}) and database.migrate_on_start is false; run `migrate up`",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    Pending(Vec<i64>),
    /// The migrations went to another database than the service's own.
    #[error(
        "{0} doesn't have the tables that were migrated; check that DATABASE_MIGRATION_URL names the same database as the \
         service's own settings"
    )]
    OtherDatabase(String),
    #[error("the database can't be migrated: {0}")]
    Migration(#[from] MigrationError),
}

impl Store {
    /// The migrations that the database of the service's own settings lacks. None if the role may not read the record,
    /// because then there is a record.
    async fn pending(&self) -> Result<Vec<i64>, MigrationError> {
        let versions = "select version from _sqlx_migrations where success";
        let applied: Result<Vec<i64>, StoreError> =
            on_db!(self.read, db => sqlx::query_scalar(versions).fetch_all(db));
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) if error.is_denied() => return Ok(Vec::new()),
            Err(error) if error.is_unknown_table() => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let all = Migrations::versions(self.is_postgres());
        Ok(all.filter(|version| !applied.contains(version)).collect())
    }

    /// Waits for the database, applies pending migrations and opens it.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        info!("Using {}", config.target);
        let Some(mut migrations) = connect_with_retries(config).await? else {
            return open_store(config).await;
        };
        let migrated = migrate(&mut migrations, config.database.migrate_on_start).await;
        // A database in memory exists only while it has a connection, so the store connects before this one is closed.
        let opened = match migrated {
            Ok(()) => open_store(config).await,
            Err(error) => Err(error),
        };
        migrations.close().await;
        opened
    }
}

/// A store with one open connection; others are opened in the background.
async fn open_store(config: &Config) -> Result<Store, StartError> {
    let store = Store::new(&config.target, &config.database);
    let store = match &config.read_target {
        Some(replica) => store.with_replica(replica, &config.target, &config.database),
        None => store,
    };
    let unreachable = |reason| StartError::Unreachable {
        target: Box::new(config.target.clone()),
        attempts: 1,
        reason,
    };
    store.ping().await.map_err(unreachable)?;
    let has_other_url = config.database.migration_url.is_some();
    if !has_other_url && !config.database.pgbouncer {
        return Ok(store);
    }
    let pending = store.pending().await?;
    if pending.is_empty() {
        return Ok(store);
    }
    store.close().await;
    Err(if has_other_url {
        StartError::OtherDatabase(config.target.to_string())
    } else {
        StartError::Pending(pending)
    })
}

async fn migrate(migrations: &mut Migrations, allowed: bool) -> Result<(), StartError> {
    if allowed {
        for step in migrations.up(None).await? {
            info!("applied migration {} {}", step.version, step.name);
        }
        return Ok(());
    }
    let pending = migrations.to_apply(None).await?;
    if pending.is_empty() {
        return Ok(());
    }
    let versions = pending.iter().map(|step| step.version);
    Err(StartError::Pending(versions.collect()))
}

/// Tries to connect until an attempt succeeds or none is left. Each wait is twice as long as the previous one.
async fn connect_with_retries(config: &Config) -> Result<Option<Migrations>, StartError> {
    let settings = &config.database;
    let attempts = settings.start_attempts.get();
    let mut wait = settings.start_wait;
    for attempt in 1.. {
        let reason = match try_once(config).await {
            Ok(migrations) => return Ok(migrations),
            Err(reason) => reason,
        };
        if attempt >= attempts {
            return Err(StartError::Unreachable {
                target: Box::new(config.migration_target.clone()),
                attempts,
                reason,
            });
        }
        let pause = jittered(wait);
        warn!(
            "attempt {attempt} of {attempts} to connect to the database failed: {reason}; next attempt in {pause:.1?}"
        );
        tokio::time::sleep(pause).await;
        wait = wait.saturating_mul(2);
    }
    unreachable!("the loop ends with the last attempt")
}

/// One attempt: the service's own role must be able to connect, and the role for migrations too. `None` if there is only
/// PgBouncer, and nothing may be migrated.
async fn try_once(config: &Config) -> Result<Option<Migrations>, StoreError> {
    let settings = &config.database;
    if settings.migration_url.is_some() || settings.pgbouncer {
        can_connect(&config.target, settings).await?;
    }
    if settings.lacks_migration_url() {
        return Ok(None);
    }
    let timeout = settings.attempt_timeout;
    let connected = Migrations::connect(&config.migration_target, timeout, Access::Create).await?;
    Ok(Some(connected))
}

fn what_to_check(target: &Target) -> &'static str {
    match target {
        Target::Postgres(_) => {
            "check that it runs, and the host, port, role and password in DATABASE_URL or DB_HOST, DB_PORT, DB_USER, \
             DB_PASSWORD and DB_NAME"
        }
        Target::Sqlite(_) => {
            "check that its folder exists, that the service may write there, and the path in DATABASE_URL or DB_PATH"
        }
    }
}

/// Changes a wait by up to a tenth, so that replicas that started together don't connect at the same time.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(0.9..1.1))
}
