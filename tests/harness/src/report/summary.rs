//! The summary at the end of a run.

use crate::{gherkin::Order, output::say, report::Report};

/// If more files than this have failures, the rerun command uses `rerun.txt`.
const MANY_FILES: usize = 12;

/// The maximum number of notes about clones without `--verbose`.
const FEW: usize = 3;

impl Report {
    /// Prints failures with their places, counts, resets, and the seed.
    pub fn summary(&self, left_out: &[(String, usize)], seed: u64, order: Option<Order>) {
        self.say_failed();
        self.say_notes();
        say("\n[Summary]");
        self.say_counts();
        for (what, count) in left_out.iter().filter(|(_, count)| *count > 0) {
            let scenarios = plural(*count, "scenario");
            say(format_args!("{scenarios} left out: {what}"));
        }
        let statistics = self.statistics.borrow();
        let lines = [statistics.resets_line(), statistics.proofs_line()];
        lines.into_iter().flatten().for_each(say);
        let seconds = self.start.elapsed().as_secs_f64();
        let speed = self.counts.scenarios.ended() as f64 / seconds.max(0.001);
        let speed = format!("{speed:.0}");
        let s = if speed == "1" { "" } else { "s" };
        say(format_args!("{seconds:.1} s, {speed} scenario{s} a second"));
        match order {
            Some(order) => say(format_args!(
                "seed {seed}, order {order}: --seed {seed} --shuffle={order} runs the same again"
            )),
            None => say(format_args!(
                "seed {seed}: --seed {seed} generates the same values again"
            )),
        }
    }

    /// Prints notes about the run, and where its time went.
    fn say_notes(&self) {
        let statistics = self.statistics.borrow();
        for (scenario, notice) in &statistics.notices {
            say(format_args!("note: \"{scenario}\": {notice}"));
        }
        if !self.empty.is_empty() {
            let (count, places) = (self.empty.len(), shortened(&self.empty.join(", ")));
            let have = if count == 1 { "has" } else { "have" };
            say(format_args!(
                "note: {} {have} no steps and so can't fail: {places}",
                plural(count, "scenario")
            ));
        }
        if statistics.memory_unproved {
            say(
                "note: the proof compares databases. The service's memory of the writes that it answered is \
                 neither compared nor cleared: set service.forget in bdd.toml to what clears it, as in \
                 forget = { post = \"/test/forget\" }, forget = \"restart\", or forget = \"nothing\" if there is nothing",
            );
        }
        self.clones(&statistics.clones);
        if statistics.is_always_cloned() {
            say(
                "note: no slot could be reset in place, which is slow. If the service migrates when it starts, let schema.run do that once, before the run",
            );
        }
        if !self.dry_run {
            for line in statistics.timings.lines(self.verbosity > 0) {
                say(line);
            }
        }
    }

    fn say_counts(&self) {
        let counts = &self.counts;
        say(plural(counts.features, "feature"));
        counts.scenarios.say();
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
        if counts.hooks_failed > 0 {
            say(format_args!(
                "{} around all scenarios failed",
                plural(counts.hooks_failed, "hook")
            ));
        }
        counts.scenarios.say_retried();
        if !self.flaky.is_empty() {
            say(format_args!(
                "{} flaky",
                plural(self.flaky.len(), "scenario")
            ));
        }
    }

    /// Prints the failed scenarios, and the flaky ones.
    fn say_failed(&self) {
        if !self.failures.is_empty() {
            say("\nFailed:");
            for (title, reason) in &self.failures {
                say(format_args!("  {title}"));
                if !reason.is_empty() {
                    say(format_args!("    {reason}"));
                }
            }
            self.say_again();
        }
        if !self.flaky.is_empty() {
            say("\nFlaky: failed at first, and passed when run again:");
            for (title, attempts) in &self.flaky {
                say(format_args!("  {title}   ({attempts} attempts)"));
            }
        }
    }

    /// Prints the command that runs the failed scenarios again.
    fn say_again(&self) {
        if self.dry_run || self.places.is_empty() {
            return;
        }
        let places = self.places.iter().map(|(file, lines)| {
            let lines = lines.iter().map(|line| format!(":{line}"));
            format!("{file}{}", lines.collect::<String>())
        });
        let places: Vec<_> = places.collect();
        let command = if places.len() > MANY_FILES {
            format!("--rerun {}", shell_words::quote(&self.rerun))
        } else {
            places.join(" ")
        };
        say(format_args!("again: {} {command}", self.again));
    }

    /// Prints the scenarios that cost a clone: all of them if they are few or with `--verbose`, otherwise the first.
    fn clones(&self, clones: &[(String, String)]) {
        let shown = if self.verbosity > 0 || clones.len() <= FEW {
            clones.len()
        } else {
            1
        };
        for (scenario, reason) in &clones[..shown] {
            let reason = shortened(reason);
            say(format_args!(
                "note: \"{scenario}\": slot cloned anew, because the scenario changed {reason}"
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

/// The first few items of a list.
fn shortened(list: &str) -> String {
    let parts: Vec<_> = list.split(", ").collect();
    if parts.len() <= 3 {
        list.to_owned()
    } else {
        format!("{} and {} more", parts[..3].join(", "), parts.len() - 3)
    }
}

/// Scenarios by result.
#[derive(Debug, Default)]
pub struct ScenarioCounts {
    /// The number of selected scenarios.
    pub chosen: usize,
    pub passed: usize,
    pub failed: usize,
    /// Scenarios that one of their own steps skipped.
    pub skipped: usize,
    /// Scenarios that were running when the run was interrupted.
    pub interrupted: usize,
    pub retried: usize,
}

impl ScenarioCounts {
    /// The number of scenarios that have ended.
    pub fn ended(&self) -> usize {
        self.passed + self.failed + self.skipped + self.interrupted
    }

    pub fn say(&self) {
        say(format_args!(
            "{}{}",
            plural(self.ended(), "scenario"),
            parts(&[
                (self.passed, "passed"),
                (self.failed, "failed"),
                (self.skipped, "skipped"),
                (self.interrupted, "interrupted"),
            ])
        ));
        let left = self.chosen.saturating_sub(self.ended());
        if left > 0 {
            let not = if left == 1 { "wasn't" } else { "weren't" };
            say(format_args!("{} {not} run", plural(left, "scenario")));
        }
    }

    pub fn say_retried(&self) {
        if self.retried > 0 {
            say(format_args!(
                "{} tried again",
                plural(self.retried, "attempt")
            ));
        }
    }
}

pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// ` (96 passed, 1 failed)`
fn parts(parts: &[(usize, &str)]) -> String {
    let shown: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if shown.is_empty() {
        String::new()
    } else {
        format!(" ({})", shown.join(", "))
    }
}
