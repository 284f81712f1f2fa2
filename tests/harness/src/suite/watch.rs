//! `--watch`: runs the suite in its own process, each time a feature file is saved.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::{
    io::AsyncBufReadExt as _,
    process::Command,
    signal::unix::{Signal, SignalKind, signal},
};
use walkdir::WalkDir;

use crate::{
    output::{complain, say},
    report,
    suite::ending::{FAILED, INTERRUPTED, MISUSED},
};

/// The time between two checks of the files.
const POLL_INTERVAL: Duration = Duration::from_millis(300);
/// Editors write several files, or one in pieces. The run starts when there were no changes for this time.
const CALM: Duration = Duration::from_millis(150);

/// What is watched, and how to run the suite.
pub struct Watch {
    root: PathBuf,
    /// The folder of the features, or the files and folders of the command line.
    features: Vec<PathBuf>,
    /// Files and folders that affect all scenarios.
    everything: Vec<PathBuf>,
    /// The command line without `--watch`, files and folders.
    options: Vec<OsString>,
    selection: Vec<String>,
    /// The failures of the last run.
    failed: PathBuf,
}

type Seen = BTreeMap<PathBuf, SystemTime>;

/// What to run next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Everything,
    Only(Vec<String>),
}

impl Watch {
    pub fn new(
        root: PathBuf,
        features: &Path,
        config: &Path,
        reports: &Path,
        selection: Vec<String>,
    ) -> Self {
        let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        arguments.retain(|argument| argument != "--watch");
        for named in &selection {
            let place = arguments
                .iter()
                .position(|argument| argument == named.as_str());
            if let Some(place) = place {
                arguments.remove(place);
            }
        }
        let mut folders = vec![root.join(features)];
        folders.extend(selection.iter().filter_map(|named| {
            let end = named
                .find(".feature")
                .map_or(named.len(), |at| at + ".feature".len());
            let path = PathBuf::from(&named[..end]);
            path.exists().then_some(path)
        }));
        Self {
            features: folders,
            everything: vec![
                root.join(config),
                std::env::current_exe().unwrap_or_default(),
            ],
            failed: reports.join(report::RERUN),
            root,
            options: arguments,
            selection,
        }
    }

    /// Runs until Ctrl-C; returns the exit code.
    pub async fn run(self) -> u8 {
        // One listener for the whole time: a new one would miss a signal that came before it.
        let mut interrupts = match signal(SignalKind::interrupt()) {
            Ok(interrupts) => interrupts,
            Err(error) => {
                complain(format_args!("error: Ctrl-C can't be handled: {error}"));
                return FAILED;
            }
        };
        let mut lines = tokio::io::BufReader::new(tokio::io::stdin()).lines();
        let mut open = true;
        let (mut next, mut first) = (Next::Everything, true);
        loop {
            let seen = self.look();
            match self.run_once(&next, &mut interrupts).await {
                Ok(INTERRUPTED) => return INTERRUPTED,
                // Later, a file may be wrong for a moment.
                Ok(MISUSED) if first => return MISUSED,
                Ok(_) => first = false,
                Err(error) => {
                    complain(format_args!("error: the suite can't be started: {error}"));
                    return FAILED;
                }
            }
            say(format_args!(
                "\nwatching {} files; Enter runs everything again, Ctrl-C ends",
                seen.len()
            ));
            next = tokio::select! {
                next = self.change(seen.clone()) => next,
                _ = interrupts.recv() => return INTERRUPTED,
                line = lines.next_line(), if open => {
                    // Standard input may be closed.
                    open = matches!(line, Ok(Some(_)));
                    if open {
                        Next::Everything
                    } else {
                        tokio::select! {
                            next = self.change(seen) => next,
                            _ = interrupts.recv() => return INTERRUPTED,
                        }
                    }
                }
            };
        }
    }

    /// Runs the suite once, in its own process. Ctrl-C reaches that process too. Returns its exit code.
    async fn run_once(&self, next: &Next, interrupts: &mut Signal) -> io::Result<u8> {
        let named = match next {
            Next::Everything => &self.selection,
            Next::Only(files) => files,
        };
        let mut suite = Command::new(std::env::current_exe()?)
            .args(&self.options)
            .args(named)
            .spawn()?;
        let mut interrupted = false;
        loop {
            tokio::select! {
                ended = suite.wait() => {
                    let code = ended?.code().and_then(|code| code.try_into().ok());
                    return Ok(if interrupted { INTERRUPTED } else { code.unwrap_or(FAILED) });
                }
                _ = interrupts.recv() => interrupted = true,
            }
        }
    }

    /// Waits until a file has changed, and until there are no more changes.
    async fn change(&self, before: Seen) -> Next {
        let mut told_of_rust = rust(&self.root);
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            let now = rust(&self.root);
            if now != told_of_rust {
                told_of_rust = now;
                say(
                    "Rust sources changed: build the suite (`cargo test --no-run`), then it runs again",
                );
            }
            let mut now = self.look();
            if now == before {
                continue;
            }
            loop {
                tokio::time::sleep(CALM).await;
                let later = self.look();
                if later == now {
                    return next(&self.failed, &before, &now);
                }
                now = later;
            }
        }
    }

    /// The time of each file's last change.
    fn look(&self) -> Seen {
        let mut seen = Seen::new();
        for path in self.features.iter().chain(&self.everything) {
            collect(path, "feature", &mut seen);
        }
        seen
    }
}

fn next(failed: &Path, before: &Seen, now: &Seen) -> Next {
    let changed: BTreeSet<_> = now
        .iter()
        .filter(|(path, time)| before.get(*path) != Some(time))
        .map(|(path, _)| path)
        .collect();
    let is_feature = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "feature")
            && !crate::gherkin::is_word_file(path)
    };
    let all_features = changed.iter().all(is_feature);
    if changed.is_empty() || !all_features {
        say("\na file that affects all scenarios has changed: everything runs");
        return Next::Everything;
    }
    let mut named: Vec<String> = changed
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    say(format_args!("\nchanged: {}", named.join(", ")));
    let failed = std::fs::read_to_string(failed).unwrap_or_default();
    let failed: Vec<_> = failed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter(|line| !named.iter().any(|path| line.starts_with(path.as_str())))
        .filter(|line| is_there(line))
        .map(str::to_owned)
        .collect();
    if !failed.is_empty() {
        say(format_args!("and what failed last: {}", failed.join(", ")));
    }
    named.extend(failed);
    Next::Only(named)
}

fn rust(root: &Path) -> Seen {
    let mut seen = Seen::new();
    for folder in ["src", "tests"] {
        collect(&root.join(folder), "rs", &mut seen);
    }
    seen
}

/// `features/x.feature:3:7`
fn is_there(place: &str) -> bool {
    let end = place.find(".feature").map_or(0, |at| at + ".feature".len());
    Path::new(&place[..end]).is_file()
}

/// The files with this extension below a folder, or the file itself.
fn collect(path: &Path, extension: &str, seen: &mut Seen) {
    // Paths are relative to the current folder, as people name them.
    let here = std::env::current_dir().unwrap_or_default();
    for entry in WalkDir::new(path).follow_links(true).into_iter().flatten() {
        let path = entry.path();
        let is_wanted = entry.depth() == 0 || path.extension() == Some(extension.as_ref());
        let data = entry
            .metadata()
            .ok()
            .filter(|data| data.is_file() && is_wanted);
        if let Some(Ok(time)) = data.map(|data| data.modified()) {
            seen.insert(path.strip_prefix(&here).unwrap_or(path).to_owned(), time);
        }
    }
}
