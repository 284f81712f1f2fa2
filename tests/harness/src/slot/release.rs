//! A slot goes back: its database is made clean, its service is as after a start.

use std::time::{Duration, Instant};

use crate::slot::{Leased, Slot};
use crate::{
    database::Connection,
    failure::Failure,
    isolation::reset::{Reset, Strategy},
    slot::factory::{Database, Store},
};

/// So often those are ended who work on a database that is to be reset.
const ENDED: usize = 3;

/// How a slot came back.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    pub cleaned: Cleaned,
    /// What a person should know: transactions that were left open.
    pub notices: Vec<String>,
    /// From the scenario's end to the slot being free.
    pub took: Duration,
    /// How long the proof took, where one was asked for.
    pub proved: Option<Duration>,
    /// What the proof found that the template hasn't got: the slot is nobody's any more.
    pub left_behind: Option<String>,
}

/// How a slot's database was made clean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cleaned {
    /// Not at all: nobody asked for it, or the database isn't ours.
    #[default]
    Not,
    InPlace,
    /// By a new clone; with what the scenario changed, unless every scenario gets one.
    Anew(Option<String>),
}

impl Slot {
    /// Makes everything as it was: database, service, connections.
    pub async fn give_back(&mut self) -> Result<Returned, Failure> {
        let start = Instant::now();
        let leased = self.leased_mut()?;
        let mut returned = Returned::default();
        if leased.refusing {
            leased.refusing = false;
            leased.allow_connections(true).await?;
        }
        let mut closely = std::mem::take(&mut leased.ran_program);
        // Its goodbye can wait: the reset sees whether it is in a transaction, and asks for its end then.
        let mut quiet = None;
        if let Some(connection) = leased.connection.take() {
            closely |= connection.wants_a_close_look();
            if connection.is_quiet() {
                quiet = Some(connection);
            } else {
                connection.close().await;
            }
        }
        if leased.disturbed {
            leased.end_service().await;
        }
        returned.cleaned = leased
            .clean(closely, &mut quiet, &mut returned.notices)
            .await?;
        if let Some(connection) = quiet {
            connection.close().await;
        }
        if let Cleaned::Anew(_) = returned.cleaned {
            leased.clone_anew().await?;
        }
        leased.settings.clear();
        if leased.disturbed {
            leased.disturbed = false;
            leased.start().await?;
        }
        leased.log_cleared();
        returned.took = start.elapsed();
        leased.prove(&mut returned).await?;
        Ok(returned)
    }

    /// What has to be done now and then, and isn't worth failing for.
    pub async fn tidy(&mut self) {
        if let Ok(leased) = self.leased_mut()
            && let Database::Postgres { resetter, .. } = &mut leased.database
        {
            let _ = resetter.tidy().await;
        }
    }
}

impl Leased {
    /// Resets the database, or says that only a new clone will do.
    async fn clean(
        &mut self,
        closely: bool,
        quiet: &mut Option<Connection>,
        notices: &mut Vec<String>,
    ) -> Result<Cleaned, Failure> {
        if self.ground.isolation.strategy == Strategy::None {
            return Ok(Cleaned::Not);
        }
        for _ in 0..ENDED {
            let found = match &mut self.database {
                Database::Postgres { .. } | Database::Sqlite { .. }
                    if self.ground.isolation.strategy == Strategy::Template =>
                {
                    return Ok(Cleaned::Anew(None));
                }
                Database::Postgres { resetter, .. } => resetter.reset(closely, quiet).await?,
                Database::Sqlite { resetter, .. } => resetter.reset().await?,
                Database::Foreign => return Ok(Cleaned::Not),
            };
            let what = match found {
                Reset::Clean => return Ok(Cleaned::InPlace),
                Reset::Clone(reason) => return Ok(Cleaned::Anew(Some(reason))),
                Reset::Busy(what) => what,
            };
            // The service first: it would only begin again.
            self.disturbed = true;
            self.end_service().await;
            if let Database::Postgres { resetter, .. } = &mut self.database {
                resetter.end_others().await?;
            }
            notices.push(format!("ended what the scenario left open: {what}"));
        }
        Err(Failure::new(
            "somebody who can't be ended goes on working on the slot's database, so it can't be reset",
        ))
    }

    /// Compares everything with the template, where that was asked for.
    async fn prove(&mut self, returned: &mut Returned) -> Result<(), Failure> {
        let start = Instant::now();
        let difference = match (&mut self.database, self.ground.proof.get()) {
            _ if !self.ground.isolation.prove => return Ok(()),
            (Database::Postgres { resetter, .. }, Some(proof)) => {
                proof.first_difference(resetter.connection()).await?
            }
            (Database::Sqlite { resetter, .. }, _) => resetter.first_difference().await?,
            _ => return Ok(()),
        };
        returned.proved = Some(start.elapsed());
        returned.left_behind = difference;
        Ok(())
    }

    /// A new database instead of one whose schema was changed; the service starts anew on it.
    async fn clone_anew(&mut self) -> Result<(), Failure> {
        self.end_service().await;
        self.disturbed = true;
        self.generation += 1;
        let fresh = self.ground.database(self.number, self.generation).await?;
        let mut old = std::mem::replace(&mut self.database, fresh);
        if let Database::Postgres { resetter, .. } = &mut old {
            resetter.roll_back_prepared().await?;
        }
        match (&self.ground.store, &old) {
            (Store::Postgres(template), Database::Postgres { made, .. }) => {
                let made = made.clone();
                old.close().await;
                template.drop_clone(&made).await?;
                if let Ok(mut clones) = self.ground.clones.lock() {
                    clones.retain(|clone| clone.name != made.name);
                }
            }
            (_, Database::Sqlite { file, .. }) => {
                let file = file.clone();
                old.close().await;
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
