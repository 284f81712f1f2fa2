//! The acceptance data of the Gherkin project: valid files result in the same pickles, and invalid files are refused at
//! the same position.

#[allow(dead_code)]
#[path = "../examples/pickles.rs"]
mod pickles;

use std::{
    fs,
    path::{Path, PathBuf},
};

use bdd_harness::gherkin::parse;
use serde_json::Value;

fn features(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/gherkin-data")
        .join(folder);
    let files = fs::read_dir(folder).expect("the data is there");
    let paths = files.map(|file| file.expect("the folder can be read").path());
    let found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "feature"))
        .collect();
    assert!(!found.is_empty());
    found
}

fn official(feature: &Path, what: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("{}.{what}.ndjson", feature.display()))
        .expect("it stands beside");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| {
                !["id", "uri", "astNodeId", "astNodeIds"].contains(&name.as_str())
            });
            members.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

#[test]
fn good_files_give_the_official_pickles() {
    for path in features("good") {
        let text = fs::read(&path).expect("it can be read");
        let document =
            parse(&text).unwrap_or_else(|mistakes| panic!("{}: {mistakes:?}", path.display()));
        let expected = official(&path, "pickles").into_iter().map(|mut line| {
            without_ids(&mut line);
            line["pickle"].take()
        });
        let expected: Vec<_> = expected.collect();
        let found = pickles::pickles(document);
        assert_eq!(found.len(), expected.len(), "{}", path.display());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{}", path.display());
        }
    }
}

#[test]
fn bad_files_are_refused_where_the_official_parser_refuses_them() {
    for path in features("bad") {
        let text = fs::read(&path).expect("it can be read");
        let mistakes = parse(&text).expect_err(&path.display().to_string());
        let errors = official(&path, "errors");
        let expected: Vec<_> = errors
            .iter()
            .map(|error| {
                let location = &error["parseError"]["source"]["location"];
                (location["line"].as_u64(), location["column"].as_u64())
            })
            .collect();
        let found = |number: Option<usize>| number.map(|number| number as u64);
        let first = (found(Some(mistakes[0].line)), found(mistakes[0].column));
        assert_eq!(first, expected[0], "{}", path.display());
        for mistake in &mistakes {
            let place = (found(Some(mistake.line)), found(mistake.column));
            assert!(expected.contains(&place), "{}:{mistake}", path.display());
        }
    }
}

#[test]
fn an_error_names_the_place_the_mistake_and_the_fix() {
    let feature = "Feature: Rest\n  Scenario: Rest\n    Given x\n";
    for (text, expected) in [
        (
            "Somebody wrote this\n",
            "1:1: `Somebody wrote this` stands before the feature",
        ),
        (
            "Fonctionnalité: Repos\n",
            "1:1: `Fonctionnalité: Repos` is French, but the file is read as English",
        ),
        (
            "  # language: fr-FR\nFeature: Rest\n",
            "1:3: the language `fr-FR` isn't known: similar ones are fr",
        ),
        (
            "# language: fr\n",
            "2: the file ends before its feature: write `Fonctionnalité:` and a name",
        ),
        ("{feature}    Whn I rest\n", "4:5: `Whn I rest` is no step"),
        (
            "{feature}Feature: Two\n",
            "4:1: a file has one feature, and this is a second one",
        ),
        (
            "{feature}\n\tBackground:\n    Given x\n",
            "5:2: `Background:` comes too late",
        ),
        (
            "Feature: a\nBackground:\nGiven x\nExamples:\n",
            "4:1: `Examples:` belongs below a scenario",
        ),
        (
            "{feature}  Examples:\n    | a |\n    Given y\n",
            "6:5: `Given y` is a step below examples",
        ),
        (
            "{feature}  Examples:\n    | a |\n    \"\"\"\n",
            "6:5: a docstring belongs below a step, not below examples",
        ),
        (
            "{feature}    | a |\n    ```\n    ```\n    | b |\n",
            "7:5: a step has one table",
        ),
        (
            "{feature}    | a | b |\n    | a | b\n",
            "5:5: this row has 1 cell, its heading has 2; text after the last bar",
        ),
        (
            "{feature}    | a | b |\n    | 1 |\n    | a|b | c |\n",
            "6:5: this row has 3 cells, its heading has 2; a bar within",
        ),
        (
            "{feature}  @quiet\n    Given y\n",
            "5:5: `Given y` can't have tags",
        ),
        (
            "{feature}  @quiet\n",
            "5: the file ends after the tags of line 4",
        ),
        (
            "{feature}  @a @very quiet\n",
            "4:6: the tag `@very quiet` has a blank in it: write `@very-quiet`",
        ),
        (
            "{feature}    \"\"\"\n    y\n",
            "6: the file ends in the docstring that begins in line 4",
        ),
    ] {
        let text = text.replace("{feature}", feature);
        let mistakes = parse(text.as_bytes()).expect_err(&text);
        let found = mistakes.last().expect("a refusal has a reason").to_string();
        assert!(found.starts_with(expected), "{text}\n{found}");
    }
    let mistakes = parse(b"Feature: a\n  caf\xe9\n").expect_err("this is Latin-1");
    assert!(
        mistakes[0]
            .to_string()
            .starts_with("2:6: this byte is no UTF-8")
    );
}

#[test]
fn one_mistake_causes_no_further_ones() {
    let mistakes =
        parse(b"@a\nGiven x\nScenario: y\n  Given z\n").expect_err("tags stand above a step");
    assert_eq!(mistakes.len(), 1);
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_first_line() {
    let document = parse("\u{feff}Feature: Rest\r\n".as_bytes()).expect("it is a feature");
    let feature = document.feature.expect("it is a feature");
    assert_eq!((feature.name.as_str(), feature.position.col), ("Rest", 1));
}
