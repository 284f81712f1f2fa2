//! Reads lines of JSON, each `{"expression": "…", "tags": ["@a", …]}`. Prints `true`, `false` or the mistake for each.
//! `scripts/compare-gherkin` compares them with the output of the official parser.

use std::io::{BufRead as _, stdin};

use bdd_harness::gherkin::TagExpression;
use serde_json::{Value, json};

fn main() {
    for line in stdin().lock().lines() {
        let line = line.expect("standard input can be read");
        let asked: Value = serde_json::from_str(&line).expect("a line is JSON");
        let expression = asked["expression"].as_str().expect("an expression");
        let tags: Vec<_> = asked["tags"].as_array().expect("tags").iter().collect();
        let tags = tags
            .iter()
            .map(|tag| tag.as_str().expect("a tag").trim_start_matches('@'));
        let tags: Vec<_> = tags.collect();
        let answer = match expression.parse::<TagExpression>() {
            Ok(expression) => json!(expression.matches(&tags)),
            Err(mistake) => json!(mistake),
        };
        println!("{answer}");
    }
}
