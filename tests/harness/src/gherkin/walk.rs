//! Walks over the scenarios of a feature, and over what they inherit.

use gherkin::{Feature, Rule, Scenario, Step};

/// Every scenario of a feature, with its rule.
pub fn scenarios(feature: &Feature) -> impl Iterator<Item = (Option<&Rule>, &Scenario)> {
    let own = feature.scenarios.iter().map(|scenario| (None, scenario));
    let of_rules = feature.rules.iter().flat_map(|rule| {
        let scenarios = rule.scenarios.iter();
        scenarios.map(move |scenario| (Some(rule), scenario))
    });
    own.chain(of_rules)
}

/// The tags of a scenario, with those of its feature and its rule.
pub fn tags<'a>(
    feature: &'a Feature,
    rule: Option<&'a Rule>,
    scenario: &'a Scenario,
) -> impl Iterator<Item = &'a str> {
    let of_rule = rule.into_iter().flat_map(|rule| &rule.tags);
    let tags = feature.tags.iter().chain(of_rule).chain(&scenario.tags);
    tags.map(String::as_str)
}

/// The steps of the backgrounds of a feature and a rule.
pub fn background<'a>(
    feature: &'a Feature,
    rule: Option<&'a Rule>,
) -> impl Iterator<Item = &'a Step> {
    let of_rule = rule.and_then(|rule| rule.background.as_ref());
    let backgrounds = feature.background.iter().chain(of_rule);
    backgrounds.flat_map(|background| &background.steps)
}

/// Removes the scenarios that aren't kept, and rules without scenarios.
pub fn retain(
    feature: &mut Feature,
    mut is_kept: impl FnMut(&Feature, Option<&Rule>, &Scenario) -> bool,
) {
    let kept: Vec<_> = scenarios(feature)
        .map(|(rule, scenario)| is_kept(feature, rule, scenario))
        .collect();
    let mut kept = kept.into_iter();
    feature.scenarios.retain(|_| kept.next() == Some(true));
    for rule in &mut feature.rules {
        rule.scenarios.retain(|_| kept.next() == Some(true));
    }
    feature.rules.retain(|rule| !rule.scenarios.is_empty());
}
