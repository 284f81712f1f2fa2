//! Scenarios that need a browser. They have a tag, and the run reports if there is no browser.

use gherkin::{Feature, Scenario};

use crate::{
    browser::{self, Choice},
    failure::Misuse,
    gherkin::Chosen,
    output::say,
    registry::registry,
    suite::{ending::Stop, run::Run},
};

/// The maximum number of listed steps whose tag is missing.
const NAMED: usize = 10;

impl Run {
    /// Checks before anything starts: every step that requires a tag has it, and no scenario is left out silently.
    pub(super) fn check_needs(&self, chosen: &Chosen) -> Result<(), Stop> {
        let untagged = untagged(chosen)?;
        if !untagged.is_empty() {
            let mut lines = untagged[..untagged.len().min(NAMED)].join("\n  ");
            if untagged.len() > NAMED {
                lines.push_str(&format!("\n  … and {} more", untagged.len() - NAMED));
            }
            return Err(Stop::Failure(format!(
                "these steps need a tag on their scenario, rule or feature, because not every machine can run them:\n  {lines}"
            )));
        }
        let left_out = chosen.left_out.iter();
        let left_out: usize = left_out
            .filter(|(tag, _)| *tag == browser::TAG)
            .map(|(_, count)| count)
            .sum();
        if left_out > 0 {
            return self.without_browser(left_out);
        }
        let is_needed = all(chosen).any(|(_, _, tags)| tags.contains(&browser::TAG));
        let given = match (&self.options.browser, self.options.browser_patience) {
            (Some(Choice::Path(_)), _) => Some("--browser"),
            (_, Some(_)) => Some("--browser-patience"),
            _ => None,
        };
        match given {
            Some(option) if !is_needed && chosen.scenarios() > 0 => Err(Misuse(format!(
                "{option} has no effect here: no chosen scenario is tagged @{}",
                browser::TAG
            ))
            .into()),
            _ => Ok(()),
        }
    }

    /// Without a browser, the rest of the suite may pass. With `CI` set or a browser named, that is an error.
    fn without_browser(&self, left_out: usize) -> Result<(), Stop> {
        if self.options.browser == Some(Choice::None) {
            return Ok(());
        }
        let why = format!(
            "no browser can be had for {left_out} scenario(s) tagged @{}: {}",
            browser::TAG,
            browser::looked_for()
        );
        if std::env::var_os("CI").is_some() {
            let advice = "install Chromium, or leave these scenarios out with --browser none";
            return Err(Stop::Failure(format!("{why}\n{advice}")));
        }
        say(format_args!("{why}; they are left out"));
        Ok(())
    }
}

/// Every selected scenario with its feature and its own and inherited tags.
fn all(chosen: &Chosen) -> impl Iterator<Item = (&Feature, &Scenario, Vec<&str>)> {
    chosen.features.iter().flat_map(|feature| {
        let alone = feature.scenarios.iter().map(|scenario| (&[][..], scenario));
        let ruled = feature.rules.iter().flat_map(|rule| {
            let scenarios = rule.scenarios.iter();
            scenarios.map(|scenario| (&rule.tags[..], scenario))
        });
        alone.chain(ruled).map(move |(of_rule, scenario)| {
            let tags = feature.tags.iter().chain(of_rule).chain(&scenario.tags);
            (feature, scenario, tags.map(String::as_str).collect())
        })
    })
}

/// Steps whose scenario lacks the tag that they require, with their places.
fn untagged(chosen: &Chosen) -> Result<Vec<String>, Stop> {
    let registry = registry().map_err(|failure| Stop::Failure(failure.to_string()))?;
    let mut untagged = Vec::new();
    for (feature, scenario, tags) in all(chosen) {
        let of_rule = feature
            .rules
            .iter()
            .filter(|rule| rule.scenarios.contains(scenario))
            .filter_map(|rule| rule.background.as_ref());
        let backgrounds = feature.background.iter().chain(of_rule);
        let before = backgrounds.flat_map(|background| &background.steps);
        for step in before.chain(&scenario.steps) {
            let Some(tag) = registry.tag(&step.value) else {
                continue;
            };
            if !tags.contains(&tag) {
                let file = crate::report::file_of(feature);
                let line = step.position.line;
                untagged.push(format!("{file}:{line}: `{}` needs @{tag}", step.value));
            }
        }
    }
    untagged.dedup();
    Ok(untagged)
}
