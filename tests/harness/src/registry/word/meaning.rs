//! Checks the steps of words: undefined steps, ambiguous ones, and words that use one another in a circle.

use super::{Place, Word, filled};
use crate::registry::{Registry, StepDefinition};

/// Words that match the same sentence as another step, and words that use one another in a circle.
pub(in crate::registry) fn mistakes(registry: &Registry) -> Vec<String> {
    let words = || {
        registry
            .definitions()
            .filter(|definition| definition.word().is_some())
    };
    let mut mistakes: Vec<_> = words()
        .filter_map(|word| ambiguous(registry, word))
        .collect();
    if mistakes.is_empty() {
        let mut done = Vec::new();
        for word in words() {
            circles(registry, &mut vec![word], &mut done, &mut mistakes);
        }
    }
    mistakes
}

fn ambiguous(registry: &Registry, word: &'static StepDefinition) -> Option<String> {
    let samples = ["\"x\"", "x", "1"].map(|value| sample(word.expression, value));
    let others = samples.iter().flat_map(|sample| registry.matching(sample));
    let mut others = others
        .map(|(other, _)| other)
        .filter(|other| !std::ptr::eq(*other, word));
    let other = others.next()?;
    Some(format!(
        "{}: the word `{}` and the step `{}` ({}) have the same words: change one of them",
        word.place(),
        word.expression,
        other.expression,
        other.place()
    ))
}

/// A sentence that matches the expression.
pub fn sample(expression: &str, value: &str) -> String {
    let mut sentence = String::new();
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let escaped = rest.chars().next().unwrap_or(c);
                sentence.push(escaped);
                rest = rest.strip_prefix(escaped).unwrap_or(rest);
            }
            '{' => {
                sentence.push_str(value);
                rest = rest.split_once('}').map_or("", |(_, behind)| behind);
            }
            '(' => rest = rest.split_once(')').map_or("", |(_, behind)| behind),
            '/' => rest = rest.trim_start_matches(|c: char| !c.is_whitespace()),
            c => sentence.push(c),
        }
    }
    sentence
}

/// The definitions that a step of a word can match, for any values of its places.
pub fn meanings(registry: &Registry, word: &Word, sentence: &str) -> Vec<&'static StepDefinition> {
    let matching = |sentence: &str| {
        let found = registry.matching(sentence).into_iter();
        found.map(|(definition, _)| definition).collect::<Vec<_>>()
    };
    let found = matching(sentence);
    if !found.is_empty() {
        return found;
    }
    for value in ["1", "\"x\"", "x", "GET"] {
        let places = word.places.iter().map(|name| Place::read(name, value));
        let found = matching(&filled(sentence, &places.collect::<Vec<_>>()));
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Undefined steps of words, with their places. Without this check, a word that no scenario uses would hide them.
pub fn undefined(registry: &Registry) -> Vec<String> {
    let words = registry
        .definitions()
        .filter_map(|definition| Some((definition, definition.word()?)));
    words
        .flat_map(|(definition, word)| {
            let steps = word.steps.iter();
            steps
                .filter(move |step| meanings(registry, word, &step.value).is_empty())
                .map(move |step| {
                    format!(
                        "{}:{}: no step has these words: {} {} (in the word `{}`)",
                        definition.file,
                        step.position.line,
                        step.keyword.trim(),
                        step.value,
                        definition.expression
                    )
                })
        })
        .collect()
}

fn circles(
    registry: &Registry,
    path: &mut Vec<&'static StepDefinition>,
    done: &mut Vec<*const StepDefinition>,
    mistakes: &mut Vec<String>,
) {
    let Some(current) = path.last().copied() else {
        return;
    };
    if done.contains(&std::ptr::from_ref(current)) {
        return;
    }
    let Some(word) = current.word() else { return };
    for step in &word.steps {
        for used in meanings(registry, word, &step.value) {
            if let Some(start) = path.iter().position(|other| std::ptr::eq(*other, used)) {
                mistakes.push(circle(&path[start..], used));
            } else {
                path.push(used);
                circles(registry, path, done, mistakes);
                path.pop();
            }
        }
    }
    done.push(std::ptr::from_ref(current));
}

/// `a (features/words/a.feature:3) → b (…) → a`
pub fn circle(path: &[&StepDefinition], used: &StepDefinition) -> String {
    let named = path
        .iter()
        .map(|word| format!("`{}` ({})", word.expression, word.place()));
    let path: Vec<_> = named.chain([format!("`{}`", used.expression)]).collect();
    let place = used.place();
    format!(
        "{place}: words use one another in a circle: {}",
        path.join(" → ")
    )
}
