//! What steps there are: their expressions, read from where they are written.

use std::collections::HashMap;

use cucumber::codegen::{StepConstructor, WorldInventory, inventory};

use crate::world::World;

/// A step's function: its expression, and where it is.
#[derive(Clone, Debug)]
pub struct Known {
    /// As it is written: `the response status is {int}`.
    pub expression: String,
    pub path: &'static str,
    pub line: u32,
}

/// Every step, each once, in the order of the source.
pub fn steps() -> Vec<Known> {
    let mut locations = Vec::new();
    locations
        .extend(inventory::iter::<<World as WorldInventory>::Given>().map(|step| step.inner().0));
    locations
        .extend(inventory::iter::<<World as WorldInventory>::When>().map(|step| step.inner().0));
    locations
        .extend(inventory::iter::<<World as WorldInventory>::Then>().map(|step| step.inner().0));
    locations.sort();
    let mut sources: HashMap<&str, Option<String>> = HashMap::new();
    let mut known: Vec<Known> = Vec::new();
    for location in locations {
        let source = sources
            .entry(location.path)
            .or_insert_with(|| read(location.path));
        let expression = source
            .as_deref()
            .and_then(|source| expression_at(source, location.line));
        let Some(expression) = expression else {
            continue;
        };
        if !known.iter().any(|other| other.expression == expression) {
            known.push(Known {
                expression,
                path: location.path,
                line: location.line,
            });
        }
    }
    known
}

/// The steps whose wording is nearest to a text, the nearest first.
pub fn nearest(text: &str) -> Vec<Known> {
    let wanted = words(text);
    let mut scored: Vec<(usize, Known)> = steps()
        .into_iter()
        .map(|known| {
            let has = words(&known.expression);
            let shared = wanted.iter().filter(|word| has.contains(word)).count();
            (shared * 2 * 100 / (wanted.len() + has.len()).max(1), known)
        })
        .filter(|(score, _)| *score >= 40)
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(3).map(|(_, known)| known).collect()
}

/// The words that aren't arguments.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            c => plain.push(c),
        }
    }
    plain
        .split_whitespace()
        .filter(|word| !word.starts_with('{') && word.parse::<f64>().is_err())
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// What to write where a step is missing.
pub fn snippet(step: &gherkin::Step) -> String {
    let keyword = match step.ty {
        gherkin::StepType::Given => "given",
        gherkin::StepType::When => "when",
        gherkin::StepType::Then => "then",
    };
    let mut expression = String::new();
    let mut arguments = String::new();
    let mut count = 0;
    let mut rest = step.value.as_str();
    while let Some(c) = rest.chars().next() {
        if c == '"'
            && let Some(end) = rest[1..].find('"')
        {
            count += 1;
            expression.push_str("{string}");
            arguments.push_str(&format!(", text{count}: String"));
            rest = &rest[end + 2..];
        } else if c.is_ascii_digit() && !expression.ends_with(|c: char| c.is_alphanumeric()) {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            count += 1;
            expression.push_str("{int}");
            arguments.push_str(&format!(", number{count}: i64"));
            rest = &rest[end..];
        } else {
            if matches!(c, '/' | '(' | '{') {
                expression.push_str("\\\\");
            }
            expression.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    format!(
        "#[{keyword}(expr = \"{expression}\")]\nasync fn step(world: &mut World{arguments}) -> Outcome {{\n    …\n}}"
    )
}

fn read(path: &str) -> Option<String> {
    let root = crate::process::project_root();
    std::fs::read_to_string(root.join(path))
        .or_else(|_| std::fs::read_to_string(path))
        .ok()
}

/// The attribute at a line of the source: `#[given(expr = "…")]` or with `regex`.
fn expression_at(source: &str, line: u32) -> Option<String> {
    let start = source
        .lines()
        .take(line.saturating_sub(1) as usize)
        .map(|line| line.len() + 1)
        .sum::<usize>();
    let attribute = &source[start..];
    let equals = attribute.find('=')?;
    let text = attribute[equals + 1..].trim_start();
    let text = text
        .strip_prefix("r#")
        .or_else(|| text.strip_prefix('r'))
        .unwrap_or(text);
    let text = text.strip_prefix('"')?;
    let mut expression = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => return Some(expression),
            '\\' => expression.push(characters.next()?),
            c => expression.push(c),
        }
    }
    None
}

/// The name of the function whose attribute is at a line.
pub fn function_at(path: &str, line: u32) -> Option<String> {
    let source = read(path)?;
    let start = source
        .lines()
        .take(line.saturating_sub(1) as usize)
        .map(|line| line.len() + 1)
        .sum::<usize>();
    let after = &source[start..];
    let name = &after[after.find("fn ")? + 3..];
    Some(name[..name.find(['(', '<'])?].trim().to_owned())
}

/// A path without its detours: `tests/bdd/../harness/x.rs` is `tests/harness/x.rs`.
pub fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." && !parts.is_empty() {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}
