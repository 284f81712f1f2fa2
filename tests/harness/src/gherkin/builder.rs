//! Builds a feature from its lines, in the order of the file.

use std::collections::HashMap;

use gherkin::{
    Background, Examples, Feature, LineCol, Rule, Scenario, Span, Step, StepType, Table,
};

use super::{
    Mistake,
    dialect::{KeywordType, Title},
    refusal,
    scanner::Line,
};

/// What [`Feature`] has no field for, by the line of the heading, table or step.
#[derive(Debug, Default)]
pub struct Details {
    /// The position of each tag above a heading.
    pub tags: HashMap<usize, Vec<LineCol>>,
    /// The position of each row of a table, by the line of its first row.
    pub rows: HashMap<usize, Vec<LineCol>>,
    /// The column of each cell, by the line of its row.
    pub cells: HashMap<usize, Vec<usize>>,
    pub steps: HashMap<usize, StepDetails>,
    /// Whole lines, in the order of the file.
    pub comments: Vec<(usize, String)>,
}

impl Details {
    /// The positions of the tags above the heading in this line.
    pub fn tags_above(&self, heading: usize) -> &[LineCol] {
        self.tags.get(&heading).map_or(&[], Vec::as_slice)
    }
}

#[derive(Debug)]
pub struct StepDetails {
    pub keyword_type: KeywordType,
    /// The position of the docstring, and its delimiter.
    pub fence: Option<(LineCol, &'static str)>,
    /// The text after the delimiter.
    pub media_type: Option<String>,
    /// The order, if the step has both.
    pub table_before_docstring: bool,
}

/// The parser's states guarantee that a heading comes before its contents.
const OPEN: &str = "the state says what stands above";

#[derive(Default)]
pub struct Builder {
    feature: Option<Feature>,
    details: Details,
    /// Tags whose heading follows, and their positions.
    tags: Vec<String>,
    tags_places: Vec<LineCol>,
    /// The last heading.
    below: Option<Title>,
    /// The current meaning of `And`.
    step_type: Option<StepType>,
    /// Empty lines in a description. They are added if more text follows.
    blanks: String,
}

impl Builder {
    pub fn finish(self) -> (Option<Feature>, Details) {
        (self.feature, self.details)
    }

    pub fn tags(&mut self, tags: &[(usize, &str)], line: &Line<'_>) {
        for (col, tag) in tags {
            self.tags.push((*tag).to_owned());
            let (line, col) = (line.number, *col);
            self.tags_places.push(LineCol { line, col });
        }
    }

    /// The line of the tags whose heading follows.
    pub fn tags_line(&self) -> Option<usize> {
        self.tags_places.first().map(|place| place.line)
    }

    pub fn title(&mut self, title: Title, keyword: &str, name: &str, line: &Line<'_>) {
        let tags = std::mem::take(&mut self.tags);
        if !tags.is_empty() {
            let places = std::mem::take(&mut self.tags_places);
            self.details.tags.insert(line.number, places);
        }
        let (keyword, name) = (keyword.to_owned(), name.to_owned());
        let (description, steps) = (None, Vec::new());
        let (position, span) = (position(line), span(line));
        match title {
            Title::Feature => {
                self.feature = Some(Feature {
                    keyword,
                    name,
                    description,
                    background: None,
                    scenarios: Vec::new(),
                    rules: Vec::new(),
                    tags,
                    span,
                    position,
                    path: None,
                });
            }
            Title::Rule => self.feature().rules.push(Rule {
                keyword,
                name,
                description,
                background: None,
                scenarios: Vec::new(),
                tags,
                span,
                position,
            }),
            Title::Background => {
                *self.background() = Some(Background {
                    keyword,
                    name,
                    description,
                    steps,
                    span,
                    position,
                });
            }
            Title::Scenario => self.scenarios().push(Scenario {
                keyword,
                name,
                description,
                steps,
                examples: Vec::new(),
                tags,
                span,
                position,
            }),
            Title::Examples => self.scenario().examples.push(Examples {
                keyword,
                name: (!name.is_empty()).then_some(name),
                description,
                table: None,
                tags,
                span,
                position,
            }),
        }
        self.step_type = self.type_after_background();
        self.below = Some(title);
        self.blanks.clear();
    }

    pub fn comment(&mut self, text: &str, line: &Line<'_>) {
        self.details.comments.push((line.number, text.to_owned()));
    }

    pub fn blank(&mut self, line: &Line<'_>) {
        self.blanks.push_str(&format!("\n{}", line.text));
    }

    /// Adds a line to the description of a heading.
    pub fn describe(&mut self, line: &Line<'_>) {
        let blanks = std::mem::take(&mut self.blanks);
        let description = match self.below.expect(OPEN) {
            Title::Feature => &mut self.feature().description,
            Title::Rule => &mut self.rule().expect(OPEN).description,
            Title::Background => &mut self.background().as_mut().expect(OPEN).description,
            Title::Scenario => &mut self.scenario().description,
            Title::Examples => &mut self.examples().description,
        };
        match description {
            Some(text) => text.push_str(&format!("{blanks}\n{}", line.text)),
            None => *description = Some(line.text.to_owned()),
        }
    }

    pub fn step(&mut self, keyword: &str, keyword_type: KeywordType, value: &str, line: &Line<'_>) {
        let ty = match keyword_type {
            KeywordType::Context => StepType::Given,
            KeywordType::Action => StepType::When,
            KeywordType::Outcome => StepType::Then,
            KeywordType::Conjunction | KeywordType::Unknown => {
                self.step_type.unwrap_or(StepType::Given)
            }
        };
        self.step_type = Some(ty);
        self.steps().push(Step {
            keyword: keyword.to_owned(),
            ty,
            value: value.to_owned(),
            docstring: None,
            table: None,
            span: span(line),
            position: position(line),
        });
        let details = StepDetails {
            keyword_type,
            fence: None,
            media_type: None,
            table_before_docstring: false,
        };
        self.details.steps.insert(line.number, details);
    }

    /// Adds a row to the last examples or step. The first row determines the number of cells.
    pub fn row(&mut self, cells: Vec<(usize, String)>, line: &Line<'_>) -> Option<Mistake> {
        let (columns, cells): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        self.details.cells.insert(line.number, columns);
        let table = match self.below.expect(OPEN) {
            Title::Examples => &mut self.examples().table,
            _ => &mut self.last_step().table,
        };
        let table = table.get_or_insert_with(|| Table {
            rows: Vec::new(),
            span: span(line),
            position: position(line),
        });
        let heading = table.rows.first().map_or(cells.len(), Vec::len);
        let mistake = (cells.len() != heading).then(|| {
            let what = refusal::cells(cells.len(), heading, line.trimmed);
            Mistake::at(line.number, line.column(), what)
        });
        table.rows.push(cells);
        let first = table.position.line;
        let rows = self.details.rows.entry(first).or_default();
        rows.push(position(line));
        mistake
    }

    /// Starts a docstring; returns whether a table may still follow it.
    pub fn docstring(&mut self, fence: &'static str, media_type: &str, at: &Line<'_>) -> bool {
        let step = self.last_step();
        step.docstring = Some(String::new());
        let (line, has_table) = (step.position.line, step.table.is_some());
        let details = self.details.steps.get_mut(&line).expect(OPEN);
        details.fence = Some((position(at), fence));
        details.media_type = (!media_type.is_empty()).then(|| media_type.to_owned());
        details.table_before_docstring = has_table;
        !has_table
    }

    pub fn end_docstring(&mut self, lines: &[String]) {
        self.last_step().docstring = Some(lines.join("\n"));
    }

    fn feature(&mut self) -> &mut Feature {
        self.feature.as_mut().expect(OPEN)
    }

    fn rule(&mut self) -> Option<&mut Rule> {
        self.feature().rules.last_mut()
    }

    fn background(&mut self) -> &mut Option<Background> {
        let feature = self.feature.as_mut().expect(OPEN);
        match feature.rules.last_mut() {
            Some(rule) => &mut rule.background,
            None => &mut feature.background,
        }
    }

    fn scenarios(&mut self) -> &mut Vec<Scenario> {
        let feature = self.feature.as_mut().expect(OPEN);
        match feature.rules.last_mut() {
            Some(rule) => &mut rule.scenarios,
            None => &mut feature.scenarios,
        }
    }

    fn scenario(&mut self) -> &mut Scenario {
        self.scenarios().last_mut().expect(OPEN)
    }

    fn examples(&mut self) -> &mut Examples {
        self.scenario().examples.last_mut().expect(OPEN)
    }

    fn steps(&mut self) -> &mut Vec<Step> {
        match self.below.expect(OPEN) {
            Title::Background => &mut self.background().as_mut().expect(OPEN).steps,
            _ => &mut self.scenario().steps,
        }
    }

    fn last_step(&mut self) -> &mut Step {
        self.steps().last_mut().expect(OPEN)
    }

    /// The type of the last step that runs before a scenario's own steps.
    fn type_after_background(&self) -> Option<StepType> {
        let feature = self.feature.as_ref()?;
        let of_rule = feature
            .rules
            .last()
            .and_then(|rule| rule.background.as_ref());
        let backgrounds = [of_rule, feature.background.as_ref()];
        let mut last = backgrounds
            .into_iter()
            .flatten()
            .filter_map(|found| found.steps.last());
        last.next().map(|step| step.ty)
    }
}

fn position(line: &Line<'_>) -> LineCol {
    LineCol {
        line: line.number,
        col: line.column(),
    }
}

fn span(line: &Line<'_>) -> Span {
    Span {
        start: line.start,
        end: line.start + line.text.len(),
    }
}
