//! The parts of a run contain each scenario exactly once, and take about the same time.

use std::{collections::BTreeSet, path::Path};

use bdd_harness::gherkin::{
    expand, parse,
    shard::{Shard, Times, keep, key},
};
use gherkin::Feature;

/// Three features of 97 scenarios each: outlines, in rules, or `@serial`.
fn features() -> Vec<Feature> {
    (0..3).map(feature).collect()
}

fn feature(number: usize) -> Feature {
    let mut text = format!("Feature: Number {number}\n");
    for scenario in 0..47 {
        let tag = if scenario % 9 == 0 { "  @serial\n" } else { "" };
        text.push_str(&format!("{tag}  Scenario: {scenario}\n    Given a step\n"));
    }
    text.push_str("  Rule: More of them\n    Scenario Outline: <n>\n      Given a step\n      Examples:\n        | n |\n");
    for row in 0..50 {
        text.push_str(&format!("        | {row} |\n"));
    }
    let document = parse(text.as_bytes()).expect("it is Gherkin");
    let mut feature = expand(
        document.feature.expect("it has a feature"),
        &document.details,
    );
    feature.path = Some(format!("/project/features/{number}.feature").into());
    feature
}

/// The `@serial` scenarios.
fn serial() -> Vec<Feature> {
    let mut features = features();
    for feature in &mut features {
        feature.rules.clear();
        feature
            .scenarios
            .retain(|scenario| !scenario.tags.is_empty());
    }
    features
}

fn keys(features: &[Feature]) -> Vec<String> {
    let root = Path::new("/project");
    features
        .iter()
        .flat_map(|feature| {
            let ruled = feature.rules.iter().flat_map(|rule| &rule.scenarios);
            let all = feature.scenarios.iter().chain(ruled);
            all.map(|scenario| key(feature, scenario, root))
        })
        .collect()
}

/// Some scenarios take a hundred times as long as others, and some times are unknown.
fn times() -> Times {
    let known = keys(&features()).into_iter().enumerate();
    let known = known.filter(|(number, _)| number % 7 != 0);
    known
        .map(|(number, key)| {
            (
                key,
                f64::from(u32::try_from(number * number % 101).unwrap_or(0)) * 10.0,
            )
        })
        .collect()
}

fn parts(count: usize, times: &Times) -> Vec<Vec<String>> {
    let part = |index| {
        let mut features = features();
        let part = keep(
            &mut features,
            Shard { index, count },
            times,
            Path::new("/project"),
        );
        let found = keys(&features);
        assert_eq!(part.scenarios, found.len());
        found
    };
    (1..=count).map(part).collect()
}

#[test]
fn shards_together_are_all_scenarios() {
    let all: BTreeSet<_> = keys(&features()).into_iter().collect();
    assert_eq!(all.len(), 291);
    for times in [Times::new(), times()] {
        for count in (1..=7).chain([40]) {
            let parts = parts(count, &times);
            let found: Vec<_> = parts.iter().flatten().cloned().collect();
            assert_eq!(
                found.len(),
                all.len(),
                "{count} parts have each scenario once"
            );
            assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), all);
        }
    }
}

#[test]
fn shards_take_about_the_same_time() {
    let times = times();
    // A `@serial` scenario blocks the other slots.
    let alone: BTreeSet<_> = keys(&serial()).into_iter().collect();
    let cost = |key: &String| {
        times.get(key).map(|time| {
            if alone.contains(key) {
                time * 4.0
            } else {
                *time
            }
        })
    };
    let sum = |part: &Vec<String>| part.iter().filter_map(cost).sum::<f64>();
    let sums: Vec<f64> = parts(4, &times).iter().map(sum).collect();
    let longest = sums.iter().copied().fold(0.0, f64::max);
    let shortest = sums.iter().copied().fold(f64::MAX, f64::min);
    assert!(longest < shortest * 1.2, "{sums:?}");
}

/// Scenarios of one file mostly wait for the same things, or use the same CPU time.
#[test]
fn every_part_has_a_share_of_each_file() {
    let of_file = |number: usize, count: usize| {
        let mut feature = feature(number);
        feature.rules.clear();
        feature
            .scenarios
            .retain(|scenario| scenario.tags.is_empty());
        feature.scenarios.truncate(count);
        feature
    };
    let features = || vec![of_file(0, 36), of_file(1, 12)];
    // In the order of their times, three scenarios of the first file are followed by one of the second.
    let all = keys(&features());
    let (first, second) = all.split_at(36);
    let sorted = first.chunks(3).zip(second);
    let sorted = sorted.flat_map(|(three, one)| three.iter().chain([one]));
    let times: Times = sorted
        .zip((100..=1000).rev())
        .map(|(key, time)| (key.clone(), f64::from(time)))
        .collect();
    for index in 1..=4 {
        let mut part = features();
        keep(
            &mut part,
            Shard { index, count: 4 },
            &times,
            Path::new("/project"),
        );
        let shares: Vec<_> = part.iter().map(|it| it.scenarios.len()).collect();
        assert_eq!(shares, [9, 3], "part {index}");
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let shard = Shard { index: 2, count: 3 };
    let (mut one, mut other) = (features(), features());
    other.reverse();
    let root = Path::new("/project");
    let plans = [
        keep(&mut one, shard, &times(), root).plan,
        keep(&mut other, shard, &times(), root).plan,
    ];
    assert_eq!(plans[0], plans[1]);
    let sorted = |features| keys(features).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(sorted(&one), sorted(&other));
}
