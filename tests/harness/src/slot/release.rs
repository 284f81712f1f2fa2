//! Releases a slot: resets its database, and restores the service to its state after a start.

use std::time::{Duration, Instant};

use crate::slot::{Leased, Slot};
use crate::{
    database::{Connection, Traceless},
    failure::Failure,
    http::{Client, Request},
    isolation::reset::{Answer, Strategy},
    service::process::Forget,
    slot::factory::{DatabaseSource, SlotDatabase, Target},
};

/// How often other sessions are ended before the reset is given up.
const ATTEMPTS: usize = 3;

/// The result of a release.
#[derive(Clone, Debug, Default)]
pub struct Release {
    pub outcome: Outcome,
    /// Transactions that the scenario left open, for messages.
    pub notices: Vec<String>,
    /// The time from the scenario's end until the slot is free.
    pub took: Duration,
    /// How long the proof took, if there was one.
    pub proved: Option<Duration>,
    /// The first difference from the template that the proof found. The slot can't be used any more.
    pub difference: Option<String>,
}

/// How a slot's database was reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Because of `--reset none`, or because the database isn't ours.
    #[default]
    NotReset,
    InPlace,
    /// By a new clone. Contains what the scenario changed, unless the strategy always clones.
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
        // The reset checks whether this connection is in a transaction, and closes it in that case.
        let mut idle = None;
        if let Some(connection) = leased.connection.take() {
            traceless |= connection.traceless();
            if connection.can_be_kept() {
                idle = Some(connection);
            } else {
                connection.close().await;
            }
        }
        leased.disturbed |= leased.forgets_by_restart();
        if leased.disturbed {
            leased.end_service().await;
        }
        leased.remove_proxy().await?;
        leased.neighbours.reset().await?;
        release.outcome = leased
            .reset(traceless, &mut idle, &mut release.notices)
            .await?;
        leased.kept = idle.or(leased.kept.take());
        if release.outcome != Outcome::InPlace
            && let Some(connection) = leased.kept.take()
        {
            connection.close().await;
        }
        if let Outcome::Recloned(reason) = &release.outcome {
            leased.can_be_replaced(reason.as_deref())?;
            leased.reclone().await?;
        }
        leased.abandoned = false;
        leased.settings.clear();
        if leased.disturbed {
            leased.disturbed = false;
            leased.start().await?;
        } else {
            leased.forget().await?;
        }
        leased.log_cleared();
        release.took = start.elapsed();
        leased.prove(&mut release).await?;
        Ok(release)
    }

    /// The first difference between the database's current state and the template.
    pub async fn first_difference(&mut self) -> Result<Option<String>, Failure> {
        self.leased_mut()?.first_difference().await
    }

    /// Vacuums tables that have grown, after the slot is free. A failure only costs speed.
    pub async fn vacuum(&mut self) {
        if let Ok(leased) = self.leased_mut()
            && let SlotDatabase::Postgres { resetter, .. } = &mut leased.database
        {
            let _ = resetter.vacuum().await;
        }
    }
}

impl Leased {
    fn forgets_by_restart(&self) -> bool {
        self.service.is_some() && self.context.program.forget() == &Forget::Restart
    }

    /// Asks the service to clear its memory. The database is clean by now, so the service can't read stale data again.
    async fn forget(&mut self) -> Result<(), Failure> {
        let base = match (&self.service, &self.context.target) {
            (Some(service), _) => format!("http://{}", service.address),
            (None, Target::Url(url)) => url.clone(),
            (None, _) => return Ok(()),
        };
        let Forget::Post(path) = self.context.program.forget() else {
            return Ok(());
        };
        let mut client = Client::default();
        let failed = |why: &str| {
            Failure::new(format!(
                "the service's memory can't be cleared: POST {path} (service.forget in bdd.toml) {why}"
            ))
        };
        client
            .send(Request::new(|| Ok(base), "POST", path)?)
            .await
            .map_err(|failure| failed(&failure.message))?;
        let answer = client.answer()?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(failed(&format!("was answered {}", answer.brief())))
    }

    /// Resets the database in place, or returns that only a new clone helps.
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
                // In this process, SQLite's statements run on threads that outlive the service. A statement that waits
                // for the file's lock would write after the reset. So the old file is abandoned to it.
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
            // The service ends first, because it could start another transaction.
            self.disturbed = true;
            self.abandoned = true;
            self.end_service().await;
            if let SlotDatabase::Postgres { resetter, .. } = &mut self.database {
                resetter.end_others().await?;
            }
            notices.push(format!("ended what the scenario left open: {what}"));
        }
        Err(Failure::new(
            "a session in the slot's database is still busy and can't be ended, so the database can't be reset",
        ))
    }

    /// Compares everything with the template, if the run proves isolation.
    async fn prove(&mut self, release: &mut Release) -> Result<(), Failure> {
        if self.context.isolation.prove {
            let start = Instant::now();
            release.difference = self.first_difference().await?;
            release.proved = Some(start.elapsed());
        }
        Ok(())
    }

    async fn first_difference(&mut self) -> Result<Option<String>, Failure> {
        match (&mut self.database, self.context.proof.get()) {
            (
                SlotDatabase::Postgres {
                    resetter,
                    statistics,
                    ..
                },
                Some(proof),
            ) => {
                let connection = resetter.connection();
                match (proof.first_difference(connection).await?, statistics) {
                    (None, Some(statistics)) => statistics.first_difference(connection).await,
                    (difference, _) => Ok(difference),
                }
            }
            (SlotDatabase::Sqlite { resetter, .. }, _) => resetter.first_difference().await,
            _ => Ok(None),
        }
    }

    /// A lent database can't be replaced while another process uses it.
    fn can_be_replaced(&self, reason: Option<&str>) -> Result<(), Failure> {
        match &self.context.source {
            DatabaseSource::Postgres(template) if template.lent_database().is_some() => {
                Err(Failure::new(format!(
                    "the scenario changed {}, which only a new clone restores: stop `bdd lend` and start it again",
                    reason.unwrap_or("the database")
                )))
            }
            _ => Ok(()),
        }
    }

    /// Replaces the database by a new clone, and starts the service on it.
    async fn reclone(&mut self) -> Result<(), Failure> {
        self.end_service().await;
        self.disturbed = true;
        if self.context.lends {
            let old = std::mem::replace(&mut self.database, SlotDatabase::NotOurs);
            self.remove(old).await?;
            self.database = self.context.database(self.number, self.generation).await?;
            return Ok(());
        }
        self.generation += 1;
        let fresh = self.context.database(self.number, self.generation).await?;
        let old = std::mem::replace(&mut self.database, fresh);
        self.remove(old).await
    }

    async fn remove(&self, mut old: SlotDatabase) -> Result<(), Failure> {
        if let SlotDatabase::Postgres { resetter, .. } = &mut old {
            resetter.roll_back_prepared().await?;
        }
        match (&self.context.source, &old) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                let clone = clone.clone();
                old.close().await;
                template.drop_clone(&clone).await?;
                let mut clones = self.context.clones.lock();
                clones.retain(|other| other.name != clone.name);
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
