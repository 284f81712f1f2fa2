//! The rows that a scenario wrote, read before the reset.

use std::collections::BTreeMap;

use crate::json::Json;

/// The maximum number of added and of removed rows that are read per table.
pub const MOST: usize = 20;

/// A table that a scenario wrote to.
#[derive(Clone, Debug)]
pub struct WrittenTable {
    pub name: String,
    pub rows: Vec<WrittenRow>,
    /// The table has more changed rows than were read.
    pub is_cut: bool,
    /// Why the rows weren't read.
    pub unreadable: Option<String>,
}

/// Each row as JSON.
#[derive(Clone, Debug)]
pub enum WrittenRow {
    Added(String),
    Removed(String),
    Changed { before: String, after: String },
}

impl WrittenTable {
    /// Pairs removed and added rows with the same key: these were changed.
    pub fn new(name: String, key: &[String], removed: Vec<String>, added: Vec<String>) -> Self {
        let is_cut = removed.len() > MOST || added.len() > MOST;
        let mut before: BTreeMap<String, String> = BTreeMap::new();
        let mut rows = Vec::new();
        for row in removed.into_iter().take(MOST) {
            match key_of(&row, key) {
                Some(key) => {
                    before.insert(key, row);
                }
                None => rows.push(WrittenRow::Removed(row)),
            }
        }
        for row in added.into_iter().take(MOST) {
            let before = key_of(&row, key).and_then(|key| before.remove(&key));
            rows.push(match before {
                Some(before) => WrittenRow::Changed { before, after: row },
                None => WrittenRow::Added(row),
            });
        }
        rows.extend(before.into_values().map(WrittenRow::Removed));
        Self {
            name,
            rows,
            is_cut,
            unreadable: None,
        }
    }

    pub fn unreadable(name: String, why: String) -> Self {
        Self {
            name,
            rows: Vec::new(),
            is_cut: false,
            unreadable: Some(why),
        }
    }
}

fn key_of(row: &str, key: &[String]) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    let row = Json::parse(row).ok()?;
    let values = key.iter().map(|column| Some(row.get(column)?.to_string()));
    Some(values.collect::<Option<Vec<_>>>()?.join(","))
}
