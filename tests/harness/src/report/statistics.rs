//! Measurements and notes of a run.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use cucumber::event::Source;
use gherkin::Scenario;

use crate::report::Timings;
use crate::slot::{Outcome, Release};

/// The runner collects them, the report prints them.
#[derive(Debug, Default)]
pub struct Statistics {
    /// From a scenario's end to its slot being free, for resets in place.
    resets: Vec<Duration>,
    /// The same for clones, for any reason.
    cloned: Vec<Duration>,
    /// How long each proof took.
    proofs: Vec<Duration>,
    /// Scenarios that made a clone necessary, and what they changed.
    pub clones: Vec<(String, String)>,
    /// Transactions that were left open, and the scenarios that did it.
    pub notices: Vec<(String, String)>,
    /// The number of slots that couldn't be reset.
    pub lost: usize,
    /// The explanations of failed scenarios.
    pub diagnoses: HashMap<Source<Scenario>, String>,
    /// Scenarios that were running when the run was interrupted.
    pub interrupted: HashSet<Source<Scenario>>,
    pub timings: Timings,
    /// Isolation was proved, but the service may remember writes of an earlier scenario.
    pub memory_unproved: bool,
    /// Scenarios that one of their own steps skipped.
    pub skipped: HashSet<Source<Scenario>>,
}

impl Statistics {
    pub fn released(&mut self, scenario: &str, release: Release) {
        match release.outcome {
            Outcome::NotReset => {}
            Outcome::InPlace => {
                self.timings.resets += release.took;
                self.resets.push(release.took);
            }
            Outcome::Recloned(reason) => {
                self.timings.clones += release.took;
                self.cloned.push(release.took);
                let reason = reason.map(|reason| (scenario.to_owned(), reason));
                self.clones.extend(reason);
            }
        }
        self.timings.proofs += release.proved.unwrap_or_default();
        self.proofs.extend(release.proved);
        let notices = release
            .notices
            .into_iter()
            .map(|notice| (scenario.to_owned(), notice));
        self.notices.extend(notices);
    }

    pub fn lost_slot(&mut self) {
        self.lost += 1;
    }

    pub fn diagnosed(&mut self, scenario: &Source<Scenario>, text: String) {
        self.diagnoses.insert(scenario.clone(), text);
    }

    /// Whether every scenario has cost a clone, as with a service that migrates at its start.
    pub fn is_always_cloned(&self) -> bool {
        self.resets.is_empty() && self.clones.len() > 1
    }

    /// `resets: 212 in place, 3 cloned anew, median 0.4 ms, p99 1.1 ms`
    pub fn resets_line(&self) -> Option<String> {
        if self.resets.is_empty() && self.cloned.is_empty() {
            return None;
        }
        let (median, p99) = if self.resets.is_empty() {
            quantiles(&self.cloned)
        } else {
            quantiles(&self.resets)
        };
        Some(format!(
            "resets: {} in place, {} cloned anew, median {median:.1} ms, p99 {p99:.1} ms",
            self.resets.len(),
            self.cloned.len(),
        ))
    }

    /// `proofs: 215 comparisons with the template, median 8.1 ms, p99 12.5 ms`
    pub fn proofs_line(&self) -> Option<String> {
        if self.proofs.is_empty() {
            return None;
        }
        let (median, p99) = quantiles(&self.proofs);
        Some(format!(
            "proofs: {} comparisons with the template, median {median:.1} ms, p99 {p99:.1} ms",
            self.proofs.len()
        ))
    }
}

/// Median and 99th percentile, in milliseconds.
fn quantiles(times: &[Duration]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| {
        let index = sorted.len().saturating_sub(1) * percent / 100;
        sorted
            .get(index)
            .map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    (at(50), at(99))
}
