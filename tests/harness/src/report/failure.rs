//! What is shown of a scenario that failed.

use cucumber::{event, event::Source, step};
use gherkin::{Feature, Scenario};

use crate::registry;
use crate::report::Report;

impl Report {
    /// The steps until the failing one, what it found, and what helps to understand it.
    pub fn failure(
        &self,
        feature: &Feature,
        scenario: &Source<Scenario>,
        step: &gherkin::Step,
        location: Option<step::Location>,
        error: &event::StepError,
        before: &[String],
    ) -> String {
        let mut text = String::new();
        for passed in before {
            text.push_str(&format!("    {} {passed}\n", self.paint("✓", "32")));
        }
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
        let said = match error {
            event::StepError::Panic(info) => {
                info.downcast_ref::<String>().cloned().unwrap_or_default()
            }
            other => other.to_string(),
        };
        text.push_str(&self.paint(&indented(&said, 6), "31"));
        text.push('\n');
        if let Some(diagnosis) = self.statistics.borrow().diagnoses.get(scenario) {
            text.push_str(&indented(diagnosis, 4));
            text.push('\n');
        }
        text.push_str(&format!(
            "    again: {} {}:{}",
            self.again,
            file_of(feature),
            scenario.position.line
        ));
        text
    }
}

/// The feature's file as it was named, or as near as one can say it.
pub fn file_of(feature: &Feature) -> String {
    let Some(path) = &feature.path else {
        return "(no file)".to_owned();
    };
    let root = crate::process::project_root();
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
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

/// The table or the docstring of a step, below it.
pub fn argument(step: &gherkin::Step) -> String {
    let rows = step.table.iter().flat_map(|table| &table.rows);
    let rows = rows.map(|row| format!("| {} |", row.join(" | ")));
    let text = step
        .docstring
        .iter()
        .map(|text| format!("\"\"\"\n{}\n\"\"\"", text.trim_matches('\n')));
    let lines: Vec<_> = rows.chain(text).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\n{}", indented(&lines.join("\n"), 8))
}

pub fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    text.lines()
        .map(|line| format!("{indent}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
