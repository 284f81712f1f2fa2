//! Flyway's files: `V1__name.sql`, `R__name.sql`.

use std::{cmp::Ordering, path::PathBuf, sync::LazyLock};

use regex::Regex;

use super::{BY_ITS_TOOL, name_of, pattern, refused};
use crate::{
    failure::Failure,
    isolation::template::{migration_file::MigrationFile, sql_file::text_of},
};

/// Whether a file's name is one of a Flyway migration.
pub fn is_migration(name: &str) -> bool {
    version(name).is_some()
}

/// The order of Flyway's files: versions first, then repeatable migrations.
#[derive(PartialEq, Eq)]
enum Flyway {
    Versioned(Vec<u64>),
    Repeatable(String),
    Undo,
    Baseline,
}

impl Flyway {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Versioned(one), Self::Versioned(other)) => one.cmp(other),
            (Self::Repeatable(one), Self::Repeatable(other)) => one.cmp(other),
            (Self::Versioned(_), _) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// Parses a Flyway name: `V1.2__name.sql`, `R__name.sql`.
fn version(name: &str) -> Option<Flyway> {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^([VUBR])([0-9][0-9._]*?)?__(.+)\.sql$"));
    let found = NAME.captures(name)?;
    let version = found.get(2).map(|version| {
        let mut parts: Vec<u64> = version
            .as_str()
            .split(['.', '_'])
            .filter_map(|part| part.parse().ok())
            .collect();
        // 1.0 equals 1.
        while parts.len() > 1 && parts.last() == Some(&0) {
            parts.pop();
        }
        parts
    });
    match (&found[1], version) {
        ("V", Some(version)) => Some(Flyway::Versioned(version)),
        ("R", None) => Some(Flyway::Repeatable(found[3].to_owned())),
        ("U", Some(_)) => Some(Flyway::Undo),
        ("B", Some(_)) => Some(Flyway::Baseline),
        _ => None,
    }
}

pub fn read(paths: Vec<PathBuf>) -> Result<Vec<MigrationFile>, Failure> {
    static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$\{[^}\n]+\}"));
    let mut found: Vec<(Flyway, PathBuf)> = Vec::new();
    for path in paths {
        let name = name_of(&path);
        let extension = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match version(&name) {
            Some(Flyway::Undo) => {}
            Some(Flyway::Baseline) => {
                return Err(refused(
                    &path,
                    "a Flyway baseline replaces older migrations, which isn't supported. Name one file by schema = { sql = \"…\" }",
                ));
            }
            Some(version) => found.push((version, path)),
            None if extension == "sql" => {
                return Err(refused(
                    &path,
                    "its name isn't one of a Flyway migration (V1__name.sql, R__name.sql). Callbacks aren't supported",
                ));
            }
            None if ["java", "class", "kt", "py", "sh"].contains(&&*extension) => {
                return Err(refused(&path, BY_ITS_TOOL));
            }
            None => {}
        }
    }
    found.sort_by(|(one, _), (other, _)| one.order(other));
    let same = found.windows(2).find(|pair| pair[0].0 == pair[1].0);
    if let Some(pair) = same {
        return Err(Failure::new(format!(
            "{} and {} have the same version",
            pair[0].1.display(),
            pair[1].1.display()
        )));
    }
    let mut files = Vec::new();
    for (_, path) in found {
        let text = text_of(&path)?;
        if let Some(placeholder) = PLACEHOLDER.find(&text) {
            let line = text[..placeholder.start()].matches('\n').count() + 1;
            return Err(refused(
                &PathBuf::from(format!("{}:{line}", path.display())),
                &format!(
                    "{} is a placeholder that Flyway would replace. {BY_ITS_TOOL}",
                    placeholder.as_str()
                ),
            ));
        }
        let settings = PathBuf::from(format!("{}.conf", path.display()));
        let alone = settings.is_file()
            && text_of(&settings)?
                .replace(' ', "")
                .contains("executeInTransaction=false");
        files.push(MigrationFile::of_tool(&path, text, alone));
    }
    Ok(files)
}
