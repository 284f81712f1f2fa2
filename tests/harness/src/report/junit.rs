//! `junit.xml`, in the schema that Jenkins' xUnit plugin checks and that GitLab reads.
//!
//! The schema has no attributes for the file and line of a test case, so they are in its text. Libraries that write
//! this format add attributes that the schema refuses.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::failure::in_brief;
use crate::report::record::{Attempt, Status, Step};

/// The finished attempts, by feature file.
#[derive(Default)]
pub struct Junit {
    suites: BTreeMap<String, TestSuite>,
    /// Failures of attempts that are retried, by scenario.
    earlier: BTreeMap<String, Vec<(String, String)>>,
}

#[derive(Default)]
struct TestSuite {
    name: String,
    began: Option<DateTime<Utc>>,
    took: Duration,
    tests: usize,
    failures: usize,
    skipped: usize,
    cases: String,
}

impl Junit {
    pub fn attempt(&mut self, attempt: &Attempt) {
        if attempt.will_be_retried {
            let failure = (first_line(attempt), text_of_failure(attempt));
            let earlier = self.earlier.entry(attempt.case.place());
            earlier.or_default().push(failure);
            return;
        }
        let earlier = self.earlier.remove(&attempt.case.place());
        let suite = self.suites.entry(attempt.case.file.clone()).or_default();
        suite.add(attempt, &earlier.unwrap_or_default());
    }

    /// A file with a mistake in its Gherkin.
    pub fn unreadable(&mut self, what: &str) {
        let suite = self.suites.entry("files that can't be read".to_owned());
        let suite = suite.or_default();
        suite.add_without_scenario("Files that can't be read", "unreadable", first(what), what);
    }

    /// A hook before the first or after the last scenario failed.
    pub fn run_hook(&mut self, hook: &Step) {
        let suite = self.suites.entry("hooks around all scenarios".to_owned());
        let suite = suite.or_default();
        let text = format!("{}{}", hook.message, attached(hook));
        suite.add_without_scenario(
            "Hooks around all scenarios",
            "hook",
            &hook.what.title(),
            &text,
        );
    }

    /// The run ended before its first scenario.
    pub fn stopped(&mut self, why: &str) {
        let suite = self.suites.entry("the run".to_owned()).or_default();
        suite.add_without_scenario("No scenario ran", "stopped", first(why), why);
    }

    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let sum = |of: fn(&TestSuite) -> usize| self.suites.values().map(of).sum::<usize>();
        let took: Duration = self.suites.values().map(|suite| suite.took).sum();
        writeln!(
            to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{}\">",
            sum(|suite| suite.tests),
            sum(|suite| suite.failures),
            seconds(took)
        )?;
        for (file, suite) in &self.suites {
            suite.write(file, to)?;
        }
        writeln!(to, "</testsuites>")
    }
}

impl TestSuite {
    fn add(&mut self, attempt: &Attempt, earlier: &[(String, String)]) {
        self.name.clone_from(&attempt.case.feature);
        let began = DateTime::<Utc>::from(attempt.started);
        self.began = Some(self.began.map_or(began, |known| known.min(began)));
        self.took += attempt.took;
        self.tests += 1;
        let case = &attempt.case;
        self.cases.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}{}\" time=\"{}\">\n",
            escaped(&class_of(&case.file)),
            escaped(&case.name),
            escaped(&case.row),
            seconds(attempt.took)
        ));
        let status = attempt.status();
        match status {
            Status::Passed => {}
            Status::Skipped | Status::Interrupted => {
                self.skipped += 1;
                let message = match status {
                    Status::Interrupted => "interrupted".to_owned(),
                    _ => skipped_because(attempt),
                };
                let message = escaped(&message);
                self.cases
                    .push_str(&format!("      <skipped message=\"{message}\"/>\n"));
            }
            _ => {
                self.failures += 1;
                let kind = format!("{status:?}").to_lowercase();
                let (message, text) = (first_line(attempt), text_of_failure(attempt));
                self.add_failure("failure", &kind, &message, &text);
            }
        }
        let again = if status.is_failure() {
            "rerunFailure"
        } else {
            "flakyFailure"
        };
        for (message, text) in earlier {
            self.add_failure(again, "failed", message, text);
        }
        self.cases.push_str(&format!(
            "      <system-out>{}</system-out>\n    </testcase>\n",
            escaped(&steps(attempt))
        ));
    }

    fn add_without_scenario(&mut self, suite: &str, kind: &str, name: &str, what: &str) {
        suite.clone_into(&mut self.name);
        self.tests += 1;
        self.failures += 1;
        self.cases.push_str(&format!(
            "    <testcase classname=\"{kind}\" name=\"{}\" time=\"0\">\n",
            escaped(name)
        ));
        self.add_failure("failure", kind, first(what), what);
        self.cases.push_str("    </testcase>\n");
    }

    fn add_failure(&mut self, element: &str, kind: &str, message: &str, text: &str) {
        self.cases.push_str(&format!(
            "      <{element} type=\"{kind}\" message=\"{}\">{}</{element}>\n",
            escaped(message),
            escaped(text)
        ));
    }

    fn write(&self, file: &str, to: &mut impl Write) -> io::Result<()> {
        let began = self
            .began
            .map(|began| began.to_rfc3339_opts(SecondsFormat::Secs, true));
        let began = began.map_or_else(String::new, |began| format!(" timestamp=\"{began}\""));
        writeln!(
            to,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\" file=\"{}\"{began}>\n{}  </testsuite>",
            escaped(&self.name),
            self.tests,
            self.failures,
            self.skipped,
            seconds(self.took),
            escaped(file),
            self.cases
        )
    }
}

/// `features/edges/pizzas.feature` becomes `features.edges.pizzas`, which build servers show as a tree.
fn class_of(file: &str) -> String {
    let path = file.strip_suffix(".feature").unwrap_or(file);
    let path = path.trim_start_matches(['/', '.']);
    path.replace('.', "_").replace('/', ".")
}

fn first(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn first_line(attempt: &Attempt) -> String {
    let decisive = attempt.decisive();
    let message = decisive.map_or("", |step| step.message.as_str());
    in_brief(message)
}

fn skipped_because(attempt: &Attempt) -> String {
    let mut reasons = attempt.steps.iter().map(|step| step.message.as_str());
    let reason = reasons.find(|reason| !reason.is_empty());
    reason.unwrap_or("skipped").to_owned()
}

fn text_of_failure(attempt: &Attempt) -> String {
    let Some(step) = attempt.decisive() else {
        return String::new();
    };
    format!(
        "{}\n{}\n\n{}",
        attempt.case.place(),
        step.what.title(),
        step.message
    )
}

/// Each step with its status. A failed step has its text attachments below it.
fn steps(attempt: &Attempt) -> String {
    let mut text = format!("{}\n", attempt.case.place());
    for step in &attempt.steps {
        let status = format!("{:?}", step.status).to_lowercase();
        text.push_str(&format!("{status:<9} {}\n", step.what.title()));
        if step.status.is_failure() {
            text.push_str(&attached(step));
        }
    }
    text
}

fn attached(step: &Step) -> String {
    let texts = step.attachments.iter().filter_map(|it| it.text());
    let texts: Vec<_> = texts.map(|text| format!("\n{text}\n")).collect();
    texts.concat()
}

fn seconds(took: Duration) -> String {
    format!("{:.3}", took.as_secs_f64())
}

/// Escapes a text for elements and attributes. Characters that XML doesn't allow are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
