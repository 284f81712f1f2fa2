//! Prints the pickles of feature files as JSON, one line per file, or the mistakes in a file. `scripts/compare-gherkin`
//! compares them with the output of the official parser.

use bdd_harness::gherkin::{Document, KeywordType, StepDetails, expand, fill, parse};
use gherkin::{Background, Feature, Scenario, Step};
use serde_json::{Value, json};

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read(&path).expect("the file can be read");
        let found = match parse(&text) {
            Ok(document) => json!({ "file": path, "pickles": pickles(document) }),
            Err(mistakes) => {
                let mistakes = mistakes.iter().map(|mistake| {
                    json!({ "line": mistake.line, "column": mistake.column, "what": mistake.what })
                });
                json!({ "file": path, "mistakes": mistakes.collect::<Vec<_>>() })
            }
        };
        println!("{found}");
    }
}

/// Pickles in the official format, without ids and file names.
pub fn pickles(document: Document) -> Vec<Value> {
    let Document {
        feature,
        details,
        language,
    } = document;
    let Some(feature) = feature.map(|feature| expand(feature, &details)) else {
        return Vec::new();
    };
    let pickle = |scenario: &Scenario, backgrounds: &[&Option<Background>], tags: &[&[String]]| {
        let backgrounds = backgrounds
            .iter()
            .filter_map(|background| background.as_ref());
        let background = backgrounds.flat_map(|background| &background.steps);
        // A scenario without steps of its own doesn't run, and its background doesn't run either.
        let of_background = background
            .filter(|_| !scenario.steps.is_empty())
            .map(|step| (step, None));
        let of_scenario = scenario.steps.iter().map(|step| (step, Some(scenario)));
        let mut last = "Unknown";
        let steps = of_background.chain(of_scenario).map(|(step, scenario)| {
            let about = &details.steps[&step.position.line];
            last = match about.keyword_type {
                KeywordType::Context => "Context",
                KeywordType::Action => "Action",
                KeywordType::Outcome => "Outcome",
                KeywordType::Unknown => "Unknown",
                KeywordType::Conjunction => last,
            };
            let mut pickled = json!({ "text": step.value, "type": last });
            if let Some(argument) = argument(step, about, scenario) {
                pickled["argument"] = argument;
            }
            pickled
        });
        let tags = tags
            .iter()
            .copied()
            .chain([scenario.tags.as_slice()])
            .flatten();
        json!({
            "language": language,
            "name": scenario.name,
            "location": { "line": scenario.position.line, "column": scenario.position.col },
            "steps": steps.collect::<Vec<_>>(),
            "tags": tags.map(|tag| json!({ "name": format!("@{tag}") })).collect::<Vec<_>>(),
        })
    };
    let Feature {
        background,
        tags,
        scenarios,
        rules,
        ..
    } = &feature;
    let own = scenarios
        .iter()
        .map(|scenario| pickle(scenario, &[background], &[tags]));
    let of_rules = rules.iter().flat_map(|rule| {
        rule.scenarios.iter().map(|scenario| {
            pickle(
                scenario,
                &[background, &rule.background],
                &[tags, &rule.tags],
            )
        })
    });
    own.chain(of_rules).collect()
}

fn argument(step: &Step, about: &StepDetails, scenario: Option<&Scenario>) -> Option<Value> {
    let mut table = step.table.as_ref().map(|table| {
        let cell = |cell: &String| json!({ "value": cell });
        let row = |row: &Vec<String>| json!({ "cells": row.iter().map(cell).collect::<Vec<_>>() });
        json!({ "rows": table.rows.iter().map(row).collect::<Vec<_>>() })
    });
    let mut docstring = step
        .docstring
        .as_ref()
        .map(|content| json!({ "content": content }));
    if let (Some(docstring), Some(media_type)) = (&mut docstring, &about.media_type) {
        let mut media_type = media_type.clone();
        let example = scenario.and_then(|scenario| scenario.examples.first()?.table.as_ref());
        if let Some(table) = example {
            fill(&mut media_type, &table.rows[0], &table.rows[1]);
        }
        docstring["mediaType"] = json!(media_type);
    }
    if let (Some(table), Some(docstring)) = (&mut table, &mut docstring) {
        let place = |first| if first { 1 } else { 2 };
        table["argumentIndex"] = json!(place(about.table_before_docstring));
        docstring["argumentIndex"] = json!(place(!about.table_before_docstring));
    }
    let arguments = [("dataTable", table), ("docString", docstring)];
    let arguments: serde_json::Map<_, _> = arguments
        .into_iter()
        .filter_map(|(name, argument)| Some((name.to_owned(), argument?)))
        .collect();
    (!arguments.is_empty()).then_some(Value::Object(arguments))
}
