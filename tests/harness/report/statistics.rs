//! What was measured on the way.

use std::{collections::HashMap, time::Duration};

use cucumber::event::Source;
use gherkin::Scenario;

use crate::harness::slot::Returned;

/// Gathered by the runner, told by the report.
#[derive(Debug, Default)]
pub struct Statistics {
    /// From a scenario's end to its slot being free, for resets in place.
    resets: Vec<Duration>,
    /// Which scenario made a clone necessary, and why.
    pub clones: Vec<(String, String)>,
    /// Transactions that were left open, and by which scenario.
    pub notices: Vec<(String, String)>,
    /// Slots that couldn't be put back.
    pub lost: usize,
    /// What to show of a failed scenario.
    pub diagnoses: HashMap<Source<Scenario>, String>,
}

impl Statistics {
    pub fn returned(&mut self, scenario: &str, returned: Returned) {
        match returned.cloned {
            Some(reason) => self.clones.push((scenario.to_owned(), reason)),
            None => self.resets.push(returned.took),
        }
        let notices = returned
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

    /// `resets: 212 in place, 3 cloned anew, median 0.4 ms, p99 1.1 ms`
    pub fn resets_line(&self) -> Option<String> {
        if self.resets.is_empty() && self.clones.is_empty() {
            return None;
        }
        let mut sorted = self.resets.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let index = sorted.len().saturating_sub(1) * percent / 100;
            sorted
                .get(index)
                .map_or(0.0, |took| took.as_secs_f64() * 1000.0)
        };
        Some(format!(
            "resets: {} in place, {} cloned anew, median {:.1} ms, p99 {:.1} ms",
            sorted.len(),
            self.clones.len(),
            at(50),
            at(99)
        ))
    }
}
