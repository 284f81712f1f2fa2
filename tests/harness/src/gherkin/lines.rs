//! What `file.feature:line` means.

use std::ops::Range;

use gherkin::{Examples, Feature, Scenario};

use super::Details;

/// The parts of one file that are asked for; none when the whole of it is.
#[derive(Debug, Default)]
pub struct Lines(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Scenarios that have their first step in these lines.
    Scenarios(Range<usize>),
    /// Rows of examples that stand in these lines.
    Rows(Range<usize>),
}

/// Something that begins at a line, its tags included, and goes on until the next one.
enum Section<'a> {
    Rule,
    Scenario(&'a Scenario),
}

impl Lines {
    /// `feature` has its outlines still whole; `asked` are lines from 1.
    ///
    /// A line of a scenario or its tags means the scenario, and all rows of an outline; one of its examples means
    /// that row or that table; one of a rule or its background all of the rule; and one before all that, everything.
    pub fn new(feature: &Feature, details: &Details, asked: &[usize]) -> Self {
        let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
        let scenarios = feature.scenarios.iter().chain(of_rules).map(|scenario| {
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

    /// Whether a scenario, of an outline one with its row filled in, is meant.
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

    /// Whether a row that makes a scenario is in this line.
    fn is_row(&self, examples: &Examples, line: usize) -> bool {
        examples.table.as_ref().is_some_and(|table| {
            let rows = &self.rows[&table.position.line];
            rows[1..].iter().any(|row| row.line == line)
        })
    }
}
