//! The text for a failed scenario.

use cucumber::{event, event::Source, step};
use gherkin::{Feature, Scenario};

use crate::{
    failure::in_brief,
    process::below_project_root,
    registry,
    report::{Report, github, record},
};

impl Report {
    /// A hook before the first or after the last scenario fails the run if it failed.
    pub fn run_hook(&mut self, hook: &record::Step) {
        if !hook.status.is_failure() {
            return;
        }
        self.counts.hooks_failed += 1;
        let title = titled(&hook.what);
        self.failures.push((title.clone(), in_brief(&hook.message)));
        let mark = self.paint("✗", "1;31");
        let message = indented(&hook.message, 4);
        self.block(&format!("{mark} {}\n{message}", self.paint(&title, "1")));
    }

    /// Prints a failure: on GitHub as a group.
    pub(super) fn block(&self, text: &str) {
        if github::is_here() {
            self.line(&github::group(text));
        } else {
            self.line(&format!("\n{text}\n"));
        }
    }

    /// The steps up to the failed one, its message, and the failure's explanation.
    pub fn failure(
        &self,
        feature: &Feature,
        scenario: &Source<Scenario>,
        step: &gherkin::Step,
        location: Option<step::Location>,
        error: &event::StepError,
        before: &[String],
    ) -> String {
        let mut text = self.passed(before);
        text.push_str(&format!(
            "    {} {} {}   {}:{}\n",
            self.paint("✗", "31"),
            step.keyword.trim(),
            step.value,
            file_of(feature),
            step.position.line
        ));
        if let Some(location) = location {
            let function = registry::function_at(location.path, location.line);
            text.push_str(&format!(
                "      ({function}, {}:{})\n",
                location.path, location.line
            ));
        }
        text.push_str(&self.painted(&indented(&message_of(error), 6)));
        text.push('\n');
        if let Some(diagnosis) = self.statistics.borrow().diagnoses.get(scenario) {
            text.push_str(&indented(diagnosis, 4));
            text.push('\n');
        }
        text.push_str(&format!("    again: {}", self.rerun_of(feature, scenario)));
        text
    }

    /// The steps that passed before a failure.
    pub fn passed(&self, steps: &[String]) -> String {
        let line = |step: &String| format!("    {} {step}\n", self.paint("✓", "32"));
        steps.iter().map(line).collect()
    }

    /// The command that runs the scenario again.
    pub fn rerun_of(&self, feature: &Feature, scenario: &Scenario) -> String {
        let file = file_of(feature);
        format!("{} {file}:{}", self.again, scenario.position.line)
    }
}

impl Report {
    /// Colours a step's message: expected is green, found is red, and so are the differing parts.
    fn painted(&self, message: &str) -> String {
        if !self.colored {
            return message.to_owned();
        }
        let line = |line: &str| {
            let trimmed = line.trim_start();
            match trimmed.split_once(':').map(|(label, _)| label) {
                Some("expected") => self.paint(line, "32"),
                Some("found") => self.paint(line, "31"),
                Some("diff") => line
                    .replace("[-", "\x1b[32m[-")
                    .replace("{+", "\x1b[31m{+")
                    .replace("-]", "-]\x1b[0m")
                    .replace("+}", "+}\x1b[0m"),
                _ if trimmed.starts_with("at ") => self.paint(line, "1"),
                _ => self.paint(line, "31"),
            }
        };
        message.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The title of a hook, and its place.
pub fn titled(hook: &record::What) -> String {
    match hook {
        record::What::Hook(record) if record.name.is_some() => {
            format!("{}   {}", hook.title(), record.place())
        }
        _ => hook.title(),
    }
}

/// The message of a failed step.
pub fn message_of(error: &event::StepError) -> String {
    match error {
        event::StepError::Panic(info) => info.downcast_ref::<String>().cloned().unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The path of the feature's file as the user named it, or relative to the current folder.
pub fn file_of(feature: &Feature) -> String {
    let path = feature.path.as_deref();
    path.map_or_else(|| "(no file)".to_owned(), below_project_root)
}

/// `Feature › Scenario [name=ada]   features/x.feature:7`
pub fn title(feature: &Feature, scenario: &Scenario) -> String {
    format!(
        "{} › {}{}   {}:{}",
        feature.name,
        scenario.name,
        example_row(scenario),
        file_of(feature),
        scenario.position.line
    )
}

/// ` [name=ada, age=7]` for a row of an outline.
pub fn example_row(scenario: &Scenario) -> String {
    let table = scenario
        .examples
        .first()
        .and_then(|examples| examples.table.as_ref());
    match table.map(|table| table.rows.as_slice()) {
        Some([heading, row]) => {
            let cells: Vec<_> = heading
                .iter()
                .zip(row)
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!(" [{}]", cells.join(", "))
        }
        _ => String::new(),
    }
}

/// The table or the docstring of a step, on the lines below it.
pub fn argument(step: &gherkin::Step) -> String {
    let text = argument_text(step);
    if text.is_empty() {
        return text;
    }
    format!("\n{}", indented(&text, 8))
}

/// The table or the docstring of a step, without its indentation.
pub fn argument_text(step: &gherkin::Step) -> String {
    let rows = step.table.iter().flat_map(|table| aligned(&table.rows));
    let text = step
        .docstring
        .iter()
        .map(|text| format!("\"\"\"\n{}\n\"\"\"", text.trim_matches('\n')));
    let lines: Vec<_> = rows.chain(text).collect();
    lines.join("\n")
}

/// The rows of a table, with columns of equal width.
pub fn aligned(rows: &[Vec<String>]) -> impl Iterator<Item = String> {
    let columns = rows.first().map_or(0, Vec::len);
    let length =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<_> = (0..columns)
        .map(|column| {
            rows.iter()
                .map(|row| length(row, column))
                .max()
                .unwrap_or(0)
        })
        .collect();
    rows.iter().map(move |row| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<_> = cells
            .map(|(cell, &width)| format!("{cell:<width$}"))
            .collect();
        format!("| {} |", cells.join(" | "))
    })
}

pub fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    text.lines()
        .map(|line| format!("{indent}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
