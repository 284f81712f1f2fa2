//! The release of a slot: its database is reset, its service is as after a start.

use std::time::{Duration, Instant};

use crate::slot::{Leased, Slot};
use crate::{
    database::{Connection, Traceless},
    failure::Failure,
    isolation::reset::{Answer, Strategy},
    slot::factory::{DatabaseSource, SlotDatabase},
};

/// How often other sessions are ended before a reset is given up.
const ATTEMPTS: usize = 3;

/// How a slot was released.
#[derive(Clone, Debug, Default)]
pub struct Release {
    pub outcome: Outcome,
    /// Transactions that were left open, for people.
    pub notices: Vec<String>,
    /// From the scenario's end to the slot being free.
    pub took: Duration,
    /// How long the proof took, where one was asked for.
    pub proved: Option<Duration>,
    /// The first difference from the template that the proof found: the slot can't be used any more.
    pub difference: Option<String>,
}

/// How a slot's database was reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// With `--reset none`, or because the database isn't ours.
    #[default]
    NotReset,
    InPlace,
    /// By a new clone; with what the scenario changed, unless the strategy clones always.
    Recloned(Option<String>),
}

impl Slot {
    /// Restores database, service and connections for the next scenario.
    pub async fn release(&mut self) -> Result<Release, Failure> {
        let start = Instant::now();
        let leased = self.leased_mut()?;
        let mut release = Release::default();
        if leased.refusing {
            leased.refusing = false;
            leased.allow_connections(true).await?;
        }
        let mut traceless = Traceless {
            program: std::mem::take(&mut leased.ran_program),
            ..Traceless::default()
        };
        // The reset sees whether it is in a transaction, and closes it then.
        let mut idle = None;
        if let Some(connection) = leased.connection.take() {
            traceless |= connection.traceless();
            if connection.can_be_kept() {
                idle = Some(connection);
            } else {
                connection.close().await;
            }
        }
        if leased.disturbed {
            leased.end_service().await;
        }
        release.outcome = leased
            .reset(traceless, &mut idle, &mut release.notices)
            .await?;
        leased.kept = idle.or(leased.kept.take());
        if release.outcome != Outcome::InPlace
            && let Some(connection) = leased.kept.take()
        {
            connection.close().await;
        }
        if let Outcome::Recloned(_) = release.outcome {
            leased.reclone().await?;
        }
        leased.abandoned = false;
        leased.settings.clear();
        if leased.disturbed {
            leased.disturbed = false;
            leased.start().await?;
        }
        leased.log_cleared();
        release.took = start.elapsed();
        leased.prove(&mut release).await?;
        Ok(release)
    }

    /// Vacuums tables that have grown, after the slot is free; a failure only costs speed.
    pub async fn vacuum(&mut self) {
        if let Ok(leased) = self.leased_mut()
            && let SlotDatabase::Postgres { resetter, .. } = &mut leased.database
        {
            let _ = resetter.vacuum().await;
        }
    }
}

impl Leased {
    /// Resets the database in place, or answers that only a new clone will do.
    async fn reset(
        &mut self,
        traceless: Traceless,
        idle: &mut Option<Connection>,
        notices: &mut Vec<String>,
    ) -> Result<Outcome, Failure> {
        if self.context.isolation.strategy == Strategy::None {
            return Ok(Outcome::NotReset);
        }
        for _ in 0..ATTEMPTS {
            let found = match &mut self.database {
                SlotDatabase::Postgres { .. } | SlotDatabase::Sqlite { .. }
                    if self.context.isolation.strategy == Strategy::Template =>
                {
                    return Ok(Outcome::Recloned(None));
                }
                // In this process, SQLite's statements run on threads that outlive the service's end, and one that
                // waits for the file's lock would write after the reset. It is left alone with the old file.
                SlotDatabase::Sqlite { .. } if self.abandoned => {
                    return Ok(Outcome::Recloned(None));
                }
                SlotDatabase::Postgres { resetter, .. } => resetter.reset(traceless, idle).await?,
                SlotDatabase::Sqlite { resetter, .. } => resetter.reset().await?,
                SlotDatabase::NotOurs => return Ok(Outcome::NotReset),
            };
            let what = match found {
                Answer::Clean => return Ok(Outcome::InPlace),
                Answer::NeedsClone(reason) => return Ok(Outcome::Recloned(Some(reason))),
                Answer::Busy(what) => what,
            };
            // The service first: it would only begin another transaction.
            self.disturbed = true;
            self.abandoned = true;
            self.end_service().await;
            if let SlotDatabase::Postgres { resetter, .. } = &mut self.database {
                resetter.end_others().await?;
            }
            notices.push(format!("ended what the scenario left open: {what}"));
        }
        Err(Failure::new(
            "a session that can't be ended goes on working on the slot's database, so it can't be reset",
        ))
    }

    /// Compares everything with the template, where that was asked for.
    async fn prove(&mut self, release: &mut Release) -> Result<(), Failure> {
        let start = Instant::now();
        let difference = match (&mut self.database, self.context.proof.get()) {
            _ if !self.context.isolation.prove => return Ok(()),
            (
                SlotDatabase::Postgres {
                    resetter, figures, ..
                },
                Some(proof),
            ) => {
                let connection = resetter.connection();
                match (proof.first_difference(connection).await?, figures) {
                    (None, Some(figures)) => figures.first_difference(connection).await?,
                    (difference, _) => difference,
                }
            }
            (SlotDatabase::Sqlite { resetter, .. }, _) => resetter.first_difference().await?,
            _ => return Ok(()),
        };
        release.proved = Some(start.elapsed());
        release.difference = difference;
        Ok(())
    }

    /// Replaces the database by a new clone, on which the service starts again.
    async fn reclone(&mut self) -> Result<(), Failure> {
        self.end_service().await;
        self.disturbed = true;
        self.generation += 1;
        let fresh = self.context.database(self.number, self.generation).await?;
        let mut old = std::mem::replace(&mut self.database, fresh);
        if let SlotDatabase::Postgres { resetter, .. } = &mut old {
            resetter.roll_back_prepared().await?;
        }
        match (&self.context.source, &old) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                let clone = clone.clone();
                old.close().await;
                template.drop_clone(&clone).await?;
                if let Ok(mut clones) = self.context.clones.lock() {
                    clones.retain(|other| other.name != clone.name);
                }
            }
            (_, SlotDatabase::Sqlite { file, .. }) => {
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
