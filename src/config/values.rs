//! The values of all keys as text, merged from all sources.

use std::{collections::BTreeMap, fmt, fs, path::PathBuf};

use super::key::Key;
use super::settings::Setting;

/// Environment variables by name.
pub type EnvVars = BTreeMap<String, String>;

/// Where the configuration is read from; later sources override earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A TOML file; `None`: the one that `DLC_CONFIG` in `env` names.
    pub file: Option<PathBuf>,
    /// The environment variables.
    pub env: EnvVars,
    /// Keys with values, from the command line.
    pub flags: Vec<(String, String)>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
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

/// Everything that is wrong with a configuration, one line per error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is wrong:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

/// The text of every key with its origin, and the errors found so far.
pub(super) struct Values {
    keys: &'static [Key],
    texts: BTreeMap<&'static str, (String, Origin)>,
    pub(super) errors: Vec<String>,
    /// Whether a value isn't allowed.
    pub(super) has_wrong_values: bool,
}

impl Values {
    /// Merges defaults, file, environment and command line.
    pub(super) fn merge(keys: &'static [Key], sources: &Sources) -> Self {
        let texts = keys
            .iter()
            .map(|key| (key.name, (key.default.to_owned(), Origin::Default)))
            .collect();
        let mut values = Self {
            keys,
            texts,
            errors: Vec::new(),
            has_wrong_values: false,
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
                    .map_err(|error| describe(&error, &text))
            });
        match table {
            Ok(table) => self.add_table("", &table, path),
            Err(error) => self.errors.push(format!(
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
                toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
                    let items: Vec<_> = items.iter().filter_map(toml::Value::as_str).collect();
                    items.join(",")
                }
                other => other.to_string(),
            };
            self.set(&name, text, Origin::File(path.clone()));
        }
    }

    fn add_environment(&mut self, env: &BTreeMap<String, String>) {
        // Compose files and CI pass empty variables for what isn't set.
        let given = |name: &str| env.get(name).filter(|text| !text.is_empty());
        for key in self.keys {
            let texts = names(key).filter_map(|name| {
                let text = given(&name)?.clone();
                Some((name, text))
            });
            let files = names(key).filter_map(|name| {
                let name = format!("{name}_FILE");
                let path = given(&name).filter(|_| key.may_be_a_file)?;
                Some((name, path))
            });
            let (texts, files): (Vec<_>, Vec<_>) = (texts.collect(), files.collect());
            if let ([(name, _), ..], [(file, _), ..]) = (&*texts, &*files) {
                self.errors.push(format!("{name} and {file} are both set"));
                continue;
            }
            for (name, text) in texts {
                self.set(key.name, text, Origin::Environment(name));
            }
            for (file, path) in files {
                let read = fs::read_to_string(path);
                match read
                    .as_ref()
                    .map(|text| text.trim_end_matches(['\r', '\n']))
                {
                    Ok("") => {
                        self.errors
                            .push(format!("{file}: the file {path} is empty"));
                    }
                    Ok(text) => self.set(key.name, text.to_owned(), Origin::Environment(file)),
                    Err(error) => self
                        .errors
                        .push(format!("{file}: the file {path} can't be read: {error}")),
                }
            }
        }
        let ours = env.keys().filter(|name| name.starts_with("DLC_"));
        for name in ours.filter(|name| *name != "DLC_CONFIG") {
            let is_known =
                |key: &Key| names(key).any(|known| known == *name) || is_file_variable(key, name);
            if !self.keys.iter().any(is_known) {
                let hint = nearest(name, self.keys.iter().map(Key::env));
                self.errors
                    .push(format!("{name}: there is no such setting{hint}"));
            }
        }
    }

    fn set(&mut self, name: &str, text: String, origin: Origin) {
        if let Some(key) = self.keys.iter().find(|key| key.name == name) {
            self.texts.insert(key.name, (text, origin));
            return;
        }
        let hint = nearest(name, self.keys.iter().map(|key| key.name.to_owned()));
        self.errors
            .push(format!("{name} ({origin}): there is no such setting{hint}"));
    }

    /// The value of a key. If its text isn't allowed, an error is added, and the value is the default.
    pub(super) fn read<T: Setting>(&mut self, name: &'static str) -> T {
        let (text, origin) = &self.texts[name];
        if let Some(value) = T::read(text) {
            return value;
        }
        let is_from_file = matches!(origin, Origin::Environment(name) if name.ends_with("_FILE"));
        let shown = if T::MAY_BE_A_FILE && is_from_file {
            "***".into()
        } else {
            T::mask(text)
        };
        self.errors.push(format!(
            "{name} ({origin}): {shown:?} isn't allowed; allowed is {}",
            T::ALLOWED
        ));
        self.has_wrong_values = true;
        let key = self.keys.iter().find(|key| key.name == name);
        let default = key.and_then(|key| T::read(key.default));
        default.expect("defaults are allowed")
    }

    pub(super) fn is_default(&self, name: &str) -> bool {
        self.texts[name].1 == Origin::Default
    }

    /// Replaces the text that is shown for a key.
    pub(super) fn set_shown(&mut self, name: &'static str, text: &str) {
        if let Some((shown, _)) = self.texts.get_mut(name) {
            text.clone_into(shown);
        }
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

/// The error with its position, but without the line itself, which may contain a secret.
fn describe(error: &toml::de::Error, text: &str) -> String {
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

/// A key's value as `config` prints it.
#[derive(Clone)]
pub struct Shown {
    pub key: &'static Key,
    /// Secrets are masked; empty if there is no value.
    pub text: String,
    pub origin: Origin,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?} ({})", self.key.name, self.text, self.origin)
    }
}

/// The variables of a key; later ones override earlier ones.
fn names(key: &Key) -> impl Iterator<Item = String> {
    let well_known = key.well_known.iter().map(|name| (*name).to_owned());
    well_known.chain([key.env()])
}

/// Whether a variable names a file with the value of a key.
fn is_file_variable(key: &Key, variable: &str) -> bool {
    let of_key = variable
        .strip_suffix("_FILE")
        .is_some_and(|variable| names(key).any(|name| name == variable));
    key.may_be_a_file && of_key
}

/// A hint for an unknown name: the most similar known name. Names with the same last word come first: `DLC_PORT` means
/// `DLC_SERVER_PORT`.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    let last_word = |name: &str| name.rsplit(['.', '_']).next().map(ToOwned::to_owned);
    let likeness = |known: &String| {
        let same_end = f64::from(u8::from(last_word(known) == last_word(name))) / 4.0;
        strsim::jaro_winkler(name, known) + same_end
    };
    known
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .map_or_else(String::new, |known| format!("; did you mean {known}?"))
}
