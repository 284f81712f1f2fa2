//! Steps with a misspelled keyword below a heading. Gherkin takes such a line for the heading's description, so the step
//! would be left out without a word.

use std::collections::BTreeSet;

use gherkin::Feature;

use super::{
    WordScenario,
    dialect::{Dialect, language_of},
    parse, walk,
};

/// A word with at most this number of wrong letters is meant as a keyword, if a step follows.
const WRONG_LETTERS: usize = 2;

/// Descriptions' lines that are steps but for their keyword, with their places. `is_step` says whether a sentence is a
/// step.
pub fn misspelled_steps(features: &[Feature], is_step: impl Fn(&str) -> bool) -> Vec<String> {
    features
        .iter()
        .flat_map(|feature| of_feature(feature, &is_step))
        .collect()
}

/// The same for files of `@word` scenarios.
pub fn misspelled_in_words(words: &[WordScenario], is_step: impl Fn(&str) -> bool) -> Vec<String> {
    let files: BTreeSet<_> = words.iter().map(|word| &word.file).collect();
    let features = files.into_iter().filter_map(|file| {
        let mut feature = parse(&std::fs::read(file).ok()?).ok()?.feature?;
        feature.path = Some(file.clone());
        Some(feature)
    });
    misspelled_steps(&features.collect::<Vec<_>>(), is_step)
}

fn of_feature(feature: &Feature, is_step: impl Fn(&str) -> bool) -> Vec<String> {
    let rules = feature.rules.iter();
    let backgrounds = rules.filter_map(|rule| rule.background.as_ref());
    let backgrounds = feature.background.iter().chain(backgrounds);
    let texts = backgrounds
        .map(|background| &background.description)
        .chain(walk::scenarios(feature).map(|(_, scenario)| &scenario.description));
    // The rows of an outline share its description.
    let lines: BTreeSet<_> = texts.flatten().flat_map(|text| text.lines()).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let language = language_of(&format!("{}:", feature.keyword));
    let dialect = language.and_then(|(code, _)| Dialect::of(code));
    let keywords: Vec<_> = dialect.iter().flat_map(Dialect::step_keywords).collect();
    let meant = lines.into_iter().filter_map(|line| {
        let (word, sentence) = line.trim().split_once(char::is_whitespace)?;
        let keyword = nearest(&keywords, word)?;
        is_step(sentence.trim()).then(|| (line.trim(), keyword))
    });
    let meant: Vec<_> = meant.collect();
    if meant.is_empty() {
        return Vec::new();
    }
    let path = feature.path.as_deref().unwrap_or("".as_ref());
    let source = std::fs::read_to_string(path).unwrap_or_default();
    let places = source.lines().zip(1..).filter_map(|(written, number)| {
        let (text, keyword) = meant.iter().find(|(text, _)| *text == written.trim())?;
        let indented = written.chars().take_while(|c| c.is_whitespace()).count();
        Some(format!(
            "{}:{number}:{}: `{text}` is part of a description here, not a step: write `{keyword}`",
            path.display(),
            indented + 1
        ))
    });
    places.collect()
}

/// The keyword that is meant by a word.
fn nearest<'a>(keywords: &[&'a str], word: &str) -> Option<&'a str> {
    let far = |keyword: &str| strsim::levenshtein(&keyword.to_lowercase(), &word.to_lowercase());
    let nearest = keywords.iter().filter(|keyword| **keyword != "*");
    let nearest = nearest.min_by_key(|keyword| far(keyword)).copied()?;
    (far(nearest) <= WRONG_LETTERS).then_some(nearest)
}
