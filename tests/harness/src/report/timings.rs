//! The run's time by scenario, by step and by phase.

use std::{collections::HashMap, time::Duration};

/// The number of listed scenarios and steps without `--verbose`. With `--verbose` it is twenty.
const NAMED: usize = 3;
/// Shorter runs don't print times.
const SHORT: Duration = Duration::from_secs(5);

/// The runner collects them, the summary prints them.
#[derive(Debug, Default)]
pub struct Timings {
    /// From the start of the process to the first scenario.
    pub boot: Duration,
    /// Clones of slots and starts of their services, before a scenario.
    pub slots: Duration,
    /// Resets in place, including the restart of a service.
    pub resets: Duration,
    pub clones: Duration,
    pub proofs: Duration,
    scenarios: Vec<(Duration, String)>,
    words: HashMap<&'static str, Word>,
}

#[derive(Debug, Default)]
struct Word {
    uses: usize,
    took: Duration,
}

impl Timings {
    /// Adds a scenario's steps and hooks. `title` has its name and place.
    pub fn scenario(&mut self, took: Duration, title: String) {
        self.scenarios.push((took, title));
    }

    /// Adds a step with this expression.
    pub fn step(&mut self, expression: &'static str, took: Duration) {
        let word = self.words.entry(expression).or_default();
        word.uses += 1;
        word.took += took;
    }

    /// The slowest scenarios, the steps that took the most time, and the time by phase. Empty for a short run.
    pub fn lines(&self, verbose: bool) -> Vec<String> {
        let steps: Duration = self.scenarios.iter().map(|(took, _)| *took).sum();
        if !verbose && self.boot + steps < SHORT {
            return Vec::new();
        }
        let named = if verbose { 20 } else { NAMED };
        let mut lines = Vec::new();
        lines.push("slowest scenarios:".to_owned());
        let mut scenarios: Vec<_> = self.scenarios.iter().collect();
        scenarios.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
        for (took, title) in scenarios.into_iter().take(named) {
            lines.push(format!("  {:>7}  {title}", seconds(*took)));
        }
        lines.push("steps that took most of the time:".to_owned());
        let mut words: Vec<_> = self.words.iter().collect();
        words.sort_by_key(|(expression, word)| (std::cmp::Reverse(word.took), **expression));
        for (expression, word) in words.into_iter().take(named) {
            lines.push(format!(
                "  {:>7}  {expression}   ({} ×)",
                seconds(word.took),
                word.uses
            ));
        }
        let phases = [
            ("slots", self.slots),
            ("scenarios", steps),
            ("resets", self.resets),
            ("clones", self.clones),
            ("proofs", self.proofs),
        ];
        let phases: Vec<_> = phases
            .iter()
            .filter(|(_, took)| !took.is_zero())
            .map(|(phase, took)| format!("{phase} {}", seconds(*took)))
            .collect();
        lines.push(format!(
            "time: boot {}; then, added up over the slots: {}",
            seconds(self.boot),
            phases.join(", ")
        ));
        lines
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
