//! Opens the database at the start: tries to connect several times, migrates, and only then serves.

use std::{fmt, time::Duration};

use tracing::{info, warn};

use super::migrate::{Access, MigrationError, Migrations};
use super::{Store, StoreError};
use crate::config::Config;

/// Why the database can't be used. The message says what to check.
#[derive(Debug)]
pub enum StartError {
    /// No attempt to connect succeeded.
    Unreachable {
        /// The database, password masked.
        target: String,
        attempts: u32,
        /// The error of the last attempt.
        reason: String,
    },
    /// Migrations are pending, and the settings forbid applying them at the start.
    Pending(Vec<i64>),
    /// The migrations went to another database than the service's own.
    OtherDatabase(String),
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
            Self::OtherDatabase(target) => write!(
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

impl Store {
    /// Waits for the database, applies pending migrations and opens it.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        info!("Using {}", config.target);
        let Connected {
            mut migrations,
            own,
        } = connect_with_retries(config).await?;
        let migrated = migrate(&mut migrations, config.database.migrate_on_start).await;
        // A database in memory exists as long as a connection to it, so the store connects before this one is closed.
        let opened = match migrated {
            Ok(()) => open_store(config, own).await,
            Err(error) => Err(error),
        };
        migrations.close().await;
        opened
    }
}

/// The role for migrations, and the service's own where that is another one.
struct Connected {
    migrations: Migrations,
    own: Option<Migrations>,
}

/// A store with one open connection; others are opened in the background.
async fn open_store(config: &Config, own: Option<Migrations>) -> Result<Store, StartError> {
    if let Some(own) = own {
        check_same_database(config, own).await?;
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

/// Checks that the service's own settings select the database that was migrated.
async fn check_same_database(config: &Config, mut own: Migrations) -> Result<(), StartError> {
    let seen = own.steps().await;
    own.close().await;
    match seen {
        Ok(steps) if steps.iter().all(|step| step.applied_at.is_some()) => Ok(()),
        // The record exists; the role of the service need not be able to read it.
        Err(MigrationError::Store(error)) if error.is_denied() => Ok(()),
        Ok(_) | Err(MigrationError::Foreign(_)) => {
            Err(StartError::OtherDatabase(config.target.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn migrate(migrations: &mut Migrations, allowed: bool) -> Result<(), StartError> {
    if allowed {
        for step in migrations.up(None).await? {
            info!("applied migration {} {}", step.version, step.name);
        }
        return Ok(());
    }
    let pending = migrations
        .steps()
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

/// Tries to connect until an attempt succeeds or none is left; each wait is twice as long as the one before.
async fn connect_with_retries(config: &Config) -> Result<Connected, StartError> {
    let settings = &config.database;
    let attempts = settings.start_attempts.get();
    let mut wait = settings.start_wait;
    for attempt in 1.. {
        let error = match try_once(config).await {
            Ok(connected) => return Ok(connected),
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
            "attempt {attempt} of {attempts} to connect to the database failed: {error}; next attempt in {pause:.1?}"
        );
        tokio::time::sleep(pause).await;
        wait = wait.saturating_mul(2);
    }
    unreachable!("the loop ends with the last attempt")
}

/// One attempt: the service's own role must be able to connect, and the role for migrations too.
async fn try_once(config: &Config) -> Result<Connected, StoreError> {
    let timeout = config.database.attempt_timeout;
    let own = match config.database.migration_url {
        Some(_) => Some(Migrations::connect(&config.target, timeout, Access::Create).await?),
        None => None,
    };
    let migrations = Migrations::connect(&config.migration_target, timeout, Access::Create).await?;
    Ok(Connected { migrations, own })
}

/// Up to a tenth more or less, so that replicas that started together do not all connect at the same time.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(0.9..1.1))
}
