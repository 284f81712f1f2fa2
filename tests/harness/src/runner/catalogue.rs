//! What steps there are, for whoever looks for one.

use crate::registry::{StepDefinition, definitions};

/// The steps whose wording is nearest to a text, the nearest first.
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
