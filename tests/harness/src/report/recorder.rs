//! Writes the reports of a run into one folder, while it runs.
//!
//! Each attempt is appended to the messages and the page. The other files are small, and replaced from time to time. So
//! a killed run leaves complete files, without the unfinished attempts.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use cucumber::feature::Ext as FeatureExt;
use gherkin::Feature;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::report::{
    github::{self, Github},
    html,
    junit::Junit,
    messages::{Lines, Messages},
    record::{Attempt, Hook, Step},
    rerun::{Rerun, Timings},
};

/// The small files are replaced after this pause at the earliest. As they grow, the pause grows: replacing them takes a
/// hundredth of the time at most.
const PAUSE: Duration = Duration::from_secs(1);
const SHARE: u32 = 100;

/// The names of the files.
pub const MESSAGES: &str = "messages.ndjson";
pub const PAGE: &str = "report.html";
pub const JUNIT: &str = "junit.xml";
pub const RERUN: &str = "rerun.txt";
pub const TIMINGS: &str = "timings.json";

pub struct Recorder {
    folder: PathBuf,
    messages: Messages,
    lines: Lines,
    page: File,
    junit: Junit,
    /// `None` if it isn't known what failed.
    rerun: Option<Rerun>,
    timings: Timings,
    /// Set in a job of GitHub Actions.
    github: Option<Github>,
    saved: Instant,
    pause: Duration,
    changed: bool,
    /// Why the run, or a part of a merge, ended before its first scenario; empty if it didn't.
    stopped: String,
    /// The first file that couldn't be written, and the error.
    lost: Option<String>,
}

impl Recorder {
    /// `run` is a unique name. Reports of an earlier run are replaced.
    pub fn create(folder: &Path, run: &str) -> Result<Self, String> {
        let failed = |error: io::Error| {
            let folder = folder.display();
            format!(
                "no reports can be written to {folder}: {error}; --report-dir names another folder"
            )
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        Ok(Self {
            messages: Messages::new(run.to_owned()),
            lines: Lines::new(replaced(folder, MESSAGES).map_err(failed)?),
            page: replaced(folder, PAGE).map_err(failed)?,
            junit: Junit::default(),
            rerun: Some(Rerun::default()),
            timings: Timings::read(&folder.join(TIMINGS)),
            github: github::is_here().then(Github::default),
            saved: Instant::now(),
            pause: PAUSE,
            changed: true,
            stopped: String::new(),
            lost: None,
            folder: folder.to_owned(),
        })
    }

    /// Removes the reports of an earlier run, so that nobody takes them for those of a run that didn't get to its
    /// scenarios. The times stay, and so does the list of failures if this run `reruns` them.
    pub fn remove_earlier(folder: &Path, reruns: bool) {
        for name in [MESSAGES, PAGE, JUNIT] {
            let _ = std::fs::remove_file(folder.join(name));
        }
        if !reruns {
            let _ = std::fs::remove_file(folder.join(RERUN));
        }
    }

    /// Writes the reports of a run that ended before its first scenario.
    pub fn stopped(folder: &Path, run: &str, why: &str) -> Result<PathBuf, String> {
        let mut recorder = Self::create(folder, run)?;
        recorder.rerun = None;
        recorder.did_not_start(vec![why.to_owned()]);
        recorder.start(&[], &[], &[]);
        recorder.finish(false)
    }

    fn did_not_start(&mut self, reasons: Vec<String>) {
        for why in &reasons {
            self.junit.stopped(why);
        }
        self.stopped = reasons.join("\n");
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Called before the first scenario. `features` are the selected ones, each with its name in reports.
    pub fn start(
        &mut self,
        features: &[(String, &Feature)],
        unreadable: &[String],
        hooks: &[Hook],
    ) {
        self.messages
            .start(features, unreadable, hooks, &mut self.lines);
        let features = features.iter().map(|(_, feature)| *feature);
        let chosen = features.map(FeatureExt::count_scenarios).sum();
        self.start_others(chosen, unreadable);
    }

    /// The same for a merge: the runs' `meta`, their messages before the first scenario, and why some had none.
    pub fn start_merged(
        &mut self,
        meta: &Value,
        known: &[&Value],
        chosen: usize,
        unreadable: &[String],
        stopped: Vec<String>,
    ) {
        self.did_not_start(stopped);
        self.lines.write(meta);
        for message in known {
            self.lines.write(message);
        }
        self.lines.write(&self.messages.start_of_run());
        self.start_others(chosen, unreadable);
    }

    fn start_others(&mut self, chosen: usize, unreadable: &[String]) {
        self.flush_messages();
        self.write_page(&html::start(chosen, unreadable));
        for what in unreadable {
            self.junit.unreadable(what);
            if let Some(rerun) = &mut self.rerun {
                rerun.unreadable(what);
            }
            if let Some(github) = &mut self.github {
                github.unreadable(what);
            }
        }
        self.save();
    }

    /// Records an attempt when it has ended.
    pub fn attempt(&mut self, attempt: &Attempt) {
        self.messages.attempt(attempt, &mut self.lines);
        self.flush_messages();
        self.record(attempt);
    }

    /// Records an attempt in all reports except the messages, which have it already.
    pub fn record(&mut self, attempt: &Attempt) {
        let script = html::attempt(attempt);
        self.write_page(&script);
        self.junit.attempt(attempt);
        if let Some(rerun) = &mut self.rerun {
            rerun.attempt(attempt);
        }
        self.timings.attempt(attempt);
        if let Some(github) = &mut self.github {
            github.attempt(attempt);
        }
        self.changed = true;
    }

    /// Records a hook before the first or after the last scenario.
    pub fn run_hook(&mut self, hook: &Step) {
        self.messages.run_hook(hook, &mut self.lines);
        self.flush_messages();
        self.record_run_hook(hook);
    }

    /// Records it in all reports except the messages, which have it already.
    pub fn record_run_hook(&mut self, hook: &Step) {
        self.write_page(&html::run_hook(hook));
        if hook.status.is_failure() {
            self.junit.run_hook(hook);
            if let Some(github) = &mut self.github {
                github.run_hook(hook);
            }
        }
        self.changed = true;
    }

    /// Replaces the small files, if there is something new and enough time has passed.
    pub fn tick(&mut self) {
        if self.changed && self.saved.elapsed() >= self.pause {
            self.save();
        }
    }

    /// Called when the run has ended or was interrupted. Returns an error if a file couldn't be written.
    pub fn finish(mut self, success: bool) -> Result<PathBuf, String> {
        self.write_message(&self.messages.end(success, &self.stopped));
        let tail = html::end(&self.stopped);
        self.write_page(&tail);
        self.save();
        // An empty list means that the run passed.
        if success && self.rerun.as_ref().is_some_and(Rerun::is_empty) {
            let written = replace(&self.folder, RERUN, |_| Ok(()));
            self.keep(RERUN, written);
        }
        if let Some(github) = &self.github {
            github.finish();
        }
        match self.lost {
            None => Ok(self.folder),
            Some(lost) => Err(lost),
        }
    }

    /// Appends a message.
    pub fn write_message(&mut self, message: &Value) {
        self.lines.write(message);
        self.flush_messages();
    }

    fn flush_messages(&mut self) {
        let written = self.lines.flush();
        self.keep(MESSAGES, written);
    }

    fn write_page(&mut self, html: &str) {
        let written = self.page.write_all(html.as_bytes());
        self.keep(PAGE, written);
    }

    fn save(&mut self) {
        let start = Instant::now();
        let folder = &self.folder;
        let junit = replace(folder, JUNIT, |to| self.junit.write(to));
        let rerun = self.rerun.as_ref().filter(|rerun| !rerun.is_empty());
        let rerun = rerun.map(|rerun| replace(folder, RERUN, |to| rerun.write(to)));
        let timings = replace(folder, TIMINGS, |to| self.timings.write(to));
        self.keep(JUNIT, junit);
        self.keep(RERUN, rerun.unwrap_or(Ok(())));
        self.keep(TIMINGS, timings);
        self.pause = PAUSE.max(start.elapsed() * SHARE);
        self.saved = Instant::now();
        self.changed = false;
    }

    fn keep(&mut self, name: &str, written: io::Result<()>) {
        if let (Err(error), None) = (written, &self.lost) {
            let file = self.folder.join(name);
            self.lost = Some(format!("{} can't be written: {error}", file.display()));
        }
    }
}

/// Creates a new file with this name. A run that still has the old file open doesn't write into this one.
fn replaced(folder: &Path, name: &str) -> io::Result<File> {
    Ok(new_file(folder, name)?.persist(folder.join(name))?)
}

/// Replaces the file as a whole. If that fails, the old one stays.
fn replace(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let new = new_file(folder, name)?;
    let mut to = BufWriter::new(new.as_file());
    write(&mut to)?;
    to.flush()?;
    drop(to);
    new.persist(folder.join(name))?;
    Ok(())
}

fn new_file(folder: &Path, name: &str) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(&format!(".{name}"))
        .permissions(readable())
        .tempfile_in(folder)
}

/// Temporary files are private, but reports should be readable for everybody.
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}
