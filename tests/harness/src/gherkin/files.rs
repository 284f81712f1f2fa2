//! Finds feature files by path, line, glob or folder.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

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
    if !folder.is_dir() {
        return Err(Misuse(format!(
            "there is no folder of features {}",
            folder.display()
        )));
    }
    let mut found = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true) {
        let path = entry
            .map_err(|error| Misuse(error.to_string()))?
            .into_path();
        if path.extension() == Some("feature".as_ref()) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `*` matches within a name, `**` across folders.
pub fn globbed(glob: &str) -> Result<Vec<PathBuf>, Misuse> {
    let pattern = GlobBuilder::new(glob.trim_start_matches("./"))
        .literal_separator(true)
        .build()
        .map_err(|error| Misuse(format!("--input: {error}")))?
        .compile_matcher();
    let root = glob.split(['*', '?', '[', '{']).next().unwrap_or_default();
    let root = root.rfind('/').map_or(".", |slash| &root[..slash.max(1)]);
    let mut found = in_folder(Path::new(root))?;
    found.retain(|path| pattern.is_match(path.strip_prefix("./").unwrap_or(path)));
    Ok(found)
}
