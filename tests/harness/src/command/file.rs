//! The keys of `bdd.toml`, parsed strictly: an unknown key, a wrong type or a misplaced key is an error with its line
//! and column.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use crate::{
    duration::Span,
    failure::{Misuse, nearest_first},
    service::{Environment, process::Forget},
    suite::{FileBrowser, FileDatabase, FileSuite},
};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    pub features: Option<PathBuf>,
    #[serde(deserialize_with = "database")]
    pub database: FileDatabase,
    pub schema: Option<SchemaKeys>,
    pub service: Option<ServiceKeys>,
    /// Names of services that the service calls, and the variables that tell it their addresses.
    pub neighbours: BTreeMap<String, String>,
    pub suite: FileSuite,
    pub browser: FileBrowser,
}

/// Exactly one of these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[serde(
    expecting = "a table such as { run = \"alembic upgrade head\" }, { files = \"migrations\" } or { sql = \"schema.sql\" }"
)]
pub struct SchemaKeys {
    pub run: Option<String>,
    /// The files that `run` reads.
    #[serde(deserialize_with = "paths")]
    pub from: Vec<PathBuf>,
    pub files: Option<PathBuf>,
    #[serde(deserialize_with = "paths")]
    pub sql: Vec<PathBuf>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[serde(expecting = "a section: [service], with run below it")]
pub struct ServiceKeys {
    pub run: Option<String>,
    pub ready: Option<ReadyKeys>,
    #[serde(deserialize_with = "environment")]
    pub env: Environment,
    pub pass: Option<Vec<String>>,
    pub role: Option<RoleKey>,
    pub grants: Option<PathBuf>,
    #[serde(deserialize_with = "forget")]
    pub forget: Option<Forget>,
    pub program: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[serde(
    expecting = "a table such as { get = \"/health\" } or { line = \"listening on (\\\\S+)\" }"
)]
pub struct ReadyKeys {
    pub get: Option<String>,
    pub line: Option<String>,
    pub within: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleKey {
    Rows,
    Owner,
}

impl Keys {
    /// The keys of a section. `ask` is a TOML text that has an unknown key in this section.
    pub fn known(ask: &str) -> Vec<String> {
        let Err(error) = toml::from_str::<Self>(ask) else {
            return Vec::new();
        };
        let parts = error.message().split('`').skip(3).step_by(2);
        parts.map(str::to_owned).collect()
    }

    pub fn parse(text: &str, file: &Path) -> Result<Self, Misuse> {
        toml::from_str(text).map_err(|error| {
            let place = error.span().map(|span| {
                let before = &text[..span.start.min(text.len())];
                let line = before.matches('\n').count() + 1;
                let column = before
                    .rsplit('\n')
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .count()
                    + 1;
                format!(":{line}:{column}")
            });
            let shown = error.span().and_then(|span| {
                let start = span.start.min(text.len());
                let from = text[..start].rfind('\n').map_or(0, |end| end + 1);
                Some(format!("\n  {}", text[from..].lines().next()?))
            });
            Misuse(format!(
                "{}{}: {}{}",
                file.display(),
                place.unwrap_or_default(),
                explained(error.message()),
                shown.unwrap_or_default()
            ))
        })
    }
}

/// serde's list of known keys, the most similar first.
fn explained(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    let is_unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let (true, Some(unknown)) = (is_unknown, parts.get(1)) else {
        return in_words(message.trim_end());
    };
    let known: Vec<&str> = parts.iter().skip(3).step_by(2).copied().collect();
    let nearest = nearest_first(known.iter().copied(), unknown);
    let kind = if message.starts_with("unknown field") {
        "key"
    } else {
        "value"
    };
    match nearest.split_first() {
        Some((first, [])) => format!("`{unknown}` is no {kind} here: there is `{first}`"),
        Some((first, others)) => format!(
            "`{unknown}` is no {kind} here: did you mean `{first}`? There are also {}",
            others.join(", ")
        ),
        None => message.to_owned(),
    }
}

/// Replaces serde's names of types by those that TOML's documentation uses.
fn in_words(message: &str) -> String {
    let names = [
        (
            "expected a sequence",
            "expected a list, as in [\"PATH\", \"HOME\"]",
        ),
        ("expected a string", "expected a text in quotes"),
        ("expected path string", "expected a path in quotes"),
        ("expected struct FileSuite", "expected a section: [suite]"),
        (
            "expected struct FileBrowser",
            "expected a section: [browser]",
        ),
        (
            "expected a map",
            "expected a table, as in { NAME = \"text\" }",
        ),
    ];
    names
        .into_iter()
        .fold(message.to_owned(), |message, (name, words)| {
            message.replace(name, words)
        })
}

/// `database = "library_test"`, or a table with the name among other keys.
fn database<'de, D: Deserializer<'de>>(from: D) -> Result<FileDatabase, D::Error> {
    struct NameOrTable;
    impl<'de> Visitor<'de> for NameOrTable {
        type Value = FileDatabase;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("the name of the template database, or a table [database]")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<FileDatabase, E> {
            Ok(FileDatabase {
                name: Some(name.to_owned()),
                ..FileDatabase::default()
            })
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<FileDatabase, M::Error> {
            FileDatabase::deserialize(MapAccessDeserializer::new(map))
        }
    }
    from.deserialize_any(NameOrTable)
}

/// `sql = "schema.sql"`, or a list of files.
fn paths<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<PathBuf>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("the path of a file, or a list of paths")
        }

        fn visit_str<E: de::Error>(self, path: &str) -> Result<Vec<PathBuf>, E> {
            Ok(vec![path.into()])
        }

        fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Vec<PathBuf>, S::Error> {
            let mut paths = Vec::new();
            while let Some(path) = list.next_element()? {
                paths.push(path);
            }
            Ok(paths)
        }
    }
    from.deserialize_any(OneOrMore)
}

/// Strings, numbers and booleans. For a process all are text.
fn environment<'de, D: Deserializer<'de>>(from: D) -> Result<Environment, D::Error> {
    struct Text(String);
    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            struct Plain;
            impl Visitor<'_> for Plain {
                type Value = Text;

                fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                    f.write_str("the text of an environment variable")
                }

                fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                    Ok(Text(text.to_owned()))
                }

                fn visit_i64<E: de::Error>(self, number: i64) -> Result<Text, E> {
                    Ok(Text(number.to_string()))
                }

                fn visit_bool<E: de::Error>(self, is: bool) -> Result<Text, E> {
                    Ok(Text(is.to_string()))
                }
            }
            from.deserialize_any(Plain)
        }
    }
    let texts = BTreeMap::<String, Text>::deserialize(from)?;
    Ok(texts
        .into_iter()
        .map(|(name, Text(text))| (name, text))
        .collect())
}

/// `forget = "restart"`, `"nothing"`, or `{ post = "/path" }`.
fn forget<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Forget>, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Post {
        post: String,
    }
    struct WordOrTable;
    impl<'de> Visitor<'de> for WordOrTable {
        type Value = Forget;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("{ post = \"/path\" }, \"restart\" or \"nothing\"")
        }

        fn visit_str<E: de::Error>(self, word: &str) -> Result<Forget, E> {
            match word {
                "restart" => Ok(Forget::Restart),
                "nothing" => Ok(Forget::Nothing),
                _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
            }
        }

        fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Forget, M::Error> {
            let Post { post } = Post::deserialize(MapAccessDeserializer::new(map))?;
            if !post.starts_with('/') {
                return Err(de::Error::invalid_value(
                    de::Unexpected::Str(&post),
                    &"a path that starts with a slash",
                ));
            }
            Ok(Forget::Post(post))
        }
    }
    from.deserialize_any(WordOrTable).map(Some)
}
