//! Scenarios that need a browser. They have a tag, and the run reports if there is no browser.

use gherkin::{Feature, Rule, Scenario};

use crate::{
    browser::{self, Choice},
    failure::Misuse,
    gherkin::{Chosen, background, inherited_tags, scenarios},
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
        let mut all = all(chosen);
        let is_needed = all.any(|(feature, rule, scenario)| {
            inherited_tags(feature, rule, scenario).any(|tag| tag == browser::TAG)
        });
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

/// Every selected scenario with its feature and its rule.
fn all(chosen: &Chosen) -> impl Iterator<Item = (&Feature, Option<&Rule>, &Scenario)> {
    let features = chosen.features.iter();
    features.flat_map(|feature| {
        scenarios(feature).map(move |(rule, scenario)| (feature, rule, scenario))
    })
}

/// Steps whose scenario lacks the tag that they require, with their places.
fn untagged(chosen: &Chosen) -> Result<Vec<String>, Stop> {
    let registry = registry()?;
    let mut untagged = Vec::new();
    for (feature, rule, scenario) in all(chosen) {
        for step in background(feature, rule).chain(&scenario.steps) {
            let Some(tag) = registry.tag(&step.value) else {
                continue;
            };
            if !inherited_tags(feature, rule, scenario).any(|has| has == tag) {
                let file = crate::report::file_of(feature);
                let line = step.position.line;
                untagged.push(format!("{file}:{line}: `{}` needs @{tag}", step.value));
            }
        }
    }
    untagged.dedup();
    Ok(untagged)
}
