//! The catalogue of steps: every expression, its explanation, its place, and how often it is used.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use gherkin::{Feature, Step, StepType};
use serde_json::json;

use crate::{
    failure::Failure,
    gherkin::scenarios,
    registry::{StepDefinition, meanings, registry},
    report::failure::{argument, indented},
};

/// The format of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
    /// Without line numbers and counts, so that it changes only if a step changes.
    Markdown,
}

/// A step definition, how many steps of the features use it, and the shortest of them.
struct Entry<'a> {
    definition: &'static StepDefinition,
    used: usize,
    example: Option<&'a Step>,
}

/// The catalogue of all steps, or only of those that no feature uses.
pub fn catalogue(features: &[Feature], format: Format, unused: bool) -> Result<String, Failure> {
    let mut entries = entries(features)?;
    if unused {
        entries.retain(|entry| entry.used == 0);
    }
    Ok(match format {
        Format::Text => text(&entries),
        Format::Json => json(&entries),
        Format::Markdown => markdown(&entries),
    })
}

/// Counts steps of features, and steps of words, even if the word is unused.
fn entries(features: &[Feature]) -> Result<Vec<Entry<'_>>, Failure> {
    let registry = registry()?;
    let mut entries: Vec<_> = registry
        .definitions()
        .map(|definition| Entry {
            definition,
            used: 0,
            example: None,
        })
        .collect();
    let numbers: HashMap<_, _> = entries
        .iter()
        .enumerate()
        .map(|(number, entry)| (std::ptr::from_ref(entry.definition), number))
        .collect();
    let mut seen: BTreeMap<&str, (usize, &Step)> = BTreeMap::new();
    for step in features.iter().flat_map(steps) {
        let (count, shortest) = seen.entry(&step.value).or_insert((0, step));
        *count += 1;
        if size(step) < size(shortest) {
            *shortest = step;
        }
    }
    for (sentence, (count, step)) in seen {
        for (definition, _) in registry.matching(sentence) {
            let entry = &mut entries[numbers[&std::ptr::from_ref(definition)]];
            entry.used += count;
            if entry.example.is_none_or(|known| size(step) < size(known)) {
                entry.example = Some(step);
            }
        }
    }
    for word in registry.definitions().filter_map(StepDefinition::word) {
        for step in &word.steps {
            for definition in meanings(registry, word, &step.value) {
                entries[numbers[&std::ptr::from_ref(definition)]].used += 1;
            }
        }
    }
    Ok(entries)
}

fn size(step: &Step) -> usize {
    step.value.len() + argument(step).len()
}

fn steps(feature: &Feature) -> impl Iterator<Item = &Step> {
    let of_rules = feature.rules.iter().flat_map(|rule| &rule.background);
    let backgrounds = feature.background.iter().chain(of_rules);
    let backgrounds = backgrounds.flat_map(|background| &background.steps);
    backgrounds.chain(scenarios(feature).flat_map(|(_, scenario)| &scenario.steps))
}

/// The step as in a feature, with its table or docstring.
fn example(step: &Step) -> String {
    let keyword = match step.ty {
        StepType::Given => "Given",
        StepType::When => "When",
        StepType::Then => "Then",
    };
    format!("{keyword} {}{}", step.value, argument(step))
}

fn text(entries: &[Entry]) -> String {
    let mut text = String::new();
    for Entry {
        definition,
        used,
        example: used_by,
    } in entries
    {
        text.push_str(&format!("{}\n", definition.expression));
        for line in definition.documentation.lines() {
            text.push_str(&format!("    {line}\n"));
        }
        if let Some(step) = used_by {
            text.push_str(&format!("{}\n", indented(&example(step), 6)));
        }
        let times = if *used == 1 { "time" } else { "times" };
        text.push_str(&format!(
            "    {}:{}, used {used} {times}\n\n",
            definition.file, definition.line
        ));
    }
    text.push_str(&format!("{} steps", entries.len()));
    text
}

fn json(entries: &[Entry]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(
            |Entry {
                 definition,
                 used,
                 example: used_by,
             }| {
                json!({
                    "expression": definition.expression,
                    "documentation": definition.documentation,
                    "file": definition.file,
                    "line": definition.line,
                    "function": definition.function,
                    "kind": if definition.word().is_some() { "word" } else { "function" },
                    "example": used_by.map(example),
                    "used": used,
                })
            },
        )
        .collect();
    serde_json::Value::from(entries).to_string()
}

fn markdown(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# Steps\n\nGenerated by `--steps --format markdown`. Given, When and Then share every step.\n",
    );
    let mut file = "";
    for Entry {
        definition,
        example: used_by,
        ..
    } in entries
    {
        if definition.file != file {
            file = definition.file;
            let name = Path::new(file)
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy();
            text.push_str(&format!("\n## {}\n\n`{file}`\n\n", name.replace('_', " ")));
            text.push_str("| step | what it does, and an example |\n|---|---|\n");
        }
        let documentation = definition.documentation.replace('\n', " ");
        let example = used_by.map_or_else(String::new, |step| {
            let lines = example(step);
            let lines: Vec<_> = lines
                .lines()
                .map(|line| format!("`{}`", line.trim_start()))
                .collect();
            format!("<br>{}", lines.join("<br>"))
        });
        let cells = [
            format!("`{}`", definition.expression),
            documentation + &example,
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text.trim_end().to_owned()
}
