//! `rerun.txt`: the failed scenarios, in the format of the command line; and `timings.json`: the duration of each
//! scenario.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::report::record::{Attempt, Status};

/// Lines of failed scenarios, by file.
#[derive(Default)]
pub struct Rerun(BTreeMap<String, BTreeSet<usize>>);

impl Rerun {
    pub fn attempt(&mut self, attempt: &Attempt) {
        if attempt.is_failure() {
            let lines = self.0.entry(attempt.case.file.clone()).or_default();
            lines.insert(attempt.case.line);
        }
    }

    /// `features/pizzas.feature:3:12`, one line per file.
    pub fn text(&self) -> String {
        let line = |(file, lines): (&String, &BTreeSet<usize>)| {
            let lines: Vec<_> = lines.iter().map(usize::to_string).collect();
            format!("{file}:{}\n", lines.join(":"))
        };
        self.0.iter().map(line).collect()
    }
}

/// Milliseconds by `path:line`, of the last complete run of each scenario.
#[derive(Default)]
pub struct Timings(BTreeMap<String, f64>);

impl Timings {
    /// The times of earlier runs; empty if there is no valid file.
    pub fn read(file: &Path) -> Self {
        let text = std::fs::read(file).unwrap_or_default();
        Self(serde_json::from_slice(&text).unwrap_or_default())
    }

    pub fn attempt(&mut self, attempt: &Attempt) {
        if attempt.status() == Status::Passed || attempt.is_failure() {
            let milliseconds = attempt.took.as_secs_f64() * 1000.0;
            let rounded = (milliseconds * 10.0).round() / 10.0;
            self.0.insert(attempt.case.place(), rounded);
        }
    }

    /// One line per scenario.
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(&self.0).unwrap_or_default();
        json.push('\n');
        json
    }
}
