//! Tools that keep up and down migration in one file, each after a special comment.

use std::path::{Path, PathBuf};

use super::{BY_ITS_TOOL, name_of, pattern, refused};
use crate::{failure::Failure, isolation::template::migration_file::MigrationFile};

/// A tool that keeps up and down migration in one file.
pub struct Tool {
    pub name: &'static str,
    /// The line before the up migration, for messages.
    pub shown: &'static str,
    up: &'static str,
    down: &'static str,
    /// Each statement runs without a transaction. Found on the line before the up migration, or anywhere in the file.
    alone: &'static str,
    /// What the tool replaces in the text before it runs. The harness can't do that.
    refused: Option<&'static str>,
}

pub const TOOLS: [Tool; 4] = [
    Tool {
        name: "goose",
        shown: "-- +goose Up",
        up: r"(?i)^\s*--\s*\+goose\s+up\b",
        down: r"(?i)^\s*--\s*\+goose\s+down\b",
        alone: r"(?im)^\s*--\s*\+goose\s+no\s+transaction\b",
        refused: Some(r"(?i)^\s*--\s*\+goose\s+envsub\s+on\b"),
    },
    Tool {
        name: "dbmate",
        shown: "-- migrate:up",
        up: r"(?i)^\s*--\s*migrate:up\b",
        down: r"(?i)^\s*--\s*migrate:down\b",
        alone: r"(?im)^\s*--\s*migrate:up\b.*\btransaction:\s*false\b",
        refused: None,
    },
    Tool {
        name: "sql-migrate",
        shown: "-- +migrate Up",
        up: r"(?i)^\s*--\s*\+migrate\s+up\b",
        down: r"(?i)^\s*--\s*\+migrate\s+down\b",
        alone: r"(?im)^\s*--\s*\+migrate\s+up\b.*\bnotransaction\b",
        refused: None,
    },
    Tool {
        name: "node-pg-migrate",
        shown: "-- Up Migration",
        up: r"(?i)^\s*--\s*up\s+migration\b",
        down: r"(?i)^\s*--\s*down\s+migration\b",
        alone: r"$^",
        refused: None,
    },
];

impl Tool {
    pub fn is_of(&self, text: &str) -> bool {
        let up = pattern(self.up);
        text.trim_start_matches('\u{feff}')
            .lines()
            .any(|line| up.is_match(line))
    }

    /// The file with everything blanked except the up migration. Line numbers stay.
    pub fn file(&self, path: &Path, text: &str) -> Result<MigrationFile, Failure> {
        let (up, down) = (pattern(self.up), pattern(self.down));
        let not_done = self.refused.map(pattern);
        let mut kept = String::with_capacity(text.len());
        let (mut is_up, mut seen) = (false, false);
        for (index, line) in text
            .trim_start_matches('\u{feff}')
            .split_inclusive('\n')
            .enumerate()
        {
            let wrong = |why: &str| {
                let place = PathBuf::from(format!("{}:{}", path.display(), index + 1));
                refused(&place, why)
            };
            if not_done
                .as_ref()
                .is_some_and(|pattern| pattern.is_match(line))
            {
                return Err(wrong(&format!(
                    "{} would change the text here. {BY_ITS_TOOL}",
                    self.name
                )));
            }
            if up.is_match(line) {
                if seen {
                    return Err(wrong(&format!("a second `{}`", self.shown)));
                }
                (is_up, seen) = (true, true);
            } else if down.is_match(line) {
                (is_up, seen) = (false, true);
            } else if is_up {
                kept.push_str(line);
                continue;
            } else if !seen && !is_remark(line) {
                return Err(wrong(&format!(
                    "it stands before `{}`, so {} wouldn't run it",
                    self.shown, self.name
                )));
            }
            kept.push('\n');
        }
        let alone = pattern(self.alone).is_match(text);
        let number = number_of(&name_of(path)).ok_or_else(|| {
            refused(
                path,
                &format!(
                    "the name of a migration of {} begins with its number",
                    self.name
                ),
            )
        })?;
        Ok(MigrationFile::of_tool(path, kept, alone).with_number(number))
    }
}

fn is_remark(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("--")
}

/// The number at the start of a name.
fn number_of(name: &str) -> Option<i64> {
    let end = name.find(|c: char| !c.is_ascii_digit())?;
    name[..end].parse().ok()
}
