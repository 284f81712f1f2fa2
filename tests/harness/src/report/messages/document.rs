//! A feature file in messages: its source, its syntax tree and its pickles.
//!
//! Ids are derived from the file's name and positions in it, so that two runs of the same file (shards, for example)
//! use the same ids.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use gherkin::{
    Background, Examples, Feature, LineCol, Rule, Scenario, Step, Table as GherkinTable,
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    gherkin::{Details, Document},
    report::messages::Ids,
};

/// The source of a file.
pub fn source(uri: &str, text: &str) -> Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    json!({ "source": {
        "data": text, "uri": uri, "mediaType": "text/x.cucumber.gherkin+plain",
    } })
}

/// The syntax tree of a file without mistakes. Its scenarios are made one by one while it is serialized.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a> {
    gherkin_document: GherkinDocument<'a>,
}

#[derive(Serialize)]
struct GherkinDocument<'a> {
    comments: Vec<Value>,
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<FeatureNode<'a>>,
}

#[derive(Serialize)]
struct FeatureNode<'a> {
    tags: Vec<Value>,
    location: Value,
    language: &'a str,
    keyword: &'a str,
    name: &'a str,
    description: &'a str,
    children: Children<'a>,
}

/// The background, the scenarios and the rules of a feature.
struct Children<'a> {
    tree: Tree<'a>,
    feature: &'a Feature,
}

impl Serialize for Children<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { tree, feature } = self;
        let background = feature.background.iter().map(|it| tree.background(it));
        let scenarios = feature.scenarios.iter().map(|it| tree.scenario(it));
        let rules = feature.rules.iter().map(|it| tree.rule(it));
        serializer.collect_seq(background.chain(scenarios).chain(rules))
    }
}

impl<'a> Envelope<'a> {
    pub fn of(uri: &'a str, document: &'a Document) -> Self {
        let comments = document.details.comments.iter();
        let comments = comments
            .map(|(line, text)| json!({ "location": { "line": line, "column": 1 }, "text": text }));
        let feature = document.feature.as_ref().map(|feature| {
            let tree = Tree {
                ids: Ids::of_file(uri),
                details: &document.details,
            };
            FeatureNode {
                tags: tree.tags(feature.position, &feature.tags),
                location: location(feature.position),
                language: document.language,
                keyword: &feature.keyword,
                name: &feature.name,
                description: description(feature.description.as_ref()),
                children: Children { tree, feature },
            }
        });
        Self {
            gherkin_document: GherkinDocument {
                comments: comments.collect(),
                uri,
                feature,
            },
        }
    }
}

/// A hash of a text that is the same in every run.
pub fn hash(text: &str) -> String {
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    format!("{:016x}", hash.finish())
}

struct Tree<'a> {
    ids: Ids,
    details: &'a Details,
}

impl Tree<'_> {
    fn rule(&self, rule: &Rule) -> Value {
        let background = rule.background.iter().map(|it| self.background(it));
        let scenarios = rule.scenarios.iter().map(|it| self.scenario(it));
        let children: Vec<_> = background.chain(scenarios).collect();
        json!({ "rule": {
            "id": self.ids.node(rule.position.line),
            "location": location(rule.position),
            "keyword": rule.keyword,
            "name": rule.name,
            "description": description(rule.description.as_ref()),
            "children": children,
            "tags": self.tags(rule.position, &rule.tags),
        } })
    }

    fn background(&self, background: &Background) -> Value {
        json!({ "background": {
            "id": self.ids.node(background.position.line),
            "location": location(background.position),
            "keyword": background.keyword,
            "name": background.name,
            "description": description(background.description.as_ref()),
            "steps": self.steps(&background.steps),
        } })
    }

    fn scenario(&self, scenario: &Scenario) -> Value {
        let examples = scenario.examples.iter().map(|it| self.examples(it));
        json!({ "scenario": {
            "id": self.ids.node(scenario.position.line),
            "tags": self.tags(scenario.position, &scenario.tags),
            "location": location(scenario.position),
            "keyword": scenario.keyword,
            "name": scenario.name,
            "description": description(scenario.description.as_ref()),
            "steps": self.steps(&scenario.steps),
            "examples": examples.collect::<Vec<_>>(),
        } })
    }

    fn examples(&self, examples: &Examples) -> Value {
        let mut rows = examples.table.iter().flat_map(|table| self.rows(table));
        let heading = rows.next();
        let mut value = json!({
            "id": self.ids.node(examples.position.line),
            "tags": self.tags(examples.position, &examples.tags),
            "location": location(examples.position),
            "keyword": examples.keyword,
            "name": examples.name.clone().unwrap_or_default(),
            "description": description(examples.description.as_ref()),
            "tableBody": rows.collect::<Vec<_>>(),
        });
        if let Some(heading) = heading {
            value["tableHeader"] = heading;
        }
        value
    }

    fn steps(&self, steps: &[Step]) -> Vec<Value> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&self, step: &Step) -> Value {
        let about = &self.details.steps[&step.position.line];
        let mut value = json!({
            "id": self.ids.node(step.position.line),
            "location": location(step.position),
            "keyword": step.keyword,
            "keywordType": about.keyword_type,
            "text": step.value,
        });
        if let Some(table) = &step.table {
            value["dataTable"] =
                json!({ "location": location(table.position), "rows": self.rows(table) });
        }
        if let (Some(content), Some((position, fence))) = (&step.docstring, about.fence) {
            let mut docstring = json!({
                "location": location(position), "content": content, "delimiter": fence,
            });
            if let Some(media_type) = &about.media_type {
                docstring["mediaType"] = json!(media_type);
            }
            value["docString"] = docstring;
        }
        value
    }

    fn rows(&self, table: &GherkinTable) -> Vec<Value> {
        let positions = &self.details.rows[&table.position.line];
        let rows = table.rows.iter().zip(positions);
        let row = |(cells, position): (&Vec<String>, &LineCol)| {
            let columns = &self.details.cells[&position.line];
            let cells = cells.iter().zip(columns).map(|(value, column)| {
                json!({ "location": { "line": position.line, "column": column }, "value": value })
            });
            json!({
                "id": self.ids.node(position.line),
                "location": location(*position),
                "cells": cells.collect::<Vec<_>>(),
            })
        };
        rows.map(row).collect()
    }

    fn tags(&self, heading: LineCol, tags: &[String]) -> Vec<Value> {
        let places = self.details.tags_above(heading.line);
        let tag = |(tag, place): (&String, &LineCol)| {
            json!({
                "location": location(*place),
                "name": format!("@{tag}"),
                "id": self.ids.tag(*place),
            })
        };
        tags.iter().zip(places).map(tag).collect()
    }
}

fn location(place: LineCol) -> Value {
    json!({ "line": place.line, "column": place.col })
}

fn description(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}
