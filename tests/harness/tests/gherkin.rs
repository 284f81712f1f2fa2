//! The acceptance data of the Gherkin project: what is right gives the same pickles, what is wrong is refused at the
//! same place.

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
        for mistake in &mistakes {
            println!("{}:{mistake}", path.file_name().unwrap().display());
        }
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
