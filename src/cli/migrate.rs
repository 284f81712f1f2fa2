//! `migrate`: applies, reverts and lists migrations.

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::migration_files::Create;
use super::runtime::{connect, runtime};
use super::settings::Settings;
use crate::config::{Config, EnvVars, LACKS_MIGRATION_URL};
use crate::store::migrate::{Access, MigrationError, Migrations, Step};

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Apply pending migrations
    Up {
        /// Stop after this version
        #[arg(long, value_name = "VERSION")]
        to: Option<i64>,
        /// Print the SQL and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Let this role read and write the rows of all tables, and nothing else (PostgreSQL)
        #[arg(long, value_name = "ROLE", conflicts_with = "dry_run")]
        grant: Option<String>,
    },
    /// Revert the last migration, or more
    Down {
        /// How many to revert
        #[arg(long, value_name = "N", conflicts_with_all = ["to", "all"])]
        steps: Option<usize>,
        /// Revert all migrations above this version
        #[arg(long, value_name = "VERSION", conflicts_with = "all")]
        to: Option<i64>,
        /// Revert all migrations
        #[arg(long)]
        all: bool,
        /// Print the SQL and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List all migrations, and when each was applied
    Status,
    /// Print the version of the database; 0 if it is empty
    Version,
    /// Record a version without running migrations, after a failed migration was repaired by hand
    Force {
        /// The version that the tables have; 0 for an empty database
        #[arg(value_name = "VERSION")]
        version: i64,
    },
    /// Create the four files of a new migration: up and down for both databases
    Create(Create),
}

impl From<MigrationError> for Failure {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::NoSuchVersion(_) | MigrationError::NoRoles => {
                Self::Usage(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl Migrate {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        if let What::Create(create) = self.what {
            return create.run();
        }
        let config = settings.load(env, Vec::new())?;
        runtime()?.block_on(self.carry_out(&config))
    }

    async fn carry_out(self, config: &Config) -> Result<(), Failure> {
        if config.database.lacks_migration_url() {
            return Err(Failure::Failed(LACKS_MIGRATION_URL.to_owned()));
        }
        let mut migrations = connect(config, self.what.access()).await?;
        let outcome = self.work(&mut migrations).await;
        migrations.close().await;
        Ok(outcome?)
    }

    async fn work(self, migrations: &mut Migrations) -> Result<(), MigrationError> {
        match self.what {
            What::Up {
                to, dry_run: true, ..
            } => {
                let pending = migrations.to_apply(to).await?;
                print_scripts(migrations, &pending, true);
            }
            What::Up { to, grant, .. } => {
                report("applied", "nothing is pending", &migrations.up(to).await?);
                if let Some(role) = grant {
                    migrations.grant(&role).await?;
                    println!("{role} may read and write rows");
                }
            }
            What::Down {
                steps,
                to,
                all,
                dry_run,
            } => {
                let target = match (to, all) {
                    (Some(version), _) => version,
                    (None, true) => 0,
                    (None, false) => version_below(&migrations.steps().await?, steps.unwrap_or(1)),
                };
                if dry_run {
                    let reverted = migrations.to_revert(target).await?;
                    print_scripts(migrations, &reverted, false);
                } else {
                    let nothing = "there is nothing to revert";
                    report("reverted", nothing, &migrations.down(target).await?);
                }
            }
            What::Status => migrations.steps().await?.iter().for_each(|step| {
                let state = step
                    .applied_at
                    .map_or_else(|| "pending".into(), |time| format!("applied {time}"));
                println!("{:04} {:<24} {state}", step.version, step.name);
            }),
            What::Version => {
                let steps = migrations.steps().await?;
                let applied = steps.iter().filter(|step| step.applied_at.is_some());
                println!(
                    "{}",
                    applied.map(|step| step.version).max().unwrap_or_default()
                );
            }
            What::Force { version } => {
                migrations.force(version).await?;
                println!("recorded version {version}");
            }
            What::Create(_) => unreachable!("handled before the database is opened"),
        }
        Ok(())
    }
}

impl What {
    /// Commands that only read must neither create nor change an SQLite file.
    fn access(&self) -> Access {
        match self {
            Self::Status
            | Self::Version
            | Self::Up { dry_run: true, .. }
            | Self::Down { dry_run: true, .. } => Access::Read,
            Self::Up { .. } => Access::Create,
            Self::Down { .. } | Self::Force { .. } | Self::Create(_) => Access::Change,
        }
    }
}

fn print_scripts(migrations: &mut Migrations, steps: &[Step], up: bool) {
    for step in steps {
        let script = migrations.script(step, up);
        println!("-- {:04} {}\n{}\n", step.version, step.name, script.trim());
    }
}

/// The version that remains after reverting this number of migrations.
fn version_below(steps: &[Step], count: usize) -> i64 {
    let mut applied = steps.iter().rev().filter(|step| step.applied_at.is_some());
    applied.nth(count).map_or(0, |step| step.version)
}

fn report(did: &str, nothing: &str, steps: &[Step]) {
    if steps.is_empty() {
        println!("{nothing}");
    }
    for step in steps {
        println!("{did} {:04} {}", step.version, step.name);
    }
}
