//! What `file.feature:line` means.

use gherkin::{Feature, Scenario};

/// The parts of one file that are asked for; none when the whole of it is.
#[derive(Debug, Default)]
pub struct Lines(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Scenarios that have their first step in these lines.
    Scenarios(std::ops::Range<usize>),
    /// Rows of examples that stand in these lines.
    Rows(std::ops::Range<usize>),
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
    pub fn new(text: &str, feature: &Feature, asked: &[usize]) -> Self {
        let text: Vec<&str> = text.lines().collect();
        let mut sections: Vec<(usize, Section<'_>)> = Vec::new();
        for scenario in feature
            .scenarios
            .iter()
            .chain(feature.rules.iter().flat_map(|rule| &rule.scenarios))
        {
            sections.push((
                with_tags(&text, scenario.position.line),
                Section::Scenario(scenario),
            ));
        }
        for rule in &feature.rules {
            sections.push((with_tags(&text, rule.position.line), Section::Rule));
        }
        sections.sort_by_key(|(start, _)| *start);
        Self(
            asked
                .iter()
                .map(|line| part(&text, &sections, *line))
                .collect(),
        )
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

fn part(text: &[&str], sections: &[(usize, Section<'_>)], line: usize) -> Part {
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
            let blocks: Vec<usize> = scenario
                .examples
                .iter()
                .map(|examples| with_tags(text, examples.position.line))
                .collect();
            match blocks.iter().rposition(|block| *block <= line) {
                None => Part::Scenarios(start..end),
                Some(block) => {
                    let examples = &scenario.examples[block];
                    let first_row = examples.position.line + 2;
                    let rows = examples
                        .table
                        .as_ref()
                        .map_or(0, |table| table.rows.len().saturating_sub(1));
                    if (first_row..first_row + rows).contains(&line) {
                        Part::Rows(line..line + 1)
                    } else {
                        Part::Rows(
                            examples.position.line..blocks.get(block + 1).copied().unwrap_or(end),
                        )
                    }
                }
            }
        }
    }
}

/// The first of the tag lines that stand right above a line, comments and blank lines among them; or the line.
fn with_tags(text: &[&str], line: usize) -> usize {
    let mut first = line;
    for above in (1..line).rev() {
        let trimmed = text.get(above - 1).map_or("", |text| text.trim());
        if trimmed.starts_with('@') {
            first = above;
        } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
            break;
        }
    }
    first
}
