//! The last lines.

use super::Report;

impl Report {
    /// Failures with their places, counts, resets, and the seed.
    pub fn summary(&self, left_out: &[(String, usize)], seed: u64, order: Option<u64>) {
        if !self.failures.is_empty() {
            println!("\nFailed:");
            for failure in &self.failures {
                println!("  {failure}");
            }
        }
        let statistics = self.statistics.borrow();
        for (scenario, notice) in &statistics.notices {
            println!("note: \"{scenario}\": {notice}");
        }
        for (scenario, reason) in &statistics.clones {
            let reason = shortened(reason);
            println!("note: \"{scenario}\": its slot was cloned anew, because the scenario changed {reason}");
        }
        let counts = &self.counts;
        println!("\n[Summary]");
        println!("{}", plural(counts.features, "feature"));
        let scenarios = counts.passed + counts.failed;
        println!(
            "{}{}",
            plural(scenarios, "scenario"),
            parts(&[(counts.passed, "passed"), (counts.failed, "failed")])
        );
        let steps = counts.steps_passed + counts.steps_failed + counts.steps_skipped;
        println!(
            "{}{}",
            plural(steps, "step"),
            parts(&[
                (counts.steps_passed, if self.dry_run { "matched" } else { "passed" }),
                (counts.steps_failed, "failed"),
                (counts.steps_skipped, "skipped"),
            ])
        );
        if counts.unreadable > 0 {
            println!("{} can't be read", plural(counts.unreadable, "file"));
        }
        if counts.retried > 0 {
            println!("{} tried again", plural(counts.retried, "attempt"));
        }
        for (what, count) in left_out.iter().filter(|(_, count)| *count > 0) {
            println!("{} left out: {what}", plural(*count, "scenario"));
        }
        if let Some(resets) = statistics.resets_line() {
            println!("{resets}");
        }
        let speed = scenarios as f64 / self.start.elapsed().as_secs_f64().max(0.001);
        println!("{:.1} s, {speed:.0} scenarios a second", self.start.elapsed().as_secs_f64());
        match order {
            Some(order) => println!("seed {seed}, shuffled by {order}: --seed {seed} --shuffle={order} runs the same again"),
            None => println!("seed {seed}: --seed {seed} makes the same values again"),
        }
    }
}

/// The first few of a list are enough to know what it was.
fn shortened(list: &str) -> String {
    let parts: Vec<_> = list.split(", ").collect();
    if parts.len() <= 3 { list.to_owned() } else { format!("{} and {} more", parts[..3].join(", "), parts.len() - 3) }
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
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}
