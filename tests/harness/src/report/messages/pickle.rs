//! The pickles of a feature file: one for each scenario and each row of examples.

use gherkin::{Feature, LineCol, Rule, Scenario, Step};
use serde_json::{Map, Value, json};

use crate::{
    gherkin::{
        Details, Document, KeywordType, StepDetails, background, fill, inherited_tags, scenarios,
    },
    report::messages::Ids,
};

/// The envelopes of the selected scenarios. `document` is their file, `chosen` has outlines expanded.
pub fn envelopes<'a>(
    uri: &'a str,
    document: &'a Document,
    chosen: &'a Feature,
) -> impl Iterator<Item = Value> {
    let pickles = document.feature.as_ref().map(|whole| Pickles {
        uri,
        ids: Ids::of_file(uri),
        document,
        whole,
        feature: chosen,
    });
    scenarios(chosen)
        .filter_map(move |(rule, scenario)| Some(pickles.as_ref()?.pickle(rule, scenario)))
}

struct Pickles<'a> {
    uri: &'a str,
    ids: Ids,
    document: &'a Document,
    whole: &'a Feature,
    feature: &'a Feature,
}

impl Pickles<'_> {
    fn pickle(&self, rule: Option<&Rule>, scenario: &Scenario) -> Value {
        let heading = self.heading(scenario);
        let row = (heading != scenario.position).then(|| self.ids.node(scenario.position.line));
        let mut nodes = vec![self.ids.node(heading.line)];
        nodes.extend(row.clone());
        let line = scenario.position.line;
        json!({ "pickle": {
            "id": self.ids.pickle(line),
            "uri": self.uri,
            "location": { "line": line, "column": scenario.position.col },
            "astNodeIds": nodes,
            "tags": self.tags(rule, scenario, heading),
            "name": scenario.name,
            "language": self.document.language,
            "steps": self.steps(rule, scenario, row),
        } })
    }

    /// The heading of the outline for a row, otherwise the scenario's own heading.
    fn heading(&self, scenario: &Scenario) -> LineCol {
        scenarios(self.whole)
            .find(|(_, whole)| whole.span == scenario.span)
            .map_or(scenario.position, |(_, whole)| whole.position)
    }

    fn tags(&self, rule: Option<&Rule>, scenario: &Scenario, heading: LineCol) -> Vec<Value> {
        let examples = scenario.examples.first();
        let headings = [
            Some(self.feature.position),
            rule.map(|rule| rule.position),
            Some(heading),
            examples.map(|examples| examples.position),
        ];
        let places = headings.into_iter().flatten();
        let places = places.flat_map(|at| self.details().tags_above(at.line));
        let tag = |(name, place): (&str, &LineCol)| json!({ "name": format!("@{name}"), "astNodeId": self.ids.tag(*place) });
        let names = inherited_tags(self.feature, rule, scenario);
        names.zip(places).map(tag).collect()
    }

    fn steps(&self, rule: Option<&Rule>, scenario: &Scenario, row: Option<String>) -> Vec<Value> {
        let of_background = background(self.feature, rule)
            .filter(|_| !scenario.steps.is_empty())
            .map(|step| (step, None));
        let own = scenario
            .steps
            .iter()
            .map(|step| (step, Some((scenario, &row))));
        let mut last = KeywordType::Unknown;
        let mut steps = Vec::new();
        for (index, (step, own)) in of_background.chain(own).enumerate() {
            let about = &self.details().steps[&step.position.line];
            if about.keyword_type != KeywordType::Conjunction {
                last = about.keyword_type;
            }
            let mut nodes = vec![self.ids.node(step.position.line)];
            nodes.extend(own.and_then(|(_, row)| row.clone()));
            let mut value = json!({
                "id": self.ids.pickle_step(scenario.position.line, index),
                "text": step.value,
                "type": last,
                "astNodeIds": nodes,
            });
            let argument = argument(step, about, own.map(|(scenario, _)| scenario));
            if !argument.is_empty() {
                value["argument"] = Value::Object(argument);
            }
            steps.push(value);
        }
        steps
    }

    fn details(&self) -> &Details {
        &self.document.details
    }
}

/// The table, the docstring, or both in their order.
fn argument(step: &Step, about: &StepDetails, filled: Option<&Scenario>) -> Map<String, Value> {
    let mut argument = Map::new();
    if let Some(table) = &step.table {
        let row = |row: &Vec<String>| {
            let cells: Vec<_> = row.iter().map(|cell| json!({ "value": cell })).collect();
            json!({ "cells": cells })
        };
        let rows: Vec<_> = table.rows.iter().map(row).collect();
        argument.insert("dataTable".into(), json!({ "rows": rows }));
    }
    if let Some(content) = &step.docstring {
        let mut docstring = json!({ "content": content });
        if let Some(media_type) = &about.media_type {
            let mut media_type = media_type.clone();
            let table = filled.and_then(|scenario| scenario.examples.first()?.table.as_ref());
            if let Some([heading, row]) = table.map(|table| table.rows.as_slice()) {
                fill(&mut media_type, heading, row);
            }
            docstring["mediaType"] = json!(media_type);
        }
        argument.insert("docString".into(), docstring);
    }
    if argument.len() > 1 {
        let table_first = about.table_before_docstring;
        argument["dataTable"]["argumentIndex"] = json!(if table_first { 1 } else { 2 });
        argument["docString"]["argumentIndex"] = json!(if table_first { 2 } else { 1 });
    }
    argument
}
