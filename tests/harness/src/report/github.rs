//! Output for GitHub Actions: an annotation on each failed line, and a summary of the run.

use std::{fs::OpenOptions, io::Write as _, path::PathBuf};

use crate::{
    output::say,
    process::{project_root, random_name},
    report::plural,
    report::record::{Attempt, Status, Step, What},
};

/// The maximum number of failures in the summary, because its size is limited.
const MOST: usize = 50;

#[derive(Default)]
pub struct Github {
    passed: usize,
    failed: usize,
    others: usize,
    /// The number of failed hooks around the run.
    hooks: usize,
    flaky: Vec<String>,
    failures: Vec<String>,
}

/// Whether this is a job of GitHub Actions.
pub fn is_here() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

impl Github {
    pub fn attempt(&mut self, attempt: &Attempt) {
        if attempt.will_be_retried {
            return;
        }
        let case = &attempt.case;
        match attempt.status() {
            Status::Passed => {
                self.passed += 1;
                if attempt.number > 0 {
                    self.flaky
                        .push(format!("{}{} ({})", case.name, case.row, case.place()));
                }
            }
            Status::Skipped | Status::Interrupted => self.others += 1,
            _ => {
                self.failed += 1;
                say(annotation(attempt));
                self.failures.push(of_failure(attempt));
            }
        }
    }

    /// A hook before the first or after the last scenario failed.
    pub fn run_hook(&mut self, hook: &Step) {
        let What::Hook(record) = &hook.what else {
            return;
        };
        let title = hook.what.title();
        let line = usize::try_from(record.line).unwrap_or(1);
        say(command(&record.file, line, &title, &hook.message));
        let (title, message) = (escaped(&title), escaped(&hook.message));
        self.failures.push(format!(
            "<details><summary>✗ {title}</summary><pre>{message}</pre></details>\n"
        ));
        self.hooks += 1;
    }

    /// A mistake in a file: `features/x.feature:4:3: what`.
    pub fn unreadable(&mut self, what: &str) {
        for line in what.lines() {
            let mut parts = line.splitn(4, ':');
            let (file, number) = (parts.next().unwrap_or_default(), parts.next());
            let number = number.and_then(|number| number.parse().ok()).unwrap_or(1);
            say(command(file, number, "not Gherkin", line));
            self.failures.push(format!("- `{line}`\n"));
        }
        self.failed += 1;
    }

    /// Adds the summary to the job's summary, if there is one.
    pub fn finish(&self) {
        let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from) else {
            return;
        };
        let mut options = OpenOptions::new();
        let written = options
            .create(true)
            .append(true)
            .open(file)
            .and_then(|mut file| file.write_all(self.summary().as_bytes()));
        if let Err(error) = written {
            crate::output::complain(format_args!("the step summary can't be written: {error}"));
        }
    }

    fn summary(&self) -> String {
        let mut text = format!(
            "### Scenarios: {} passed, {} failed",
            self.passed, self.failed
        );
        if self.others > 0 {
            text.push_str(&format!(", {} skipped or interrupted", self.others));
        }
        if self.hooks > 0 {
            text.push_str(&format!("; {} failed", plural(self.hooks, "hook")));
        }
        text.push_str("\n\n");
        for failure in self.failures.iter().take(MOST) {
            text.push_str(failure);
        }
        if self.failures.len() > MOST {
            let more = self.failures.len() - MOST;
            text.push_str(&format!("- … and {more} more: see the report\n"));
        }
        for flaky in &self.flaky {
            text.push_str(&format!("- passed only when retried: {}\n", escaped(flaky)));
        }
        text.push('\n');
        text
    }
}

/// An annotation on the line of the failed step, or of the scenario.
fn annotation(attempt: &Attempt) -> String {
    let decisive = attempt.decisive();
    let line = match decisive.map(|step| &step.what) {
        Some(What::Step { line, .. }) => *line,
        _ => attempt.case.line,
    };
    let message = decisive.map_or("", |step| &step.message);
    let title = format!(
        "{} › {}{}",
        attempt.case.feature, attempt.case.name, attempt.case.row
    );
    command(&attempt.case.file, line, &title, message)
}

fn command(file: &str, line: usize, title: &str, message: &str) -> String {
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::error file={},line={line},title={}::{}",
        property(&in_repository(file)),
        property(title),
        data(message)
    )
}

/// A group of lines. None of them is a command to GitHub, whatever a service answered or logged.
pub fn group(text: &str) -> String {
    let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    let (title, lines) = text.split_once('\n').unwrap_or((text, ""));
    if !lines.lines().any(commands) {
        return format!("::group::{text}\n::endgroup::");
    }
    let token = random_name();
    format!("::group::{title}\n::stop-commands::{token}\n{lines}\n::{token}::\n::endgroup::")
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Annotations need paths relative to the repository. Reports have paths of features relative to the package, and paths
/// of sources relative to its workspace.
fn in_repository(file: &str) -> String {
    let root = project_root();
    let mut paths = root.ancestors().map(|folder| folder.join(file));
    let path = paths.find(|path| path.exists());
    let path = path.unwrap_or_else(|| root.join(file));
    let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let inside = workspace.and_then(|root| path.strip_prefix(root).map(PathBuf::from).ok());
    inside.map_or_else(|| file.to_owned(), |inside| inside.display().to_string())
}

/// A line that unfolds to the failed step's message.
fn of_failure(attempt: &Attempt) -> String {
    let case = &attempt.case;
    let decisive = attempt.decisive();
    let step = decisive.map_or_else(String::new, |step| step.what.title());
    let message = decisive.map_or("", |step| &step.message);
    format!(
        "<details><summary>✗ {} › {}{} (<code>{}</code>)</summary><pre>{}\n{}</pre></details>\n",
        escaped(&case.feature),
        escaped(&case.name),
        escaped(&case.row),
        escaped(&case.place()),
        escaped(&step),
        escaped(message)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
