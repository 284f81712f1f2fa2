//! The meaning of `file.feature:line`.

use std::ops::Range;

use gherkin::{Examples, Feature, Scenario};

use super::{Details, walk};

/// The selected parts of one file; empty if the whole file is selected.
#[derive(Debug, Default)]
pub struct Lines(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Scenarios whose first step is in these lines.
    Scenarios(Range<usize>),
    /// Rows of examples in these lines.
    Rows(Range<usize>),
}

/// Starts at a line, or at its tags, and continues until the next section.
enum Section<'a> {
    Rule,
    Scenario(&'a Scenario),
}

impl Lines {
    /// `feature` has its outlines not expanded; `asked` are lines, starting at 1.
    ///
    /// A line of a scenario or of its tags selects the scenario, and all rows of an outline. A line of its examples
    /// selects that row or that table. A line of a rule or of its background selects the whole rule. A line before all
    /// of these selects everything.
    pub fn new(feature: &Feature, details: &Details, asked: &[usize]) -> Self {
        let scenarios = walk::scenarios(feature).map(|(_, scenario)| {
            let start = details.first_line(scenario.position.line);
            (start, Section::Scenario(scenario))
        });
        let rules = feature.rules.iter().map(|rule| {
            let start = details.first_line(rule.position.line);
            (start, Section::Rule)
        });
        let mut sections: Vec<_> = scenarios.chain(rules).collect();
        sections.sort_by_key(|(start, _)| *start);
        let parts = asked.iter().map(|line| part(details, &sections, *line));
        Self(parts.collect())
    }

    /// Whether a scenario is selected. For an outline, the scenario has its row filled in.
    pub fn mean(&self, scenario: &Scenario) -> bool {
        let place = scenario
            .steps
            .first()
            .map_or(scenario.position.line, |step| step.position.line);
        self.0.iter().any(|part| match part {
            Part::Scenarios(lines) => lines.contains(&place),
            Part::Rows(lines) => {
                !scenario.examples.is_empty() && lines.contains(&scenario.position.line)
            }
        })
    }
}

fn part(details: &Details, sections: &[(usize, Section<'_>)], line: usize) -> Part {
    let Some(index) = sections.iter().rposition(|(start, _)| *start <= line) else {
        return Part::Scenarios(0..usize::MAX);
    };
    let start = sections[index].0;
    let next = |wanted: fn(&Section<'_>) -> bool| {
        let mut after = sections[index + 1..]
            .iter()
            .filter(|(_, section)| wanted(section));
        after.next().map_or(usize::MAX, |(start, _)| *start)
    };
    match &sections[index].1 {
        Section::Rule => Part::Scenarios(start..next(|section| matches!(section, Section::Rule))),
        Section::Scenario(scenario) => {
            let end = next(|_| true);
            let first_line = |examples: &Examples| details.first_line(examples.position.line);
            let mut after = usize::MAX;
            let found = scenario.examples.iter().rfind(|examples| {
                let begins = first_line(examples);
                if begins > line {
                    after = begins;
                }
                begins <= line
            });
            match found {
                None => Part::Scenarios(start..end),
                Some(examples) if details.is_row(examples, line) => Part::Rows(line..line + 1),
                Some(examples) => Part::Rows(examples.position.line..after.min(end)),
            }
        }
    }
}

impl Details {
    /// The line of a heading, or of the first tags above it.
    fn first_line(&self, heading: usize) -> usize {
        let mut tags = self.tags_above(heading).iter();
        tags.next().map_or(heading, |tag| tag.line)
    }

    /// Whether this line has a row that makes a scenario.
    fn is_row(&self, examples: &Examples, line: usize) -> bool {
        examples.table.as_ref().is_some_and(|table| {
            let rows = &self.rows[&table.position.line];
            rows[1..].iter().any(|row| row.line == line)
        })
    }
}
