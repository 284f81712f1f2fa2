//! What all slots of a run share, and how each gets its database.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use crate::{
    database::Shapes,
    failure::Failure,
    isolation::{
        proof::{Figures, Proof},
        reset::{self, Strategy},
        sqlite, template,
    },
    service::{Environment, Program},
    sql,
};

/// What answers a scenario's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The service, in this process, one in each slot.
    Service,
    /// The built executable, one in each slot.
    Binary,
    /// Nothing: features that speak only to the database.
    None,
    /// A service that is already running; its database isn't ours.
    Url(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "service" => Self::Service,
            "binary" => Self::Binary,
            "none" => Self::None,
            url if url.starts_with("http://") => Self::Url(url.trim_end_matches('/').to_owned()),
            _ => {
                return Err(
                    "write service, binary, none, or a URL that begins with http://".into(),
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
    /// The service's settings in every slot, by variable.
    pub settings: Environment,
    /// A folder that goes with the run.
    pub folder: PathBuf,
    pub isolation: Isolation,
    pub limits: Limits,
    /// What is known of the template's tables, for the words of the database.
    pub shapes: Arc<Shapes>,
    /// What an untouched clone holds; read when the first slot is made.
    pub proof: tokio::sync::OnceCell<Proof>,
    /// The databases to remove at the end, besides the template.
    pub clones: std::sync::Mutex<Vec<template::ClonedDatabase>>,
}

/// How scenarios are kept apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Isolation {
    pub strategy: Strategy,
    /// After every reset everything is compared with the template.
    pub prove: bool,
}

/// How long programs may take. Only one that hangs reaches these limits; a busy machine doesn't.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A service, until it listens.
    pub start: Duration,
    /// A run of the program's command line.
    pub program: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_mins(1),
            program: Duration::from_mins(1),
        }
    }
}

/// Where databases come from.
pub enum DatabaseSource {
    Postgres(Arc<template::Template>),
    Sqlite(Arc<sqlite::Template>),
    /// The service at the target's URL has a database of its own, which is left alone.
    NotOurs,
}

/// One slot's database, and the connection that resets it.
pub enum SlotDatabase {
    Postgres {
        clone: template::ClonedDatabase,
        resetter: Box<reset::Resetter>,
        /// For a proof.
        figures: Option<Figures>,
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
            proof: tokio::sync::OnceCell::new(),
            clones: std::sync::Mutex::default(),
        }
    }

    /// Removes clones, template and role, and ends the server when it is ours.
    pub async fn shut_down(context: Arc<Self>) {
        let Some(context) = Arc::into_inner(context) else {
            return;
        };
        let clones = context.clones.into_inner().unwrap_or_default();
        if let DatabaseSource::Postgres(template) = context.source
            && let Some(template) = Arc::into_inner(template)
        {
            template.end(&clones).await;
        }
    }

    /// The reset as it is installed in every slot's database, for people.
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

    /// A database for a slot: a clone of the template.
    pub async fn database(&self, slot: usize, generation: usize) -> Result<SlotDatabase, Failure> {
        match &self.source {
            DatabaseSource::Postgres(template) => {
                let clone = template
                    .clone_to(&template.clone_name(slot, generation))
                    .await?;
                if let Ok(mut clones) = self.clones.lock() {
                    clones.push(clone.clone());
                }
                let options = sql::connect_options(&template.server.url(&clone.name))?;
                let rights = template.server.rights;
                let mut resetter = reset::Resetter::open(
                    options,
                    &template.marker,
                    rights,
                    self.isolation.strategy,
                )
                .await?;
                let mut figures = None;
                if self.isolation.prove {
                    figures = Some(Figures::take(resetter.connection(), rights).await?);
                    self.proof
                        .get_or_try_init(|| {
                            Proof::take(resetter.connection(), rights, template.first_transaction)
                        })
                        .await?;
                }
                Ok(SlotDatabase::Postgres {
                    clone,
                    resetter: Box::new(resetter),
                    figures,
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
