//! The last lines.

use crate::output::say;
use crate::report::Report;

/// So many notes about clones are all shown.
const FEW: usize = 3;

impl Report {
    /// Failures with their places, counts, resets, and the seed.
    pub fn summary(&self, left_out: &[(String, usize)], seed: u64, order: Option<u64>) {
        if !self.failures.is_empty() {
            say("\nFailed:");
            for failure in &self.failures {
                say(format_args!("  {failure}"));
            }
        }
        let statistics = self.statistics.borrow();
        for (scenario, notice) in &statistics.notices {
            say(format_args!("note: \"{scenario}\": {notice}"));
        }
        self.clones(&statistics.clones);
        if !self.dry_run {
            for line in statistics.timings.lines(self.verbosity > 0) {
                say(line);
            }
        }
        let counts = &self.counts;
        say("\n[Summary]");
        say(plural(counts.features, "feature"));
        let scenarios = counts.passed + counts.failed;
        say(format_args!(
            "{}{}",
            plural(scenarios, "scenario"),
            parts(&[(counts.passed, "passed"), (counts.failed, "failed")])
        ));
        let left = counts.chosen.saturating_sub(scenarios);
        if left > 0 {
            let not = if left == 1 { "wasn't" } else { "weren't" };
            say(format_args!("{} {not} run", plural(left, "scenario")));
        }
        let steps = counts.steps_passed + counts.steps_failed + counts.steps_skipped;
        say(format_args!(
            "{}{}",
            plural(steps, "step"),
            parts(&[
                (
                    counts.steps_passed,
                    if self.dry_run { "matched" } else { "passed" }
                ),
                (counts.steps_failed, "failed"),
                (counts.steps_skipped, "skipped"),
            ])
        ));
        if counts.unreadable > 0 {
            say(format_args!(
                "{} can't be read",
                plural(counts.unreadable, "file")
            ));
        }
        if counts.retried > 0 {
            say(format_args!(
                "{} tried again",
                plural(counts.retried, "attempt")
            ));
        }
        for (what, count) in left_out.iter().filter(|(_, count)| *count > 0) {
            say(format_args!(
                "{} left out: {what}",
                plural(*count, "scenario")
            ));
        }
        if let Some(resets) = statistics.resets_line() {
            say(resets);
        }
        if let Some(proofs) = statistics.proofs_line() {
            say(proofs);
        }
        let speed = scenarios as f64 / self.start.elapsed().as_secs_f64().max(0.001);
        say(format_args!(
            "{:.1} s, {speed:.0} scenarios a second",
            self.start.elapsed().as_secs_f64()
        ));
        match order {
            Some(order) => say(format_args!(
                "seed {seed}, shuffled by {order}: --seed {seed} --shuffle={order} runs the same again"
            )),
            None => say(format_args!(
                "seed {seed}: --seed {seed} makes the same values again"
            )),
        }
    }
}

impl Report {
    /// Scenarios that cost a clone: all of them when they are few or with `--verbose`, otherwise the first.
    fn clones(&self, clones: &[(String, String)]) {
        let shown = if self.verbosity > 0 || clones.len() <= FEW {
            clones.len()
        } else {
            1
        };
        for (scenario, reason) in &clones[..shown] {
            let reason = shortened(reason);
            say(format_args!(
                "note: \"{scenario}\": slot re-cloned, because the scenario changed {reason}"
            ));
        }
        if shown < clones.len() {
            say(format_args!(
                "note: {} more scenarios cost a clone of their slot; --verbose names them",
                clones.len() - shown
            ));
        }
    }
}

/// The first few of a list are enough to know what it was.
fn shortened(list: &str) -> String {
    let parts: Vec<_> = list.split(", ").collect();
    if parts.len() <= 3 {
        list.to_owned()
    } else {
        format!("{} and {} more", parts[..3].join(", "), parts.len() - 3)
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// ` (96 passed, 1 failed)`
fn parts(parts: &[(usize, &str)]) -> String {
    let said: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if said.is_empty() {
        String::new()
    } else {
        format!(" ({})", said.join(", "))
    }
}
