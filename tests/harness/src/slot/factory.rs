//! What slots stand on: where databases come from, and what the service gets everywhere.

use std::{path::PathBuf, sync::Arc};

use crate::{
    failure::Failure,
    isolation::{
        proof::Proof,
        reset::{self, Strategy},
        sqlite, template,
    },
    server,
    service::{Environment, Program},
    suite::options::Target,
};

/// What all slots of a run stand on.
pub struct Ground {
    pub program: Arc<Program>,
    pub target: Target,
    pub store: Store,
    /// The service's settings in every slot, by variable.
    pub settings: Environment,
    /// A folder that goes with the run.
    pub folder: PathBuf,
    pub isolation: Isolation,
    /// What the template holds, once somebody has looked.
    pub proof: tokio::sync::OnceCell<Proof>,
    /// The databases we made besides the template, for the end.
    pub clones: std::sync::Mutex<Vec<template::Made>>,
}

/// How scenarios are kept apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Isolation {
    pub strategy: Strategy,
    /// After every reset everything is compared with the template.
    pub prove: bool,
}

/// Where databases come from.
pub enum Store {
    Postgres(Arc<template::Template>),
    Sqlite(Arc<sqlite::Template>),
    /// The service at the target's URL has a database of its own, which is none of our business.
    Foreign,
}

/// One slot's database, and the connection that resets it.
pub enum Database {
    Postgres {
        made: template::Made,
        resetter: Box<reset::Resetter>,
    },
    Sqlite {
        file: PathBuf,
        resetter: sqlite::Resetter,
    },
    Foreign,
}

impl Ground {
    /// Nothing stands on it yet.
    pub fn new(
        program: Arc<Program>,
        target: Target,
        store: Store,
        settings: Environment,
        folder: PathBuf,
        isolation: Isolation,
    ) -> Self {
        Self {
            program,
            target,
            store,
            settings,
            folder,
            isolation,
            proof: tokio::sync::OnceCell::new(),
            clones: std::sync::Mutex::default(),
        }
    }

    /// Everything that stands on it goes: clones, template, role, and the server when it is ours.
    pub async fn take_down(ground: Arc<Self>) {
        let Some(ground) = Arc::into_inner(ground) else {
            return;
        };
        let clones = ground.clones.into_inner().unwrap_or_default();
        if let Store::Postgres(template) = ground.store
            && let Some(template) = Arc::into_inner(template)
        {
            template.end(&clones).await;
        }
    }

    /// A database for a slot: a clone of the template.
    pub async fn database(&self, slot: usize, generation: usize) -> Result<Database, Failure> {
        match &self.store {
            Store::Postgres(template) => {
                let made = template
                    .clone_to(&template.clone_name(slot, generation))
                    .await?;
                if let Ok(mut clones) = self.clones.lock() {
                    clones.push(made.clone());
                }
                let options = server::connect_options(&template.server.url(&made.name))?;
                let rights = template.server.rights;
                let mut resetter = reset::Resetter::open(
                    options,
                    &template.marker,
                    rights,
                    self.isolation.strategy,
                )
                .await?;
                if self.isolation.prove {
                    self.proof
                        .get_or_try_init(|| {
                            Proof::take(resetter.connection(), rights, template.born)
                        })
                        .await?;
                }
                Ok(Database::Postgres {
                    made,
                    resetter: Box::new(resetter),
                })
            }
            Store::Sqlite(template) => {
                let file = template.copy(slot, generation)?;
                let resetter =
                    sqlite::Resetter::open(template, &file, self.isolation.strategy).await?;
                Ok(Database::Sqlite { file, resetter })
            }
            Store::Foreign => Ok(Database::Foreign),
        }
    }
}

impl Database {
    pub async fn close(self) {
        match self {
            Self::Postgres { resetter, .. } => resetter.close().await,
            Self::Sqlite { resetter, .. } => resetter.close().await,
            Self::Foreign => {}
        }
    }
}
