//! What all slots of a run share, and how each slot gets its database.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use parking_lot::Mutex;

use crate::{
    browser::Browser,
    database::Shapes,
    failure::Failure,
    isolation::{
        proof::{PlannerStatistics, Proof},
        reset::{self, Strategy},
        sqlite, template,
    },
    service::{Environment, Program},
    sql,
};

/// What answers a scenario's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The service in this process, one per slot.
    Service,
    /// The built executable, one per slot.
    Binary,
    /// Nothing, for features that only use the database.
    None,
    /// A service that is already running. Its database isn't ours.
    Url(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "service" => Self::Service,
            "binary" => Self::Binary,
            "none" => Self::None,
            url if url.starts_with("http:///") || url == "http://" => {
                return Err("this URL names no host".into());
            }
            url if url.starts_with("http://") => Self::Url(url.trim_end_matches('/').to_owned()),
            url if url.starts_with("https://") => {
                return Err(
                    "requests are sent without TLS, so that they are shown as they were sent: name the service's own http:// \
                     address, behind its TLS proxy"
                        .into(),
                );
            }
            _ => {
                return Err(
                    "write service, binary, none, or a URL that starts with http://".into(),
                );
            }
        })
    }
}

/// Context shared by all slots of a run.
pub struct SlotContext {
    pub program: Arc<Program>,
    pub target: Target,
    pub source: DatabaseSource,
    /// The service's settings in every slot, as environment variables.
    pub settings: Environment,
    /// A folder that is removed with the run.
    pub folder: PathBuf,
    pub isolation: Isolation,
    pub limits: Limits,
    pub browser: Browser,
    /// Clients outside of this process know the databases' names. So a new clone gets the name of the one that it
    /// replaces, and each can be compared with the template at any time.
    pub lends: bool,
    /// Descriptions of the template's tables, for the database steps.
    pub shapes: Arc<Shapes>,
    /// The contents of an untouched clone. Read when the first slot is created.
    pub proof: tokio::sync::OnceCell<Proof>,
    /// The databases to remove at the end, in addition to the template.
    pub clones: Mutex<Vec<template::ClonedDatabase>>,
    /// What `--keep-db` kept: the scenario, and a command that opens its database.
    pub kept: Mutex<Vec<(String, String)>>,
}

/// How scenarios are isolated from each other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Isolation {
    pub strategy: Strategy,
    /// Whether everything is compared with the template after every reset.
    pub prove: bool,
}

/// Time limits for programs. They are generous: only a program that hangs reaches them, even on a busy machine.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a service may take to listen.
    pub start: Duration,
    /// Whether the command line sets `start`. Then it overrides the service's own limit.
    pub start_is_named: bool,
    /// How long a run of the service's command line may take.
    pub program: Duration,
}

impl Limits {
    /// The limit for the start of a service that has a limit of its own.
    pub fn start(&self, own: Option<Duration>) -> Duration {
        own.filter(|_| !self.start_is_named).unwrap_or(self.start)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_mins(1),
            start_is_named: false,
            program: Duration::from_mins(1),
        }
    }
}

/// Where databases come from.
pub enum DatabaseSource {
    Postgres(Arc<template::Template>),
    Sqlite(Arc<sqlite::Template>),
    /// The service at the target's URL has its own database, which is left alone.
    NotOurs,
}

/// A slot's database, and the connection that resets it.
pub enum SlotDatabase {
    Postgres {
        clone: template::ClonedDatabase,
        resetter: Box<reset::Resetter>,
        /// For the proof.
        statistics: Option<PlannerStatistics>,
    },
    Sqlite {
        file: PathBuf,
        resetter: sqlite::Resetter,
    },
    NotOurs,
}

impl SlotContext {
    pub fn new(
        program: Arc<Program>,
        target: Target,
        source: DatabaseSource,
        settings: Environment,
        folder: PathBuf,
        isolation: Isolation,
    ) -> Self {
        let template = match &source {
            DatabaseSource::Sqlite(template) => Some(template.file()),
            _ => None,
        };
        Self {
            shapes: Arc::new(Shapes::of(template)),
            program,
            target,
            source,
            settings,
            folder,
            isolation,
            limits: Limits::default(),
            browser: Browser::default(),
            lends: false,
            proof: tokio::sync::OnceCell::new(),
            clones: Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// Removes clones, template and role, and stops the server if it is ours. Databases that `--keep-db` kept stay;
    /// they are returned.
    pub async fn shut_down(context: Arc<Self>) -> Vec<(String, String)> {
        let Some(context) = Arc::into_inner(context) else {
            return Vec::new();
        };
        context.browser.end().await;
        let clones = context.clones.into_inner();
        let kept = context.kept.into_inner();
        if let DatabaseSource::Postgres(template) = context.source
            && let Some(template) = Arc::into_inner(template)
        {
            if kept.is_empty() {
                template.end(&clones).await;
            } else {
                template.keep(&clones).await;
            }
        }
        kept
    }

    /// The text of the reset's function, for `--print-reset`.
    pub async fn reset_sql(&self) -> Result<String, Failure> {
        match &self.source {
            DatabaseSource::Postgres(template) => Ok(template.reset_function.clone()),
            DatabaseSource::Sqlite(template) => {
                let strategy = self.isolation.strategy;
                let file = template.copy(0, 0)?;
                Ok(sqlite::Resetter::open(template, &file, strategy)
                    .await?
                    .into_statement()
                    .await)
            }
            DatabaseSource::NotOurs => Err(Failure::new(
                "the database behind the target's URL isn't ours: it is never reset",
            )),
        }
    }

    /// Creates a slot's database: a clone of the template.
    pub async fn database(&self, slot: usize, generation: usize) -> Result<SlotDatabase, Failure> {
        match &self.source {
            DatabaseSource::Postgres(template) => {
                let clone = if let Some(lent) = template.lent_database() {
                    lent.clone()
                } else {
                    let name = template.clone_name(slot, generation);
                    let clone = template.clone_to(&name).await?;
                    self.clones.lock().push(clone.clone());
                    clone
                };
                let options = sql::connect_options(&template.server.url(&clone.name))?;
                let rights = template.server.rights;
                let mut resetter = reset::Resetter::open(
                    options,
                    &template.marker,
                    rights,
                    self.isolation.strategy,
                    // A slot that was re-cloned is often re-cloned again soon. Then planning all tables takes
                    // longer than it saves.
                    generation == 0,
                )
                .await?;
                let mut statistics = None;
                if self.isolation.prove || self.lends {
                    statistics =
                        Some(PlannerStatistics::take(resetter.connection(), rights).await?);
                    self.proof
                        .get_or_try_init(|| {
                            Proof::take(resetter.connection(), rights, template.first_transaction)
                        })
                        .await?;
                }
                Ok(SlotDatabase::Postgres {
                    clone,
                    resetter: Box::new(resetter),
                    statistics,
                })
            }
            DatabaseSource::Sqlite(template) => {
                let file = template.copy(slot, generation)?;
                let resetter =
                    sqlite::Resetter::open(template, &file, self.isolation.strategy).await?;
                Ok(SlotDatabase::Sqlite { file, resetter })
            }
            DatabaseSource::NotOurs => Ok(SlotDatabase::NotOurs),
        }
    }
}

impl SlotDatabase {
    pub async fn close(self) {
        match self {
            Self::Postgres { resetter, .. } => resetter.close().await,
            Self::Sqlite { resetter, .. } => resetter.close().await,
            Self::NotOurs => {}
        }
    }
}
