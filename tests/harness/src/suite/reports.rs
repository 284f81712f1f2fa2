//! The reports of a run that doesn't get to its scenarios.

use std::path::{Path, PathBuf};

use crate::{output::complain, process::random_name, report::Recorder, suite::options::Options};

/// Where a run writes its reports.
pub struct Reports {
    folder: PathBuf,
    /// Whether the run reads the list of failures of an earlier one, which has to stay until it knows its own.
    reruns: bool,
}

impl Reports {
    /// `None` if no scenario runs. `variables` is the prefix of the suite's variables, `cache` the usual folder.
    pub fn of(options: &Options, variables: &str, cache: &Path) -> Option<Self> {
        let looks = options.list || options.steps || options.print_reset || options.dry_run;
        let runs = options.merge.is_empty() && !looks && !options.ignored.ignored;
        runs.then(|| Self {
            folder: options.report_folder(variables, cache),
            reruns: options.filter.rerun.is_some(),
        })
    }

    pub fn remove_earlier(&self) {
        Recorder::remove_earlier(&self.folder, self.reruns);
    }

    /// The run has ended before its first scenario.
    pub fn stopped(&self, why: &str) {
        self.remove_earlier();
        if let Err(error) = Recorder::stopped(&self.folder, &random_name(), why) {
            complain(format_args!("error: {error}"));
        }
    }
}
