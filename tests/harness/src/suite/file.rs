//! The suite's file of settings, and what follows from it, the environment and the command line.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde::Deserialize;

use crate::{
    duration::Span,
    failure::Misuse,
    isolation::reset::Strategy,
    server::{IMAGE, Provider, ServerRequest, SettingNames},
    service::Store,
    slot::factory::Limits,
    suite::options::Options,
};

/// The suite's file: what a project sets once and for all. The command line and the environment go before it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub database: FileDatabase,
    pub suite: FileSuite,
    /// The service's own settings in every slot, by section.
    pub service: BTreeMap<String, toml::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileDatabase {
    pub provider: Option<String>,
    pub url: Option<String>,
    pub image: Option<String>,
    pub in_memory: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSuite {
    pub slots: Option<u16>,
    pub reset: Option<Strategy>,
    pub prove_isolation: bool,
    pub step_timeout: Option<Span>,
    pub start_timeout: Option<Span>,
    pub program_timeout: Option<Span>,
}

/// How long one step may take, where nothing else is said: long enough for a busy machine, because only what hangs takes
/// so long.
const STEP: Duration = Duration::from_mins(2);

/// What was asked for, by whichever way.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub server: ServerRequest,
    pub store: Store,
    /// A provider or a store was named, so no other will do.
    pub named: bool,
}

impl File {
    /// Reads the file; a missing one is empty.
    pub fn read(path: &Path) -> Result<Self, Misuse> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|error| Misuse(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Misuse(format!("{}: {error}", path.display()))),
        }
    }

    /// What was said of the database: command line, then environment, then file.
    ///
    /// A developer's own `DATABASE_URL` is never read: it may be a database that matters.
    pub fn wanted(
        &self,
        options: &Options,
        variables: &str,
        file: &Path,
    ) -> Result<Wanted, Misuse> {
        let environment = |name: &str| {
            let value = std::env::var(format!("{variables}{name}")).ok();
            value.filter(|value| !value.is_empty())
        };
        let said = |text: &str| {
            text.parse::<Provider>()
                .map_err(|error| Misuse(format!("database.provider: {error}")))
        };
        let provider = match (
            &options.database,
            environment("DATABASE_PROVIDER"),
            &self.database.provider,
        ) {
            (Some(database), _, _) => Some(database.clone()),
            (None, Some(text), _) => Some(said(&text)?),
            (None, None, Some(text)) => Some(said(text)?),
            (None, None, None) => None,
        };
        let url = match &provider {
            Some(Provider::Url(url)) => Some(url.clone()),
            _ => environment("DATABASE_URL")
                .or_else(|| self.database.url.clone().filter(|url| !url.is_empty())),
        };
        Ok(Wanted {
            named: options.store.is_some() || !matches!(provider, None | Some(Provider::Auto)),
            server: ServerRequest {
                provider: provider.unwrap_or(Provider::Auto),
                url,
                image: environment("DATABASE_IMAGE")
                    .or_else(|| self.database.image.clone())
                    .unwrap_or_else(|| IMAGE.to_owned()),
                in_memory: self.database.in_memory.unwrap_or(true),
                plain_owner: options.plain_owner,
                setting_names: SettingNames {
                    url: format!(
                        "{variables}DATABASE_URL, or database.url in {}",
                        file.file_name().unwrap_or_default().display()
                    ),
                    image: format!("{variables}DATABASE_IMAGE"),
                },
            },
            store: options.store.unwrap_or(Store::Postgres),
        })
    }

    /// How long one step may take.
    pub fn step_timeout(&self, options: &Options) -> Duration {
        let set = self.suite.step_timeout.map(|Span(limit)| limit);
        options.step_timeout.or(set).unwrap_or(STEP)
    }

    /// How long the service may take to start, and a run of its command line.
    pub fn limits(&self, options: &Options) -> Limits {
        let usual = Limits::default();
        let set =
            |option: Option<Duration>, file: Option<Span>| option.or(file.map(|Span(limit)| limit));
        Limits {
            start: set(options.start_timeout, self.suite.start_timeout).unwrap_or(usual.start),
            program: set(options.program_timeout, self.suite.program_timeout)
                .unwrap_or(usual.program),
        }
    }
}
