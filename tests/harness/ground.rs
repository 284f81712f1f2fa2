//! What slots stand on: where databases come from, and what the service gets everywhere.

use std::{path::PathBuf, sync::Arc};

use super::{
    failure::Failure,
    options::Target,
    postgres,
    program::{Environment, Program},
    reset, sqlite, template,
};

/// What all slots of a run stand on.
pub struct Ground {
    pub program: Arc<dyn Program>,
    pub target: Target,
    pub store: Store,
    /// The service's settings in every slot, by variable.
    pub settings: Environment,
    /// A folder that goes with the run.
    pub folder: PathBuf,
    /// The databases we made besides the template, for the end.
    pub clones: std::sync::Mutex<Vec<String>>,
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
        name: String,
        resetter: reset::Resetter,
    },
    Sqlite {
        file: PathBuf,
        resetter: sqlite::Resetter,
    },
    Foreign,
}

impl Ground {
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
                let name = template.clone_name(slot, generation);
                template.clone_to(&name).await?;
                if let Ok(mut clones) = self.clones.lock() {
                    clones.push(name.clone());
                }
                let options = postgres::connect_options(&template.server.url(&name))?;
                let resetter =
                    reset::Resetter::open(options, &template.marker, template.server.superuser)
                        .await?;
                Ok(Database::Postgres { name, resetter })
            }
            Store::Sqlite(template) => {
                let file = template.copy(slot, generation)?;
                let resetter = sqlite::Resetter::open(template, &file).await?;
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
