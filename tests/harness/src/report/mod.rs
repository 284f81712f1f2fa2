//! What a person sees: progress, failures the moment they happen, and the end.

mod diagnosis;
mod failure;
mod statistics;
pub mod steps;
mod summary;
mod timings;

use std::{cell::RefCell, collections::HashMap, io::IsTerminal as _, rc::Rc, time::Instant};

use cucumber::{Event, Writer, event, event::Source, parser};
use gherkin::{Feature, Scenario};

pub use diagnosis::diagnosis;
pub use statistics::Statistics;
pub use timings::Timings;

pub use failure::title;
use failure::{argument, example_row, file_of, indented};

use crate::{
    output::{draw, say},
    world::World,
};

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Writes to standard output, for a person at a terminal or in a log.
pub struct Report {
    statistics: Rc<RefCell<Statistics>>,
    /// What runs a scenario again, but for its place.
    again: String,
    colored: bool,
    bar: bool,
    verbosity: u8,
    dry_run: bool,
    start: Instant,
    total: usize,
    features: HashMap<Source<Feature>, PerFeature>,
    pub counts: Counts,
    /// Steps of scenarios that are running, as far as they came.
    running: HashMap<Source<Scenario>, Running>,
    failures: Vec<String>,
}

#[derive(Default)]
struct PerFeature {
    passed: usize,
    failed: usize,
}

#[derive(Default)]
struct Running {
    steps: Vec<String>,
    failed: bool,
}

/// What the run came to.
#[derive(Debug, Default)]
pub struct Counts {
    pub features: usize,
    /// Scenarios that were chosen.
    pub chosen: usize,
    pub passed: usize,
    pub failed: usize,
    pub retried: usize,
    pub steps_passed: usize,
    pub steps_failed: usize,
    pub steps_skipped: usize,
    pub unreadable: usize,
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
        Self {
            statistics,
            again,
            colored: match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
            },
            bar: terminal && std::env::var_os("TERM").is_some_and(|term| term != "dumb"),
            verbosity,
            dry_run,
            start: Instant::now(),
            total: 0,
            features: HashMap::new(),
            counts: Counts::default(),
            running: HashMap::new(),
            failures: Vec::new(),
        }
    }

    /// Whether everything that was asked for went well.
    pub fn all_well(&self) -> bool {
        self.counts.failed == 0 && self.counts.unreadable == 0
    }

    /// A file that can't be read fails the run.
    pub fn unreadable(&mut self, what: &str) {
        self.counts.unreadable += 1;
        self.failures
            .push(what.lines().next().unwrap_or_default().to_owned());
        self.line(&format!("\n{} {what}\n", self.paint("✗", "1;31")));
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colored {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// A line of its own, above the bar.
    fn line(&self, text: &str) {
        if self.bar {
            draw("\r\x1b[2K");
        }
        say(text);
        self.draw();
    }

    fn draw(&self) {
        if !self.bar || self.total == 0 {
            return;
        }
        let done = self.counts.passed + self.counts.failed;
        let width = 30;
        let filled = done * width / self.total;
        let speed = done as f64 / self.start.elapsed().as_secs_f64().max(0.001);
        let failed = format!("{} failed", self.counts.failed);
        draw(format_args!(
            "\r\x1b[2K[{}{}] {done}/{} · {} · {speed:.0}/s",
            "█".repeat(filled),
            "░".repeat(width - filled),
            self.total,
            if self.counts.failed > 0 {
                self.paint(&failed, "31")
            } else {
                failed
            },
        ));
    }

    fn feature(&mut self, feature: &Source<Feature>, event: event::Feature<World>) {
        match event {
            event::Feature::Started
            | event::Feature::Rule(_, event::Rule::Started | event::Rule::Finished) => {}
            event::Feature::Scenario(scenario, event)
            | event::Feature::Rule(_, event::Rule::Scenario(scenario, event)) => {
                self.scenario(feature, &scenario, event);
            }
            event::Feature::Finished => {
                self.counts.features += 1;
                if !self.bar {
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
        let mark = if counts.failed > 0 {
            self.paint("✗", "31")
        } else {
            self.paint("✓", "32")
        };
        self.line(&format!(
            "{mark} {} ({} passed{failed})",
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
            }
            event::Scenario::Background(step, event) | event::Scenario::Step(step, event) => {
                self.step(feature, scenario, &step, event, again);
            }
            event::Scenario::Hook(_, event::Hook::Failed(_, info)) => {
                let text = info.downcast_ref::<String>().cloned().unwrap_or_default();
                self.failed(feature, scenario, &indented(&text, 4), again);
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
                if self.verbosity > 1 {
                    line.push_str(&argument(step));
                }
                running.steps.push(line);
            }
            event::Step::Failed(_, location, _, error) => {
                self.counts.steps_failed += 1;
                let steps = std::mem::take(&mut running.steps);
                let text = self.failure(feature, scenario, step, location, &error, &steps);
                self.failed(feature, scenario, &text, again);
            }
        }
    }

    fn failed(
        &mut self,
        feature: &Source<Feature>,
        scenario: &Source<Scenario>,
        text: &str,
        again: bool,
    ) {
        self.running.entry(scenario.clone()).or_default().failed = true;
        let place = format!("{}:{}", file_of(feature), scenario.position.line);
        let title = format!("{} › {}", feature.name, scenario.name);
        let row = example_row(scenario);
        let note = if again {
            "   (it will be tried again)"
        } else {
            ""
        };
        self.line(&format!(
            "\n{} {}{row}   {place}{note}\n{text}\n",
            self.paint("✗", "1;31"),
            self.paint(&title, "1")
        ));
        if !again {
            let line = failure::title(feature, scenario);
            if !self.failures.contains(&line) {
                self.failures.push(line);
            }
        }
    }

    fn finished(&mut self, feature: &Source<Feature>, scenario: &Source<Scenario>, again: bool) {
        let running = self.running.remove(scenario).unwrap_or_default();
        let failed = running.failed;
        if failed && again {
            self.counts.retried += 1;
            return;
        }
        let counts = self.features.entry(feature.clone()).or_default();
        if failed {
            counts.failed += 1;
            self.counts.failed += 1;
        } else {
            counts.passed += 1;
            self.counts.passed += 1;
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
        self.draw();
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
                self.total = scenarios;
                self.counts.chosen = scenarios;
            }
            Ok(event::Cucumber::Feature(feature, event)) => self.feature(&feature, event),
            Ok(event::Cucumber::Finished) => {
                if self.bar {
                    draw("\r\x1b[2K");
                }
                self.total = 0;
            }
        }
    }
}
