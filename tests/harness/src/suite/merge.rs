//! `--merge`: one report of several runs, and their combined result.

use std::path::{Path, PathBuf};

use crate::{
    failure::Misuse,
    output::{complain, say},
    process::random_name,
    report::{
        merge::{Merged, merge},
        plural,
    },
    suite::ending::{FAILED, PASSED, Stop},
};

/// Returns the exit code that a single run of all scenarios would have.
pub fn run(folders: &[PathBuf], into: &Path) -> Result<u8, Stop> {
    let merged = merge(folders, into, &random_name()).map_err(Misuse)?;
    for folder in &merged.killed {
        complain(format_args!(
            "error: the run in {} was killed: its unfinished scenarios are missing",
            folder.display()
        ));
    }
    summary(&merged);
    say(format_args!(
        "reports: {}",
        crate::process::below_project_root(into)
    ));
    Ok(if merged.success { PASSED } else { FAILED })
}

fn summary(merged: &Merged) {
    if !merged.failures.is_empty() {
        say("\nFailed:");
        for failure in &merged.failures {
            say(format_args!("  {failure}"));
        }
    }
    for flaky in &merged.flaky {
        say(format_args!("flaky: {flaky}"));
    }
    say("\n[Summary]");
    say(plural(merged.runs, "run"));
    say(plural(merged.features, "feature"));
    merged.scenarios.say();
    merged.scenarios.say_retried();
}
