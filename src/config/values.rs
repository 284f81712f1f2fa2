//! The texts of all keys, with where each came from, and the faults found in them.

use std::{collections::BTreeMap, fmt, fs, path::PathBuf};

use super::key::Key;
use super::settings::Setting;

/// Where a configuration is read from, the strongest last.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A TOML file; without one, what `DLC_CONFIG` in `env` names.
    pub file: Option<PathBuf>,
    /// The environment: nothing else is looked at.
    pub env: BTreeMap<String, String>,
    /// Dotted names with values, from the command line.
    pub flags: Vec<(String, String)>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said otherwise.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// Everything that is wrong with a configuration, one line a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}

/// The text of every key and where it came from.
pub(super) struct Values {
    keys: &'static [Key],
    texts: BTreeMap<&'static str, (String, Origin)>,
    pub(super) faults: Vec<String>,
}

impl Values {
    /// Lays defaults, file, environment and flags over each other.
    pub(super) fn gather(keys: &'static [Key], sources: &Sources) -> Self {
        let texts = keys
            .iter()
            .map(|key| (key.name, (key.default.to_owned(), Origin::Default)))
            .collect();
        let mut values = Self {
            keys,
            texts,
            faults: Vec::new(),
        };
        let named = sources
            .env
            .get("DLC_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        if let Some(path) = sources.file.clone().or(named) {
            values.add_file(&path);
        }
        values.add_environment(&sources.env);
        for (name, text) in &sources.flags {
            values.set(name, text.clone(), Origin::Flag);
        }
        values
    }

    fn add_file(&mut self, path: &PathBuf) {
        let table = fs::read_to_string(path)
            .map_err(|error| error.to_string())
            .and_then(|text| {
                text.parse::<toml::Table>()
                    .map_err(|error| without_text(&error, &text))
            });
        match table {
            Ok(table) => self.add_table("", &table, path),
            Err(error) => self.faults.push(format!(
                "the file {} can't be read: {error}",
                path.display()
            )),
        }
    }

    fn add_table(&mut self, prefix: &str, table: &toml::Table, path: &PathBuf) {
        for (name, value) in table {
            let name = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            let text = match value {
                toml::Value::Table(inner) if prefix.is_empty() => {
                    self.add_table(&name, inner, path);
                    continue;
                }
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            self.set(&name, text, Origin::File(path.clone()));
        }
    }

    fn add_environment(&mut self, env: &BTreeMap<String, String>) {
        for key in self.keys {
            let own = key.env();
            let names = key.well_known.iter().copied().chain([own.as_str()]);
            for name in names {
                // Compose files and CI hand over empty variables for what isn't set.
                if let Some(text) = env.get(name).filter(|text| !text.is_empty()) {
                    self.set(key.name, text.clone(), Origin::Environment(name.to_owned()));
                }
            }
        }
        // DLC_BDD_ names belong to the behaviour suite, which may run this program.
        let unknown = env
            .keys()
            .filter(|name| name.starts_with("DLC_") && !name.starts_with("DLC_BDD_"));
        for name in unknown.filter(|name| *name != "DLC_CONFIG") {
            if !self.keys.iter().any(|key| key.env() == *name) {
                self.faults.push(format!(
                    "{name}: there is no such setting{}",
                    nearest(self.keys, name)
                ));
            }
        }
    }

    fn set(&mut self, name: &str, text: String, origin: Origin) {
        match self.keys.iter().find(|key| key.name == name) {
            Some(key) => {
                self.texts.insert(key.name, (text, origin));
            }
            None => self
                .faults
                .push(format!("{name} ({origin}): there is no such setting")),
        }
    }

    /// The value of a key; a wrong one is noted with its name, its text and what is allowed.
    pub(super) fn read<T: Setting>(&mut self, name: &'static str) -> Option<T> {
        let (text, origin) = &self.texts[name];
        let value = T::read(text);
        if value.is_none() {
            let shown = T::mask(text);
            self.faults.push(format!(
                "{name} ({origin}): {shown:?} isn't allowed; allowed is {}",
                T::ALLOWED
            ));
        }
        value
    }

    pub(super) fn origin(&self, name: &str) -> &Origin {
        &self.texts[name].1
    }

    /// Sets what a key comes to when nobody says anything about it.
    pub(super) fn settle(&mut self, name: &'static str, text: String) {
        self.texts.insert(name, (text, Origin::Default));
    }

    pub(super) fn into_shown(self) -> Vec<Shown> {
        self.keys
            .iter()
            .map(|key| {
                let (text, origin) = self.texts[key.name].clone();
                Shown {
                    key,
                    text: (key.mask)(&text),
                    origin,
                }
            })
            .collect()
    }
}

/// What is wrong and where; never the line itself, which may hold a secret.
fn without_text(error: &toml::de::Error, text: &str) -> String {
    let before = text.get(..error.span().map_or(0, |span| span.start));
    let before = before.unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |rest| rest.chars().count())
        + 1;
    format!("line {line}, column {column}: {}", error.message())
}

/// A key's value as it may be shown.
#[derive(Clone)]
pub struct Shown {
    /// The key.
    pub key: &'static Key,
    /// Its value, secrets masked; empty when there is none.
    pub text: String,
    /// Where the value came from.
    pub origin: Origin,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?} ({})", self.key.name, self.text, self.origin)
    }
}

/// A hint for a name that is nearly right: the first key whose last word is in it.
fn nearest(keys: &[Key], name: &str) -> String {
    keys.iter()
        .filter(|key| {
            key.name
                .rsplit('.')
                .next()
                .is_some_and(|word| name.ends_with(&word.to_uppercase()))
        })
        .map(|key| format!("; did you mean {}?", key.env()))
        .next()
        .unwrap_or_default()
}
