//! Finds feature files by path, line, glob or folder.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::words;
use crate::failure::Misuse;

/// Parses `file.feature:3:12`, which selects both lines.
pub fn file_and_lines(named: &str) -> Option<(PathBuf, Vec<usize>)> {
    let end = named.find(".feature:")? + ".feature".len();
    let lines = named[end + 1..].split(':').map(str::parse);
    Some((
        PathBuf::from(&named[..end]),
        lines.collect::<Result<_, _>>().ok()?,
    ))
}

pub fn must_hold_scenarios(file: &Path) -> Result<(), Misuse> {
    if words::is_in_folder(file) {
        return Err(Misuse(format!(
            "{} holds words, which run only if a scenario uses them. Name a file of scenarios",
            file.display()
        )));
    }
    Ok(())
}

/// The files of scenarios in a folder, without those in folders of `@word` scenarios.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Misuse> {
    let mut found = all_in_folder(folder)?;
    found.retain(|file| !words::is_in_folder(file.strip_prefix(folder).unwrap_or(file)));
    Ok(found)
}

pub fn all_in_folder(folder: &Path) -> Result<Vec<PathBuf>, Misuse> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Err(Misuse(format!(
            "there is no folder of features {}",
            folder.display()
        )));
    }
    let failed = |error| Misuse(format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(all_in_folder(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "feature")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `*` matches within a name, `**` across folders. That is enough for feature files.
pub fn globbed(glob: &str) -> Result<Vec<PathBuf>, Misuse> {
    let mut pattern = String::from("^");
    let mut rest = glob.trim_start_matches("./");
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            pattern.push_str("(.*/)?");
            rest = after;
            continue;
        }
        match c {
            '*' => pattern.push_str("[^/]*"),
            '?' => pattern.push_str("[^/]"),
            c => pattern.push_str(&regex::escape(&c.to_string())),
        }
        rest = &rest[c.len_utf8()..];
    }
    pattern.push('$');
    let regex = Regex::new(&pattern).map_err(|error| Misuse(format!("--input: {error}")))?;
    let root = glob.split(['*', '?']).next().unwrap_or_default();
    let root = root.rfind('/').map_or(".", |slash| &root[..slash.max(1)]);
    Ok(in_folder(Path::new(root))?
        .into_iter()
        .filter(|path| regex.is_match(path.to_string_lossy().trim_start_matches("./")))
        .collect())
}
