//! Expands outlines: a scenario for every row of examples, like the official pickles.

use gherkin::{Feature, Scenario, Step};

use super::Details;

/// The feature with its outlines expanded. Each scenario has its row's position, and that row as its only example.
pub fn expand(mut feature: Feature, details: &Details) -> Feature {
    let rules = feature.rules.iter_mut().map(|rule| &mut rule.scenarios);
    for scenarios in rules.chain([&mut feature.scenarios]) {
        *scenarios = std::mem::take(scenarios)
            .into_iter()
            .flat_map(|scenario| scenarios_of(scenario, details))
            .collect();
    }
    feature
}

fn scenarios_of(mut scenario: Scenario, details: &Details) -> Vec<Scenario> {
    if scenario.examples.is_empty() {
        return vec![scenario];
    }
    let mut expanded = Vec::new();
    for mut examples in std::mem::take(&mut scenario.examples) {
        let Some(table) = examples
            .table
            .as_mut()
            .filter(|table| !table.rows.is_empty())
        else {
            continue;
        };
        let positions = &details.rows[&table.position.line];
        let mut rows = std::mem::take(&mut table.rows).into_iter();
        let heading = rows.next().unwrap_or_default();
        for (row, position) in rows.zip(&positions[1..]) {
            let mut one = scenario.clone();
            one.position = *position;
            one.tags.extend(examples.tags.iter().cloned());
            fill(&mut one.name, &heading, &row);
            one.steps
                .iter_mut()
                .for_each(|step| fill_step(step, &heading, &row));
            let mut example = examples.clone();
            if let Some(table) = &mut example.table {
                table.rows = vec![heading.clone(), row];
            }
            one.examples = vec![example];
            expanded.push(one);
        }
    }
    expanded
}

fn fill_step(step: &mut Step, heading: &[String], row: &[String]) {
    let rows = step.table.iter_mut().flat_map(|table| &mut table.rows);
    for text in rows.flatten().chain(&mut step.docstring) {
        fill(text, heading, row);
    }
    fill(&mut step.value, heading, row);
}

/// Replaces each `<column>` by the row's cell, one column after the other. Other text in angle brackets stays.
pub fn fill(text: &mut String, heading: &[String], row: &[String]) {
    for (column, value) in heading.iter().zip(row) {
        if !text.contains('<') {
            return;
        }
        *text = text.replace(&format!("<{column}>"), value);
    }
}
