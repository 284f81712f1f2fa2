//! Output for people: progress, failures as soon as they happen, and the summary.

mod diagnosis;
pub mod failure;
mod github;
mod html;
mod junit;
pub mod merge;
pub mod messages;
mod object;
mod picture;
mod progress;
pub mod record;
mod recorder;
pub mod rerun;
mod rows;
mod statistics;
pub mod steps;
mod summary;
mod timings;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    io::IsTerminal as _,
    path::Path,
    rc::Rc,
    time::Instant,
};

use cucumber::{Event, Writer, event, event::Source, parser};
use gherkin::{Feature, Scenario};

pub use diagnosis::{Section, diagnosis, exchanges_since};
pub use statistics::Statistics;
pub use timings::Timings;

use crate::process::below_project_root;
use failure::argument;
pub use failure::{argument_text, example_row, file_of, indented, message_of, title};
pub use picture::save_picture;
pub use recorder::{RERUN, Recorder};
pub use summary::{ScenarioCounts, plural};

use progress::Progress;

use crate::failure::in_brief;
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Writes to standard output, for a terminal or a log.
pub struct Report {
    statistics: Rc<RefCell<Statistics>>,
    /// The command that runs a scenario again, without its place.
    again: String,
    /// The path of `rerun.txt`.
    rerun: String,
    colored: bool,
    progress: Progress,
    verbosity: u8,
    dry_run: bool,
    start: Instant,
    features: HashMap<Source<Feature>, PerFeature>,
    pub counts: Counts,
    /// The finished steps of running scenarios.
    running: HashMap<Source<Scenario>, Running>,
    /// The titles of failed scenarios and why they failed, and files with mistakes.
    failures: Vec<(String, String)>,
    /// The lines of failed scenarios, by file.
    places: BTreeMap<String, Vec<usize>>,
    /// Flaky scenarios: failed at first, and passed when retried. With the number of attempts.
    flaky: BTreeMap<String, usize>,
    /// Scenarios that have no steps.
    empty: Vec<String>,
    /// Failed scenarios that are retried, with the number of attempts so far.
    attempts: HashMap<Source<Scenario>, usize>,
}

#[derive(Default)]
struct PerFeature {
    passed: usize,
    failed: usize,
    interrupted: usize,
}

#[derive(Default)]
struct Running {
    steps: Vec<String>,
    failed: bool,
    interrupted: bool,
}

/// The result of the run.
#[derive(Debug, Default)]
pub struct Counts {
    pub features: usize,
    pub scenarios: ScenarioCounts,
    pub steps_passed: usize,
    pub steps_failed: usize,
    pub steps_skipped: usize,
    pub unreadable: usize,
    /// Hooks around the run that failed.
    pub hooks_failed: usize,
}

impl Report {
    pub fn new(
        statistics: Rc<RefCell<Statistics>>,
        color: Color,
        verbosity: u8,
        dry_run: bool,
        again: String,
    ) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color,
        };
        let bar = terminal && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Self {
            statistics,
            again,
            rerun: String::new(),
            colored,
            progress: Progress::new(bar, colored),
            verbosity,
            dry_run,
            start: Instant::now(),
            features: HashMap::new(),
            counts: Counts::default(),
            running: HashMap::new(),
            failures: Vec::new(),
            places: BTreeMap::new(),
            flaky: BTreeMap::new(),
            empty: Vec::new(),
            attempts: HashMap::new(),
        }
    }

    /// Failed scenarios are listed in a file of this report folder.
    pub fn can_rerun(&mut self, folder: &Path) {
        let file = folder.join(RERUN);
        self.rerun = below_project_root(&file);
    }

    /// Whether the run passed.
    pub fn all_well(&self) -> bool {
        let scenarios = &self.counts.scenarios;
        scenarios.failed + scenarios.interrupted + self.counts.unreadable + self.counts.hooks_failed
            == 0
    }

    /// A file with a mistake fails the run.
    pub fn unreadable(&mut self, what: &str) {
        self.counts.unreadable += 1;
        let first = what.lines().next().unwrap_or_default();
        self.failures.push((first.to_owned(), String::new()));
        self.line(&format!("\n{} {what}\n", self.paint("✗", "1;31")));
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colored {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Prints a line, above the progress bar.
    fn line(&self, text: &str) {
        self.progress.line(text);
    }

    fn feature(&mut self, feature: &Source<Feature>, event: event::Feature<World>) {
        match event {
            event::Feature::Started => self.counts.features += 1,
            event::Feature::Rule(_, event::Rule::Started | event::Rule::Finished) => {}
            event::Feature::Scenario(scenario, event)
            | event::Feature::Rule(_, event::Rule::Scenario(scenario, event)) => {
                self.scenario(feature, &scenario, event);
            }
            event::Feature::Finished => {
                if !self.progress.is_shown() {
                    self.feature_line(feature);
                }
            }
        }
    }

    fn feature_line(&mut self, feature: &Source<Feature>) {
        let counts = self.features.remove(feature).unwrap_or_default();
        let failed = if counts.failed > 0 {
            self.paint(&format!(", {} failed", counts.failed), "31")
        } else {
            String::new()
        };
        let interrupted = match counts.interrupted {
            0 => String::new(),
            count => format!(", {count} interrupted"),
        };
        let mark = if counts.failed > 0 {
            self.paint("✗", "31")
        } else if counts.interrupted > 0 {
            self.paint("–", "33")
        } else {
            self.paint("✓", "32")
        };
        self.line(&format!(
            "{mark} {} ({} passed{failed}{interrupted})",
            feature.name, counts.passed
        ));
    }

    fn scenario(
        &mut self,
        feature: &Source<Feature>,
        scenario: &Source<Scenario>,
        event: event::RetryableScenario<World>,
    ) {
        let again = event.retries.is_some_and(|retries| retries.left > 0);
        match event.event {
            event::Scenario::Started => {
                self.running.insert(scenario.clone(), Running::default());
                self.progress.started(failure::title(feature, scenario));
            }
            event::Scenario::Background(step, event) | event::Scenario::Step(step, event) => {
                self.step(feature, scenario, &step, event, again);
            }
            event::Scenario::Hook(_, event::Hook::Failed(_, info)) => {
                let message = info.downcast_ref::<String>().cloned().unwrap_or_default();
                let steps = self.running.get_mut(scenario);
                let steps = steps.map(|running| std::mem::take(&mut running.steps));
                let text = format!(
                    "{}\nagain: {}",
                    message.trim_end(),
                    self.rerun_of(feature, scenario)
                );
                let steps = self.passed(&steps.unwrap_or_default());
                let text = steps + &indented(&text, 4);
                self.failed(feature, scenario, &text, &message, again);
            }
            event::Scenario::Hook(..) | event::Scenario::Log(_) => {}
            event::Scenario::Finished => self.finished(feature, scenario, again),
        }
    }

    fn step(
        &mut self,
        feature: &Source<Feature>,
        scenario: &Source<Scenario>,
        step: &Source<gherkin::Step>,
        event: event::Step<World>,
        again: bool,
    ) {
        let running = self.running.entry(scenario.clone()).or_default();
        match event {
            event::Step::Started => {}
            event::Step::Skipped => self.counts.steps_skipped += 1,
            event::Step::Passed(..) => {
                self.counts.steps_passed += 1;
                let mut line = format!("{} {}", step.keyword.trim(), step.value);
                if self.verbosity > 2 || self.verbosity > 1 && step.table.is_some() {
                    line.push_str(&argument(step));
                }
                running.steps.push(line);
            }
            event::Step::Failed(_, location, _, error) => {
                if self.statistics.borrow().interrupted.contains(scenario) {
                    running.interrupted = true;
                    running.failed = true;
                    self.counts.steps_skipped += 1;
                    return;
                }
                self.counts.steps_failed += 1;
                // Only a dry run continues after a failure, and the first one has named the later ones.
                if running.failed && self.dry_run {
                    return;
                }
                let steps = std::mem::take(&mut running.steps);
                let text = self.failure(feature, scenario, step, location, &error, &steps);
                self.failed(feature, scenario, &text, &message_of(&error), again);
            }
        }
    }

    fn failed(
        &mut self,
        feature: &Source<Feature>,
        scenario: &Source<Scenario>,
        text: &str,
        message: &str,
        again: bool,
    ) {
        self.running.entry(scenario.clone()).or_default().failed = true;
        let place = format!("{}:{}", file_of(feature), scenario.position.line);
        let title = format!("{} › {}", feature.name, scenario.name);
        let row = example_row(scenario);
        let note = if again { "   (it will be retried)" } else { "" };
        let block = format!(
            "{} {}{row}   {place}{note}\n{text}",
            self.paint("✗", "1;31"),
            self.paint(&title, "1")
        );
        self.block(&block);
        if !again {
            let line = failure::title(feature, scenario);
            if !self.failures.iter().any(|(known, _)| *known == line) {
                self.failures.push((line, in_brief(message)));
                let lines = self.places.entry(file_of(feature)).or_default();
                lines.push(scenario.position.line);
            }
        }
    }

    fn finished(&mut self, feature: &Source<Feature>, scenario: &Source<Scenario>, again: bool) {
        let running = self.running.remove(scenario).unwrap_or_default();
        let failed = running.failed;
        self.progress.finished(
            &failure::title(feature, scenario),
            self.counts.scenarios.failed,
        );
        if running.interrupted || self.statistics.borrow().interrupted.contains(scenario) {
            self.counts.scenarios.interrupted += 1;
            let counts = self.features.entry(feature.clone()).or_default();
            counts.interrupted += 1;
            return;
        }
        if failed && again {
            self.counts.scenarios.retried += 1;
            *self.attempts.entry(scenario.clone()).or_insert(1) += 1;
            return;
        }
        let skipped = self.statistics.borrow_mut().skipped.remove(scenario);
        if skipped && !failed {
            return self.counts.scenarios.skipped += 1;
        }
        if let Some(attempts) = self.attempts.remove(scenario).filter(|_| !failed) {
            self.flaky
                .insert(failure::title(feature, scenario), attempts);
        }
        let counts = self.features.entry(feature.clone()).or_default();
        if failed {
            counts.failed += 1;
            self.counts.scenarios.failed += 1;
            self.progress.finished("", self.counts.scenarios.failed);
        } else {
            counts.passed += 1;
            self.counts.scenarios.passed += 1;
            if running.steps.is_empty() {
                let place = format!("{}:{}", file_of(feature), scenario.position.line);
                self.empty.push(place);
            }
            if self.verbosity > 0 {
                let mark = self.paint("✓", "32");
                let mut text = format!("  {mark} {} › {}", feature.name, scenario.name);
                if self.verbosity > 1 {
                    let steps = running.steps.iter();
                    text.extend(steps.map(|step| format!("\n    {mark} {step}")));
                }
                self.line(&text);
            }
        }
        self.progress
            .done(self.counts.scenarios.passed + self.counts.scenarios.failed);
    }
}

impl Writer<World> for Report {
    type Cli = cucumber::cli::Empty;

    async fn handle_event(
        &mut self,
        event: parser::Result<Event<event::Cucumber<World>>>,
        _: &Self::Cli,
    ) {
        match event.map(Event::into_inner) {
            Err(error) => self.unreadable(&error.to_string()),
            Ok(event::Cucumber::Started) => self.start = Instant::now(),
            Ok(event::Cucumber::ParsingFinished { scenarios, .. }) => {
                self.progress.begin(scenarios);
                self.counts.scenarios.chosen = scenarios;
            }
            Ok(event::Cucumber::Feature(feature, event)) => self.feature(&feature, event),
            Ok(event::Cucumber::Finished) => self.progress.end(),
        }
    }
}
