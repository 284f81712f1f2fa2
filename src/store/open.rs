//! The start: the database is tried with waits, migrated, and only then used.

use std::{fmt, time::Duration};

use tracing::{info, warn};

use super::migrate::{Access, MigrationError, Migrations};
use super::{Store, StoreError};
use crate::config::Config;

/// Why the database can't be used. The text says what to check.
#[derive(Debug)]
pub enum StartError {
    /// No attempt succeeded.
    Unreachable {
        /// The database, password masked.
        target: String,
        /// How often it was tried.
        attempts: u32,
        /// Why the last attempt failed.
        reason: String,
    },
    /// Migrations are pending, and the start may not apply them.
    Pending(Vec<i64>),
    /// The service's own connection doesn't see what was migrated.
    Elsewhere(String),
    /// Migrations can't be looked at or applied.
    Migration(MigrationError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable {
                target,
                attempts,
                reason,
            } => write!(
                f,
                "{target} can't be reached after {attempts} attempts: {reason}; check that it runs, and the host, \
                 port, role and password in DATABASE_URL or DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME"
            ),
            Self::Pending(versions) => write!(
                f,
                "migrations are pending ({}) and database.migrate_on_start is false; run `migrate up`",
                versions
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            Self::Elsewhere(target) => write!(
                f,
                "{target} doesn't have the tables that were migrated; check that DATABASE_MIGRATION_URL names the \
                 same database as the service's own settings"
            ),
            Self::Migration(error) => write!(f, "the database can't be migrated: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<MigrationError> for StartError {
    fn from(error: MigrationError) -> Self {
        Self::Migration(error)
    }
}

/// Waits for the database, brings it to the present version and answers a store on it.
pub async fn open(config: &Config) -> Result<Store, StartError> {
    info!("Using {}", config.target);
    let mut migrations = connect_with_waits(config).await?;
    let outcome = bring_up(&mut migrations, config.database.migrate_on_start).await;
    // A database in memory lives as long as a connection to it, so the store's comes before the last one goes.
    let opened = match outcome {
        Ok(()) => opened(config).await,
        Err(error) => Err(error),
    };
    migrations.close().await;
    opened
}

/// A store whose first connection is open; the others follow in the background.
async fn opened(config: &Config) -> Result<Store, StartError> {
    if config.database.migration_url.is_some() {
        check_own_view(config).await?;
    }
    let store = Store::new(&config.target, &config.database);
    let unreachable = |error: StoreError| StartError::Unreachable {
        target: config.target.to_string(),
        attempts: 1,
        reason: error.to_string(),
    };
    store.ping().await.map_err(unreachable)?;
    Ok(store)
}

/// Whether the service's own role sees the database that was migrated, and not another one.
async fn check_own_view(config: &Config) -> Result<(), StartError> {
    let failed = |error| StartError::Migration(MigrationError::Store(error));
    let timeout = config.database.attempt_timeout;
    let mut own = Migrations::connect(&config.target, timeout, Access::Look)
        .await
        .map_err(failed)?;
    let seen = own.look().await;
    own.close().await;
    match seen {
        Ok(steps) if steps.iter().all(|step| step.applied_at.is_some()) => Ok(()),
        // The record is there; that the role may not read it does no harm.
        Err(MigrationError::Store(error)) if error.is_denied() => Ok(()),
        Ok(_) | Err(MigrationError::Foreign(_)) => {
            Err(StartError::Elsewhere(config.target.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn bring_up(migrations: &mut Migrations, allowed: bool) -> Result<(), StartError> {
    if allowed {
        for step in migrations.up(None).await? {
            info!("applied migration {} {}", step.version, step.name);
        }
        return Ok(());
    }
    let pending = migrations
        .look()
        .await?
        .into_iter()
        .filter(|step| step.applied_at.is_none());
    let pending: Vec<_> = pending.map(|step| step.version).collect();
    if pending.is_empty() {
        Ok(())
    } else {
        Err(StartError::Pending(pending))
    }
}

/// Tries until the database answers or the attempts are used up; each wait is twice the one before.
async fn connect_with_waits(config: &Config) -> Result<Migrations, StartError> {
    let settings = &config.database;
    let attempts = settings.start_attempts.get();
    let mut wait = settings.start_wait;
    for attempt in 1.. {
        let error = match try_once(config).await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if attempt >= attempts {
            let target = config.migration_target.to_string();
            return Err(StartError::Unreachable {
                target,
                attempts,
                reason: error.to_string(),
            });
        }
        let pause = jittered(wait);
        warn!(
            "attempt {attempt} of {attempts} to reach the database failed: {error}; next in {pause:.1?}"
        );
        tokio::time::sleep(pause).await;
        wait = wait.saturating_mul(2);
    }
    unreachable!("the loop ends with the last attempt")
}

/// One attempt: the database must answer the service's own role, and migrations' role as well.
async fn try_once(config: &Config) -> Result<Migrations, StoreError> {
    let timeout = config.database.attempt_timeout;
    if config.database.migration_url.is_some() {
        Migrations::connect(&config.target, timeout, Access::Create)
            .await?
            .close()
            .await;
    }
    Migrations::connect(&config.migration_target, timeout, Access::Create).await
}

/// A tenth more or less, so that replicas that started together don't knock together.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(0.9..1.1))
}
