//! The URLs of a slot's database, for the service, programs and people.

use std::ffi::OsString;

use super::{Leased, Slot};
use crate::{
    failure::Failure,
    isolation::{sqlite, template},
    service::{Environment, address::DatabaseAddress},
    slot::factory::{DatabaseSource, SlotDatabase},
};

/// The URLs of a slot's database, for clients outside of the harness.
pub struct ClientUrls {
    pub service: String,
    pub owner: String,
    pub jdbc: Option<String>,
}

impl Slot {
    /// The URL of the database, as its owner.
    pub fn owner_url(&self) -> Result<String, Failure> {
        self.leased()?.owner_url()
    }

    /// The owner's URL as a program gets it: through the proxy if the scenario uses one.
    pub fn program_url(&self) -> Result<String, Failure> {
        let leased = self.leased()?;
        leased.through_network(leased.owner_url()?)
    }

    /// The URL of the database, as the role of the slot's service.
    pub fn service_url(&self) -> Result<String, Failure> {
        let leased = self.leased()?;
        leased.through_network(leased.service_url()?)
    }

    /// The URLs for a client in any language: as the service's role, and as the owner. They use TCP if possible,
    /// because not every driver knows sockets.
    pub fn client_urls(&self) -> Result<ClientUrls, Failure> {
        let leased = self.leased()?;
        let (template, _) = leased.server()?;
        let service = template.address(&leased.service_url()?)?;
        let owner = template.address(&leased.owner_url()?)?;
        let value = |address: &DatabaseAddress, name| address.value(name).and_then(Result::ok);
        Ok(ClientUrls {
            service: value(&service, "url:tcp").unwrap_or_else(|| service.url()),
            owner: value(&owner, "url:tcp").unwrap_or_else(|| owner.url()),
            jdbc: value(&service, "url:jdbc"),
        })
    }

    /// The service's own program with its first arguments, and its environment: the slot's database as its owner.
    pub fn program_command(&self) -> Result<(Vec<OsString>, Environment), Failure> {
        let leased = self.leased()?;
        let process = leased.context.program.process();
        let (Some(process), Some(words)) =
            (process, process.and_then(|found| found.program.as_ref()))
        else {
            return Err(Failure::new(
                "nobody knows the service's command line: name it by service.program in bdd.toml, as in \
                 program = \"cd {root} && python -m library\"; the words of the step are added to it",
            ));
        };
        let (template, _) = leased.server()?;
        let database = template.address(&leased.through_network(leased.owner_url()?)?)?;
        let surroundings = &process.surroundings;
        let line = surroundings.command(words, &database, None)?;
        let command = ["sh", "-c", &surroundings.with_words(&line), "sh"].map(Into::into);
        let environment = surroundings.environment(&database, Some(0))?;
        Ok((command.to_vec(), environment))
    }

    /// A command that opens the database.
    pub fn client_command(&self) -> Option<String> {
        let leased = self.leased().ok()?;
        match (&leased.context.source, &leased.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                let mut url = url::Url::parse(&template.url(&clone.name)).ok()?;
                // The user of an external server knows its password, so it isn't printed.
                let _ = url.set_password(None);
                Some(format!("psql '{url}'"))
            }
            (_, SlotDatabase::Sqlite { file, .. }) => Some(format!("sqlite3 '{}'", file.display())),
            _ => None,
        }
    }
}

impl Leased {
    pub(super) fn owner_url(&self) -> Result<String, Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok(template.url(&clone.name))
            }
            (_, SlotDatabase::Sqlite { file, .. }) => Ok(sqlite::url(file)),
            _ => Err(Failure::new(
                "the database behind the target's URL isn't ours: steps about the database don't work with --target URL",
            )),
        }
    }

    pub(super) fn service_url(&self) -> Result<String, Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok(template.service_url(&clone.name))
            }
            _ => self.owner_url(),
        }
    }

    pub(super) fn server(&self) -> Result<(&template::Template, &str), Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok((template, &clone.name))
            }
            (_, SlotDatabase::Sqlite { .. }) => Err(Failure::new(
                "SQLite is a file: it has no network and no connections to refuse; tag the scenario @postgres",
            )),
            _ => Err(Failure::new(
                "the database behind the target's URL isn't ours",
            )),
        }
    }
}
