//! Creates definitions of words from their scenarios, and checks them.

use cucumber_expressions::Expression;
use gherkin::Step;

use super::{Attached, Word, with_table};
use crate::{
    gherkin::WordScenario,
    process::below_project_root,
    registry::{Body, StepDefinition},
};

/// A definition for each word, or all mistakes in them.
pub(in crate::registry) fn definitions(
    words: Vec<WordScenario>,
) -> Result<Vec<&'static StepDefinition>, Vec<String>> {
    let (mut definitions, mut refused) = (Vec::new(), Vec::new());
    for word in words {
        let file = below_project_root(&word.file);
        let place = format!("{file}:{}", word.scenario.position.line);
        match definition(word, file) {
            Ok(definition) => definitions.push(definition),
            Err(mistakes) => {
                refused.extend(mistakes.into_iter().map(|what| format!("{place}: {what}")));
            }
        }
    }
    if refused.is_empty() {
        Ok(definitions)
    } else {
        Err(refused)
    }
}

/// The definition lives as long as the process, like those of functions.
fn definition(word: WordScenario, file: String) -> Result<&'static StepDefinition, Vec<String>> {
    let scenario = word.scenario;
    let places = places(&scenario.name).map_err(|what| vec![what])?;
    let (attached, mut mistakes) = match attached(&scenario.steps) {
        Ok(attached) => (attached, Vec::new()),
        Err(what) => (None, vec![what]),
    };
    let word = Word {
        places,
        attached,
        steps: scenario.steps,
    };
    mistakes.extend(of_places(&word));
    if let Err(error) =
        Expression::regex_with_parameters(scenario.name.as_str(), &word.parameters())
    {
        mistakes.push(format!(
            "`{}` isn't a cucumber expression: {error}",
            scenario.name
        ));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let documentation = scenario.description.unwrap_or_default();
    let lines: Vec<_> = documentation.trim().lines().map(str::trim).collect();
    Ok(Box::leak(Box::new(StepDefinition {
        expression: scenario.name.leak(),
        is_regex: false,
        documentation: lines.join("\n").leak(),
        file: file.leak(),
        line: u32::try_from(scenario.position.line).unwrap_or(u32::MAX),
        function: "word",
        takes_step: word.attached.is_some(),
        attached: word.attached,
        within: None,
        tag: None,
        body: Body::Word(word),
    })))
}

/// The names in braces. `\{` is a plain brace.
fn places(expression: &str) -> Result<Vec<String>, String> {
    let mut places = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find(['\\', '{']) {
        if rest[at..].starts_with('\\') {
            let escaped = rest[at + 1..].chars().next().map_or(0, char::len_utf8);
            rest = &rest[at + 1 + escaped..];
            continue;
        }
        let open = &rest[at + 1..];
        let Some((name, behind)) = open.split_once('}') else {
            return Err(format!(
                "`{{{open}` is never closed: a place is written {{name}}, a plain brace \\{{"
            ));
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(format!(
                "`{{{name}}}` is no place: a name consists of letters, digits, _ and -"
            ));
        }
        places.push(name.to_owned());
        rest = behind;
    }
    Ok(places)
}

/// Mistakes in places: names that are reserved, used twice, or used by no step.
fn of_places(word: &Word) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (index, name) in word.places.iter().enumerate() {
        if matches!(name.as_str(), "table" | "text") {
            mistakes.push(format!(
                "`{{{name}}}` can't be a place: {{{{{name}}}}} is what is written below the step that uses the word"
            ));
        } else if word.places[..index].contains(name) {
            mistakes.push(format!("the place {{{name}}} is there twice"));
        } else if !word
            .steps
            .iter()
            .flat_map(texts)
            .any(|text| uses(text, name))
        {
            mistakes.push(format!(
                "the place {{{name}}} has no effect: no step of the word uses {{{{{name}}}}}"
            ));
        }
    }
    mistakes
}

fn attached(steps: &[Step]) -> Result<Option<Attached>, String> {
    let uses_any = |name| steps.iter().flat_map(texts).any(|text| uses(text, name));
    match (uses_any("table"), uses_any("text")) {
        (true, true) => Err(
            "a word takes a table or a docstring, but its steps use {{table}} and {{text}}".into(),
        ),
        (false, true) => Ok(Some(Attached::Text)),
        (false, false) => Ok(None),
        (true, false) => {
            let mut user = steps[0].clone();
            (user.table, user.docstring) = (None, None);
            let left =
                |step: &Step| texts(&with_table(step, &user)).any(|text| uses(text, "table"));
            if steps.iter().any(left) {
                return Err(
                    "{{table}} must be the only cell of a step's table, as in `| {{table}} |`"
                        .into(),
                );
            }
            Ok(Some(Attached::Table))
        }
    }
}

fn texts(step: &Step) -> impl Iterator<Item = &str> {
    let cells = step
        .table
        .iter()
        .flat_map(|table| table.rows.iter().flatten());
    let texts = cells.chain(&step.docstring).map(String::as_str);
    texts.chain([step.value.as_str()])
}

/// `{{name}}`, `{{ name }}`, `{{name.member}}` or `{{name[0]}}`
fn uses(text: &str, name: &str) -> bool {
    let mut braces = text.match_indices("{{");
    braces.any(|(at, _)| {
        let behind = text[at + 2..].trim_start().strip_prefix(name);
        behind.is_some_and(|behind| behind.trim_start().starts_with(['}', '.', '[']))
    })
}
