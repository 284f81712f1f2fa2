//! One scenario to run.

use std::time::Duration;

use cucumber::event::Source;
use gherkin::{Feature, Rule, Scenario};

use crate::gherkin::{Retry, TagExpression};

/// What the command line says of scenarios that fail.
#[derive(Clone, Default)]
pub struct RetryOptions {
    pub most: usize,
    pub after: Duration,
    /// Only scenarios with such tags.
    pub tags: Option<TagExpression>,
}

/// One scenario, and where it stands.
#[derive(Clone)]
pub struct Job {
    pub feature: Source<Feature>,
    pub rule: Option<Source<Rule>>,
    pub scenario: Source<Scenario>,
    /// The same for the same scenario whatever the order, so that made values are.
    pub seed: u64,
}

impl Job {
    /// Every tag that counts for it, without the `@`.
    pub fn tags(&self) -> Vec<&str> {
        let rule = self.rule.iter().flat_map(|rule| &rule.tags);
        let tags = self
            .feature
            .tags
            .iter()
            .chain(rule)
            .chain(&self.scenario.tags);
        tags.map(String::as_str).collect()
    }

    /// How often it runs again when it fails, and after how long: its nearest tag `@retry` goes before the command line.
    pub fn retry(&self, options: &RetryOptions) -> (usize, Duration) {
        let tags = self.tags();
        let own = tags.iter().rev().find_map(|tag| Retry::of(tag)?.ok());
        let fits = |expression: &TagExpression| expression.matches(&tags);
        match own {
            Some(own) => (own.most, own.after.unwrap_or(options.after)),
            None if options.tags.as_ref().is_none_or(fits) => (options.most, options.after),
            None => (0, Duration::ZERO),
        }
    }

    /// It wants no neighbour.
    pub fn is_serial(&self) -> bool {
        self.tags().contains(&"serial")
    }
}

/// The same for the same scenario, whatever else runs.
pub fn seed_of(feature: &Feature, scenario: &Scenario) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hash = DefaultHasher::new();
    feature.name.hash(&mut hash);
    scenario.name.hash(&mut hash);
    scenario.position.line.hash(&mut hash);
    hash.finish()
}
