//! Helps to find steps: similar ones, spelling mistakes, and snippets for missing ones.

use std::sync::LazyLock;

use gherkin::{Step, StepType};
use regex::{Captures, Regex};

use crate::registry::{Registry, StepDefinition, definitions};

/// The steps with the most similar wording, the nearest first.
pub fn nearest(text: &str) -> Vec<&'static StepDefinition> {
    let wanted = words(text);
    let mut scored: Vec<(usize, &'static StepDefinition)> = definitions()
        .into_iter()
        .map(|known| {
            let has = words(known.expression);
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

/// A sentence of an existing step that differs little from this one, and a description of the difference.
pub fn near_miss(registry: &Registry, sentence: &str) -> Option<String> {
    let known = |sentence: &str| !registry.matching(sentence).is_empty();
    let (why, meant) = variations(sentence)
        .into_iter()
        .find(|(_, meant)| meant != sentence && known(meant))?;
    Some(format!("{meant}   ({why})"))
}

/// Corrections of common mistakes: one change each, and all harmless changes together.
fn variations(sentence: &str) -> Vec<(&'static str, String)> {
    static SWAPS: [(&str, &str); 12] = [
        ("has", "have"),
        ("have", "has"),
        ("is", "are"),
        ("are", "is"),
        ("a", "the"),
        ("the", "a"),
        ("an", "the"),
        ("response's", "response"),
        ("contain", "contains"),
        ("return", "returned"),
        ("returns", "returned"),
        ("sent", "send"),
    ];
    let plain = tidied(sentence);
    let mut all = vec![("blanks, capitals or a full stop differ", plain.clone())];
    let colon = match plain.strip_suffix(':') {
        Some(without) => (
            "without the colon at its end",
            without.trim_end().to_owned(),
        ),
        None => (
            "with a colon at its end, and a table or a docstring below it",
            format!("{plain}:"),
        ),
    };
    all.push(colon);
    all.push((
        "a quote inside quotes is written \\\", or use ' around it",
        escaped(&plain),
    ));
    all.push(("a number has no quotes", unquoted_numbers(&plain)));
    all.push(("a text has quotes", quoted_words(&plain)));
    all.push(("a method has capital letters", capital_methods(&plain)));
    for (from, to) in SWAPS {
        for swapped in swaps(&plain, from, to) {
            all.push(("another word", swapped));
        }
    }
    all
}

fn tidied(sentence: &str) -> String {
    let mut words: Vec<_> = sentence.split_whitespace().map(str::to_owned).collect();
    if let Some(last) = words.last_mut()
        && let Some(without) = last.strip_suffix('.')
    {
        *last = without.to_owned();
    }
    let lower = |word: &String| word.to_lowercase();
    let keyword = |word: &String| ["given", "when", "then", "and"].contains(&lower(word).as_str());
    if words.first().is_some_and(keyword) {
        words.remove(0);
    }
    if let Some(first) = words.first_mut()
        && first != "I"
        && first.chars().all(char::is_alphabetic)
    {
        *first = first.to_lowercase();
        if first == "i" {
            "I".clone_into(first);
        }
    }
    words.join(" ")
}

/// Escapes the quotes between the first and the last one.
fn escaped(sentence: &str) -> String {
    let (Some(first), Some(last)) = (sentence.find('"'), sentence.rfind('"')) else {
        return sentence.to_owned();
    };
    if first == last {
        return sentence.to_owned();
    }
    let inner = sentence[first + 1..last].replace("\\\"", "\"");
    format!(
        "{}\"{}\"{}",
        &sentence[..first],
        inner.replace('"', "\\\""),
        &sentence[last + 1..]
    )
}

fn replaced(
    regex: &LazyLock<Regex>,
    sentence: &str,
    by: impl Fn(&Captures<'_>) -> String,
) -> String {
    regex.replace_all(sentence, by).into_owned()
}

fn unquoted_numbers(sentence: &str) -> String {
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"["'](-?\d+(?:\.\d+)?)["']"#).expect("a regular expression"));
    replaced(&NUMBER, sentence, |found| found[1].to_owned())
}

/// Adds quotes to paths, addresses and JSON paths.
fn quoted_words(sentence: &str) -> String {
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(^|\s)([/$][^\s"':]+|https?://[^\s"']+)"#).expect("a regular expression")
    });
    replaced(&BARE, sentence, |found| {
        format!("{}\"{}\"", &found[1], &found[2])
    })
}

fn capital_methods(sentence: &str) -> String {
    static METHOD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(get|post|put|patch|delete|head|options)\b")
            .expect("a regular expression")
    });
    match METHOD.find(sentence) {
        Some(found) => format!(
            "{}{}{}",
            &sentence[..found.start()],
            found.as_str().to_uppercase(),
            &sentence[found.end()..]
        ),
        None => sentence.to_owned(),
    }
}

/// The sentence with one occurrence of a word replaced, for each occurrence.
fn swaps(sentence: &str, from: &str, to: &str) -> Vec<String> {
    let words: Vec<&str> = sentence.split(' ').collect();
    let places = words.iter().enumerate().filter(|(_, word)| **word == from);
    places
        .map(|(place, _)| {
            let mut words = words.clone();
            words[place] = to;
            words.join(" ")
        })
        .collect()
}

/// What the user can write to define a missing step.
pub struct Snippet {
    pub rust: String,
    pub word: String,
}

enum Part {
    Plain(char),
    Text,
    Number,
}

/// The parts of a sentence: quoted strings, numbers, and all other characters.
fn parts(sentence: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    let mut after_letter = false;
    while let Some(c) = rest.chars().next() {
        let (part, length) = match c {
            '"' | '\'' if rest[1..].contains(c) && !after_letter => {
                let end = rest[1..].find(c).map_or(0, |end| end + 2);
                (Part::Text, end)
            }
            c if c.is_ascii_digit() && !after_letter => {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                (Part::Number, end.unwrap_or(rest.len()))
            }
            c => (Part::Plain(c), c.len_utf8()),
        };
        after_letter = matches!(part, Part::Plain(c) if c.is_alphanumeric());
        parts.push(part);
        rest = &rest[length..];
    }
    parts
}

pub fn snippet(step: &Step) -> Snippet {
    let keyword = match step.ty {
        StepType::Given => "given",
        StepType::When => "when",
        StepType::Then => "then",
    };
    let (mut expression, mut arguments, mut sentence, mut uses) =
        (String::new(), String::new(), String::new(), String::new());
    for part in parts(&step.value) {
        match part {
            Part::Plain(c) => {
                // The expression needs a backslash, and Rust's string needs another one.
                if matches!(c, '/' | '(' | '{' | '\\') {
                    expression.push_str("\\\\");
                    sentence.push('\\');
                }
                if matches!(c, '"' | '\\') {
                    expression.push('\\');
                }
                expression.push(c);
                sentence.push(c);
            }
            Part::Text => {
                let name = format!("text{}", arguments.matches(':').count() + 1);
                expression.push_str("{string}");
                arguments.push_str(&format!(", {name}: String"));
                sentence.push_str(&format!("{{{name}}}"));
                uses.push_str(&format!(" \"{{{{{name}}}}}\""));
            }
            Part::Number => {
                let name = format!("number{}", arguments.matches(':').count() + 1);
                expression.push_str("{int}");
                arguments.push_str(&format!(", {name}: i64"));
                sentence.push_str(&format!("{{{name}}}"));
                uses.push_str(&format!(" {{{{{name}}}}}"));
            }
        }
    }
    let mut below = String::new();
    if step.table.is_some() {
        below.push_str("\n    | {{table}} |");
    } else if step.docstring.is_some() {
        below.push_str("\n    \"\"\"\n    {{text}}\n    \"\"\"");
    }
    let takes_step = if step.table.is_some() || step.docstring.is_some() {
        ", step: &Step"
    } else {
        ""
    };
    let name = function_name(&step.value);
    Snippet {
        rust: format!(
            "#[{keyword}(expr = \"{expression}\")]\nasync fn {name}(world: &mut World{takes_step}{arguments}) -> Outcome {{\n    …\n}}"
        ),
        word: format!("@word\nScenario: {sentence}\n  Given …{uses}{below}"),
    }
}

fn function_name(sentence: &str) -> String {
    let words: Vec<_> = words(sentence)
        .iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect())
        .filter(|word: &String| !word.is_empty())
        .take(7)
        .collect();
    let name = words.join("_");
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("step_{name}").trim_end_matches('_').to_owned()
    } else {
        name
    }
}
