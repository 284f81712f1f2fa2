//! The suite's settings file, and its combination with the environment and the command line.

use std::{
    collections::BTreeMap,
    fmt,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

use crate::{
    browser::{BrowserSettings, Choice, PATIENCE, find},
    duration::Limit,
    failure::Misuse,
    isolation::reset::Strategy,
    server::{IMAGE, Provider, ServerRequest, SettingNames},
    service::Store,
    slot::factory::Limits,
    suite::options::Options,
};

/// The suite's settings file. The environment overrides it, and the command line overrides the environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub database: FileDatabase,
    pub suite: FileSuite,
    pub browser: FileBrowser,
    /// Services that the service calls, and the variables that tell it their addresses.
    pub neighbours: BTreeMap<String, String>,
    /// The service's settings in every slot, by section.
    pub service: BTreeMap<String, toml::Value>,
    /// The file describes a project without a suite in Rust.
    #[serde(skip)]
    pub is_a_projects: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileDatabase {
    /// The name of the template. Only for a project without a suite in Rust; such a suite sets the name in its code.
    pub name: Option<String>,
    pub provider: Option<String>,
    pub url: Option<String>,
    pub image: Option<String>,
    pub in_memory: Option<bool>,
    /// Whether the migrated database stays on an external server for the next run.
    pub keep_schema: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSuite {
    #[serde(deserialize_with = "slots")]
    pub slots: Option<u16>,
    pub reset: Option<Strategy>,
    pub prove_isolation: bool,
    pub step_timeout: Option<Limit>,
    pub start_timeout: Option<Limit>,
    pub program_timeout: Option<Limit>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileBrowser {
    pub path: Option<PathBuf>,
    pub arguments: Vec<String>,
    pub patience: Option<Limit>,
}

/// As many slots as `--slots` takes; with none, no scenario would ever run.
fn slots<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    struct Slots;
    impl Visitor<'_> for Slots {
        type Value = u16;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a number from 1 to 256")
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<u16, E> {
            let slots = u16::try_from(number).ok();
            slots
                .filter(|slots| SLOTS.contains(slots))
                .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
        }
    }
    from.deserialize_any(Slots).map(Some)
}

/// How many slots a run may have.
const SLOTS: RangeInclusive<u16> = 1..=256;

/// The combined settings for the database.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub server: ServerRequest,
    pub store: Store,
    /// A provider or a store was requested, so no other one may be used.
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

    /// The database settings: the command line overrides the environment, which overrides the file.
    ///
    /// A developer's own `DATABASE_URL` is never read, because it may be a database that matters.
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
        let parsed = |text: &str| {
            text.parse::<Provider>()
                .map_err(|error| Misuse(format!("database.provider: {error}")))
        };
        let provider = match (
            &options.database,
            environment("DATABASE_PROVIDER"),
            &self.database.provider,
        ) {
            (Some(database), _, _) => Some(database.clone()),
            (None, Some(text), _) => Some(parsed(&text)?),
            (None, None, Some(text)) => Some(parsed(text)?),
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
                tcp: false,
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

    /// The time limit of a step, if one is set.
    pub fn step_timeout(&self, options: &Options) -> Option<Duration> {
        let set = self.suite.step_timeout.map(|Limit(limit)| limit);
        options.step_timeout.or(set)
    }

    /// The browser: from the command line, the file, `CHROMIUM`, or `PATH`, in this order.
    pub fn browser(&self, options: &Options, file: &Path) -> Result<BrowserSettings, Misuse> {
        let key = format!(
            "browser.path in {}",
            file.file_name().unwrap_or_default().display()
        );
        let named = match (&options.browser, &self.browser.path) {
            (Some(Choice::Path(path)), _) => Some((path.clone(), "--browser".to_owned())),
            (None, Some(path)) if !path.as_os_str().is_empty() => Some((path.clone(), key)),
            _ => None,
        };
        let executable = match options.browser {
            Some(Choice::None) => None,
            _ => find(named).map_err(Misuse)?,
        };
        let set = self.browser.patience.map(|Limit(patience)| patience);
        Ok(BrowserSettings {
            executable,
            arguments: self.browser.arguments.clone(),
            patience: options.browser_patience.or(set).unwrap_or(PATIENCE),
        })
    }

    /// The time limits for the service's start and for runs of its command line.
    pub fn limits(&self, options: &Options) -> Limits {
        let usual = Limits::default();
        let set = |option: Option<Duration>, file: Option<Limit>| {
            option.or(file.map(|Limit(limit)| limit))
        };
        Limits {
            start: set(options.start_timeout, self.suite.start_timeout).unwrap_or(usual.start),
            start_is_named: options.start_timeout.is_some(),
            program: set(options.program_timeout, self.suite.program_timeout)
                .unwrap_or(usual.program),
        }
    }
}
