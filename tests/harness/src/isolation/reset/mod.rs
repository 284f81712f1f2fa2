//! Reset: a slot's database goes back to what the template holds, in one round trip and one transaction.
//!
//! What was written is known, not searched for: a statement trigger on every table leaves a mark, once a transaction,
//! in a table of ours. So the cost grows with what a scenario wrote and not with the schema. Tables that the
//! migrations filled have a shadow copy, from which changed rows are put back.
//!
//! Everything of ours in a database lies in the schema `bdd_harness`, made here from the catalogs:
//!
//! | name | what it is | made in |
//! |---|---|---|
//! | `marker` | one row with a random secret: proof that the harness made this database | [`install`] |
//! | `dirty`, `mark()` | the tables that were written to since the last reset | [`install`] |
//! | `plan` | for a table with a mark, the tables it may have written to | [`install`] |
//! | `shadow_<oid>` | the rows of a table as the migrations left it | [`install`] |
//! | `part` | what each table contributes to statements about several of them | [`rows`] |
//! | `sequence` | where the sequences stood | [`sequences`] |
//! | `large_object`, `restore_large_objects()` | the same for large objects | [`large_objects`] |
//! | `refreshed`, `views()` | the materialized views that were refreshed since | [`views`] |
//! | `catalog_change`, `catalog_row`, `noted` | what was done to the schema and around it | [`watch`] |
//! | `reset(claimed, how, closely)` | all of it | [`call`] |

mod call;
mod install;
mod large_objects;
mod rows;
mod sequences;
mod table;
mod views;
mod watch;

use std::time::{Duration, Instant};

use serde::Deserialize;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::{
    database::Connection,
    failure::Failure,
    sql::{execute, identifier, literal},
};
pub use install::{install, marker};
pub use watch::{SURROUNDINGS, born};

/// How long a reset waits for statements and transactions that are still open, before it ends them.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// For so long it asks again at once.
const IMPATIENCE: Duration = Duration::from_millis(5);
/// A deadlock, or a lock that isn't to be had, is tried again so often.
const ATTEMPTS: usize = 3;
/// So many tables have their cleaning planned before the first scenario.
const WARMED_UP: usize = 300;

/// How a slot's database is made clean; `--reset`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// What a scenario wrote is put back, by whatever is fastest
    #[default]
    Adaptive,
    /// All tables are truncated, and reference rows put back
    Truncate,
    /// All rows of all tables are deleted, and reference rows put back
    Delete,
    /// Every scenario gets a new clone of the template
    Template,
    /// Nothing is reset: scenarios see what others left
    None,
}

impl Strategy {
    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Truncate => "truncate",
            Self::Delete => "delete",
            Self::Template => "template",
            Self::None => "none",
        }
    }
}

/// What the owner of the slots' databases may do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Event triggers can be made, and policies bind nobody.
    pub superuser: bool,
    /// `session_replication_role` can be set: no key, trigger or rule fires on the reset's connection.
    pub silence: bool,
}

/// What a reset found.
#[derive(Debug, PartialEq, Eq)]
pub enum Reset {
    /// The database is as the template.
    Clean,
    /// Only a new clone will do; with the reason.
    Clone(String),
    /// Somebody doesn't end what they are doing; with who and what.
    Busy(String),
}

/// The connection that resets one slot's database; nobody else uses it.
#[derive(Debug)]
pub struct Resetter {
    connection: PgConnection,
    options: PgConnectOptions,
    secret: String,
    how: &'static str,
    /// Heaps that are vacuumed once the slot is somebody else's business.
    grown: Option<String>,
}

impl Resetter {
    /// Connects as the owner to a new clone. Where it may, the connection lives in the replica role, in which no
    /// trigger, rule or key fires: to switch the role at each reset would cost the plans.
    pub async fn open(
        options: PgConnectOptions,
        secret: &str,
        rights: Rights,
        strategy: Strategy,
    ) -> Result<Self, Failure> {
        let options = options.options([
            ("lock_timeout", "2s"),
            ("statement_timeout", "60s"),
            ("client_min_messages", "warning"),
        ]);
        let options = if rights.silence {
            options.options([("session_replication_role", "replica")])
        } else {
            options
        };
        let mut connection = PgConnection::connect_with(&options).await?;
        execute(&mut connection, "select bdd_harness.note_looks()").await?;
        let mut resetter = Self {
            connection,
            options,
            secret: secret.to_owned(),
            how: match strategy {
                Strategy::Truncate => "truncate",
                Strategy::Delete => "delete",
                Strategy::Adaptive | Strategy::Template | Strategy::None => "adaptive",
            },
            grown: None,
        };
        if strategy == Strategy::Adaptive {
            resetter.warm_up().await?;
        }
        Ok(resetter)
    }

    /// Plans what the first scenario would have to wait for: a table's cleaning costs twenty times more then.
    async fn warm_up(&mut self) -> Result<(), Failure> {
        execute(
            &mut self.connection,
            &format!("insert into bdd_harness.dirty select relation from bdd_harness.plan limit {WARMED_UP}"),
        )
        .await?;
        self.reset(true, &mut None).await?;
        Ok(())
    }

    /// Puts the database back, or says why it can't be done in place.
    ///
    /// `closely` says that an owner may have done what neither triggers nor events tell: set a sequence without using
    /// it, clustered a table, written to a catalog. Then sequences and catalogs are looked at one by one.
    ///
    /// `quiet` is the scenario's own connection, when it seems to be doing nothing: it is closed when that isn't so.
    pub async fn reset(
        &mut self,
        closely: bool,
        quiet: &mut Option<Connection>,
    ) -> Result<Reset, Failure> {
        let start = Instant::now();
        let mut attempt = 1;
        loop {
            let answer = match self.call(closely).await {
                Ok(answer) => answer,
                Err(error) if attempt < ATTEMPTS && is_passing(&error) => {
                    attempt += 1;
                    continue;
                }
                Err(error) if attempt < ATTEMPTS && is_lost(&error) => {
                    // A scenario may end every connection it finds. Whatever the name leads to now, the marker decides.
                    self.connection = self.reconnected().await?;
                    attempt += 1;
                    continue;
                }
                Err(error) => return self.refused(&error),
            };
            let (word, what) = match &answer {
                Some(answer) => answer.split_once(' ').unwrap_or((answer, "")),
                None => return Ok(Reset::Clean),
            };
            if word == "busy"
                && let Some(connection) = quiet.take()
            {
                connection.close().await;
            }
            match word {
                "busy" if start.elapsed() > PATIENCE => return Ok(Reset::Busy(what.to_owned())),
                // A service often tidies up for a moment after its answer; a timer would cost more than that.
                "busy" if start.elapsed() > IMPATIENCE => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                "busy" => {}
                "prepared" => self.roll_back_prepared().await?,
                "grown" => {
                    self.grown = Some(what.to_owned());
                    return Ok(Reset::Clean);
                }
                _ => return Ok(Reset::Clone(what.to_owned())),
            }
        }
    }

    async fn call(&mut self, closely: bool) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("select bdd_harness.reset($1, $2, $3)")
            .bind(&self.secret)
            .bind(self.how)
            .bind(closely)
            .fetch_one(&mut self.connection)
            .await
    }

    /// Another connection to what has the name now; a database may refuse them for a moment.
    async fn reconnected(&self) -> Result<PgConnection, Failure> {
        let start = Instant::now();
        loop {
            match PgConnection::connect_with(&self.options).await {
                Ok(connection) => return Ok(connection),
                Err(error) if start.elapsed() > PATIENCE => {
                    return Err(Failure::new(format!(
                        "the reset's connection was cut, and there is no other: {error}"
                    )));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Why a reset can't be: a database that isn't ours is an error, anything else a reason for a new clone.
    fn refused(&self, error: &sqlx::Error) -> Result<Reset, Failure> {
        let database = self.options.get_database().unwrap_or("(no name)");
        let advice = "Nothing in it was changed. Look who renamed or replaced databases while the suite ran; \
                      its own are made anew with the next run";
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            Some("DLC01") => Err(Failure::new(format!(
                "the database {database} has another marker than this run: it is not ours to reset. {advice}"
            ))),
            // Neither schema nor function: the harness has never been there.
            Some("3F000" | "42883") => Err(Failure::new(format!(
                "the database {database} has no marker: the suite didn't make it, so it is not ours to reset. {advice}"
            ))),
            Some(_) => Ok(Reset::Clone(format!(
                "something that can't be put back in place ({error})"
            ))),
            None => Err(Failure::new(format!("the reset failed: {error}"))),
        }
    }

    /// Ends every other session that is in the middle of something or holds an advisory lock.
    pub async fn end_others(&mut self) -> Result<(), Failure> {
        sqlx::query(
            "select pg_terminate_backend(pid)
               from pg_stat_activity a
              where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
                and (coalesce(state, 'active') <> 'idle'
                     or exists (select
                                  from pg_locks l
                                 where l.locktype = 'advisory' and l.pid = a.pid and l.database = a.datid))",
        )
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Ends the transactions that were prepared here; a database that has one can't even be dropped.
    pub async fn roll_back_prepared(&mut self) -> Result<(), Failure> {
        let prepared: Vec<(String, String)> = sqlx::query_as(
            "select gid, owner::text from pg_prepared_xacts where database = current_database()",
        )
        .fetch_all(&mut self.connection)
        .await?;
        for (gid, owner) in prepared {
            // Only who prepared it may end it, or a superuser, who may be anybody.
            let owner = identifier(&owner);
            execute(&mut self.connection, &format!("set role {owner}")).await?;
            execute(
                &mut self.connection,
                &format!("rollback prepared {}", literal(&gid)),
            )
            .await?;
            execute(&mut self.connection, "reset role").await?;
        }
        Ok(())
    }

    /// Heaps that have grown are vacuumed: rows deleted by ten thousand resets doubled the time of the next.
    pub async fn tidy(&mut self) -> Result<(), Failure> {
        if let Some(grown) = self.grown.take() {
            execute(&mut self.connection, &format!("vacuum {grown}")).await?;
        }
        Ok(())
    }

    /// The connection, for a proof.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}

/// Deadlock, lock timeout, serialization failure: another try may be luckier.
fn is_passing(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| ["40P01", "55P03", "40001"].contains(&code.as_ref()))
}

/// The connection is gone: cut, or ended by somebody.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
        other => other
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .is_some_and(|code| {
                ["57P01", "57P02", "57P03", "08006", "08003"].contains(&code.as_ref())
            }),
    }
}
