//! `rerun.txt`: the failed scenarios, in the format of the command line; and `timings.json`: the duration of each
//! scenario.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    path::Path,
};

use crate::report::record::{Attempt, Status};

/// Lines of failed scenarios, by file. Without lines it is the whole file.
#[derive(Default)]
pub struct Rerun(BTreeMap<String, BTreeSet<usize>>);

impl Rerun {
    pub fn attempt(&mut self, attempt: &Attempt) {
        if attempt.is_failure() {
            let lines = self.0.entry(attempt.case.file.clone()).or_default();
            lines.insert(attempt.case.line);
        }
    }

    /// A file with a mistake, and its place: `features/x.feature:4:3: what`.
    pub fn unreadable(&mut self, what: &str) {
        if let Some(end) = what.find(".feature:") {
            let file = Path::new(&what[..end + ".feature".len()]);
            self.0
                .entry(crate::process::below_project_root(file))
                .or_default();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `features/pizzas.feature:3:12`, one line per file.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        for (file, lines) in &self.0 {
            let lines = lines.iter().map(|line| format!(":{line}"));
            writeln!(to, "{file}{}", lines.collect::<String>())?;
        }
        Ok(())
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
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *to, &self.0)?;
        writeln!(to)
    }
}
