//! Reset: a slot's database goes back to what the template holds, in one round trip and one transaction.
//!
//! What was written is known, not searched for: a statement trigger on every table leaves a mark, once a
//! transaction, in a table of ours. So the cost grows with what a scenario wrote and not with the schema.
//! Tables that the migrations filled have a shadow copy, from which changed rows are put back.
//!
//! Everything of ours in a database lies in the schema `bdd_harness`, made here from the catalogs:
//!
//! | name | what it is |
//! |---|---|
//! | `marker` | one row with a random secret: proof that the harness made this database |
//! | `dirty` | the tables that were written to since the last reset |
//! | `catalog_change` | what was done to the schema since then |
//! | `plan` | for a table with a mark, the tables it may have written to |
//! | `shadow_<oid>` | the rows of a table as the migrations left it |
//! | `clean_<oid>()` | puts one table back |
//! | `rewind()` | puts the sequences back |
//! | `reset(secret)` | all of it |

mod install;
mod table;

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::{failure::Failure, template::execute};
use install::NOTE_CATALOG;
pub use install::{install, marker};

/// How long a reset waits for statements and transactions that are still open, before it ends them.
const PATIENCE: Duration = Duration::from_secs(1);
/// For so long it asks again at once.
const IMPATIENCE: Duration = Duration::from_millis(5);
/// A deadlock is tried again so often.
const ATTEMPTS: usize = 3;
/// Dead rows make later scans slower; so many resets go by before the heaps are looked at.
const VACUUM_EVERY: usize = 200;

/// What a reset found.
#[derive(Debug, PartialEq, Eq)]
pub enum Reset {
    /// The database is as the template.
    Clean,
    /// The schema was changed, so only a new clone will do; with the reason.
    Clone(String),
}

/// The connection that resets one slot's database; nobody else uses it.
#[derive(Debug)]
pub struct Resetter {
    connection: PgConnection,
    secret: String,
    superuser: bool,
    resets: usize,
}

impl Resetter {
    /// Connects as the owner. A superuser's connection lives in the replica role, where no trigger, rule or key fires.
    pub async fn open(
        options: PgConnectOptions,
        secret: &str,
        superuser: bool,
    ) -> Result<Self, Failure> {
        let options = options.options([("lock_timeout", "2s"), ("statement_timeout", "60s")]);
        let options = if superuser {
            options.options([("session_replication_role", "replica")])
        } else {
            options
        };
        let mut connection = PgConnection::connect_with(&options).await?;
        if !superuser {
            execute(&mut connection, NOTE_CATALOG).await?;
        }
        let mut resetter = Self {
            connection,
            secret: secret.to_owned(),
            superuser,
            resets: 0,
        };
        if superuser {
            resetter.warm_up().await?;
        }
        Ok(resetter)
    }

    /// Plans what the first scenario would have to wait for: a table's cleaning costs twenty times more then.
    async fn warm_up(&mut self) -> Result<(), Failure> {
        execute(
            &mut self.connection,
            "insert into bdd_harness.dirty select relation from bdd_harness.plan limit 100",
        )
        .await?;
        self.reset(&mut Vec::new()).await?;
        Ok(())
    }

    /// Puts the database back. `notice` hears of transactions that had to be ended.
    pub async fn reset(&mut self, notice: &mut Vec<String>) -> Result<Reset, Failure> {
        let start = std::time::Instant::now();
        let mut attempt = 1;
        let answer = loop {
            let answer: Result<Option<String>, sqlx::Error> =
                sqlx::query_scalar("select bdd_harness.reset($1)")
                    .bind(&self.secret)
                    .fetch_one(&mut self.connection)
                    .await;
            match answer {
                Ok(Some(busy)) if busy.starts_with("busy ") => {
                    if start.elapsed() > PATIENCE {
                        notice.push(format!(
                            "ended what the scenario left open: {}",
                            &busy["busy ".len()..]
                        ));
                        self.end_others().await?;
                    }
                    // A service often tidies up for a moment after its answer; a timer would cost more than that.
                    if start.elapsed() > IMPATIENCE {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                Err(error) if attempt < ATTEMPTS && is_deadlock(&error) => attempt += 1,
                // A plain owner can't silence keys, and reference rows may be held by each other.
                Err(error) if !self.superuser && is_key_violation(&error) => {
                    return Ok(Reset::Clone(format!(
                        "reference rows that hold each other: {error}"
                    )));
                }
                Err(error) => return Err(Failure::new(format!("the reset failed: {error}"))),
                Ok(answer) => break answer,
            }
        };
        if let Some(changed) = answer {
            return Ok(Reset::Clone(
                changed.trim_start_matches("changed ").to_owned(),
            ));
        }
        self.resets += 1;
        if self.resets.is_multiple_of(VACUUM_EVERY) {
            self.vacuum().await?;
        }
        Ok(Reset::Clean)
    }

    /// Ends every other session's work on this database.
    async fn end_others(&mut self) -> Result<(), Failure> {
        sqlx::query(
            "select pg_terminate_backend(pid)
               from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend' and coalesce(state, 'active') <> 'idle'",
        )
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Heaps over 64 kB are vacuumed: rows deleted by ten thousand resets doubled the time of the next.
    async fn vacuum(&mut self) -> Result<(), Failure> {
        let grown: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', n.nspname, c.relname)
               from pg_class c
               join pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
                and pg_relation_size(c.oid) > 65536",
        )
        .fetch_all(&mut self.connection)
        .await?;
        for table in grown {
            execute(&mut self.connection, &format!("vacuum {table}")).await?;
        }
        Ok(())
    }

    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}

fn is_key_violation(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}

fn is_deadlock(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "40P01")
}
