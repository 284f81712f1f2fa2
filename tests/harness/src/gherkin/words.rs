//! Scenarios tagged `@word`: steps that are made of other steps.

use std::path::{Path, PathBuf};

use gherkin::{Background, Feature, LineCol, Scenario};

use super::{Details, Document, Mistake, parse, walk};

pub const TAG: &str = "word";
/// The folder of `@word` scenarios, beside the features that use them.
pub const FOLDER: &str = "words";
pub const MISPLACED: &str = "a scenario tagged @word is a step made of steps, and is found only in the folder `words` of the \
     features: move it to a file there";

/// A `@word` scenario as it is written.
#[derive(Clone, Debug)]
pub struct WordScenario {
    pub file: PathBuf,
    pub scenario: Scenario,
}

/// Whether a file is below a folder of `@word` scenarios.
pub fn is_in_folder(file: &Path) -> bool {
    let folders = file.parent().into_iter().flat_map(Path::components);
    folders.into_iter().any(|part| part.as_os_str() == FOLDER)
}

/// All words of these files, or all mistakes in them.
pub fn read(files: &[PathBuf]) -> Result<Vec<WordScenario>, Vec<String>> {
    let (mut words, mut refused) = (Vec::new(), Vec::new());
    for file in files {
        let place = file.display();
        let mistakes = match std::fs::read(file) {
            Ok(bytes) => of_file(file, &bytes, &mut words),
            Err(error) => {
                refused.push(format!("{place}: {error}"));
                continue;
            }
        };
        refused.extend(mistakes.iter().map(|mistake| format!("{place}:{mistake}")));
    }
    if refused.is_empty() {
        Ok(words)
    } else {
        Err(refused)
    }
}

fn of_file(file: &Path, bytes: &[u8], words: &mut Vec<WordScenario>) -> Vec<Mistake> {
    let Document {
        feature, details, ..
    } = match parse(bytes) {
        Ok(document) => document,
        Err(mistakes) => return mistakes,
    };
    let Some(feature) = feature else {
        return Vec::new();
    };
    let mut mistakes = of_headings(&feature, &details);
    for (rule, scenario) in walk::scenarios(&feature) {
        let is_word = walk::tags(&feature, rule, scenario).any(|tag| tag == TAG);
        mistakes.extend(of_scenario(scenario, is_word, &details));
        words.push(WordScenario {
            file: file.to_owned(),
            scenario: scenario.clone(),
        });
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes
}

fn at(place: LineCol, what: &str) -> Mistake {
    Mistake::at(place.line, place.col, what.to_owned())
}

/// Finds backgrounds, and tags without an effect.
fn of_headings(feature: &Feature, details: &Details) -> Vec<Mistake> {
    let background = |found: &Background| {
        at(
            found.position,
            "a word has no background: write its steps into the word",
        )
    };
    let of_rules = feature
        .rules
        .iter()
        .filter_map(|rule| rule.background.as_ref());
    let mut mistakes: Vec<_> = feature
        .background
        .iter()
        .chain(of_rules)
        .map(background)
        .collect();
    let rules = feature.rules.iter().map(|rule| (rule.position, &rule.tags));
    for (heading, tags) in rules.chain([(feature.position, &feature.tags)]) {
        mistakes.extend(other_tags(heading, tags, details));
    }
    mistakes
}

fn other_tags(heading: LineCol, tags: &[String], details: &Details) -> Vec<Mistake> {
    let places = details.tags_above(heading.line);
    let others = tags.iter().zip(places).filter(|(tag, _)| *tag != TAG);
    others
        .map(|(tag, place)| {
            let what = format!(
                "@{tag} has no effect here: a word runs as part of scenarios, and only the scenarios' tags count"
            );
            at(*place, &what)
        })
        .collect()
}

fn of_scenario(scenario: &Scenario, is_word: bool, details: &Details) -> Vec<Mistake> {
    let mut mistakes = other_tags(scenario.position, &scenario.tags, details);
    let mut mistake = |place: LineCol, what: &str| mistakes.push(at(place, what));
    if !is_word {
        mistake(
            scenario.position,
            "the folder `words` contains only words: tag this scenario @word, or move it to another folder",
        );
    }
    if let Some(examples) = scenario.examples.first() {
        mistake(
            examples.position,
            "a word has no examples: it gets its values from the step that uses it, for {places} in its name",
        );
    }
    if scenario.name.trim().is_empty() {
        mistake(
            scenario.position,
            "a word needs a name: the sentence of the step, such as `a registered user {name}`",
        );
    }
    if scenario.steps.is_empty() {
        mistake(scenario.position, "a word needs at least one step");
    }
    mistakes
}
