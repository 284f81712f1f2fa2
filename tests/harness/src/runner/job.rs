//! One scenario to run.

use std::time::Duration;

use cucumber::event::Source;
use gherkin::{Feature, Rule, Scenario};

use crate::{
    gherkin::{Retry, TagExpression, background, inherited_tags},
    report::{self, record::Case},
};

/// The retry options of the command line.
#[derive(Clone, Default)]
pub struct RetryOptions {
    pub most: usize,
    pub after: Duration,
    /// Only scenarios that match this expression are retried.
    pub tags: Option<TagExpression>,
}

/// One scenario with its feature and rule.
#[derive(Clone)]
pub struct Job {
    pub feature: Source<Feature>,
    pub rule: Option<Source<Rule>>,
    pub scenario: Source<Scenario>,
    /// Depends only on the scenario, not on the order, so that generated values stay the same.
    pub seed: u64,
}

impl Job {
    /// All tags that apply to it, without the `@`.
    pub fn tags(&self) -> Vec<&str> {
        inherited_tags(&self.feature, self.rule.as_deref(), &self.scenario).collect()
    }

    /// The sentences of its steps, with the background's first.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        let before = background(&self.feature, self.rule.as_deref());
        let steps = before.chain(&self.scenario.steps);
        steps.map(|step| step.value.as_str())
    }

    /// How often it is retried, and after which pause. Its nearest `@retry` tag overrides the command line.
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

    /// Its data for reports.
    pub fn case(&self) -> Case {
        Case {
            file: report::file_of(&self.feature),
            line: self.scenario.position.line,
            feature: self.feature.name.clone(),
            rule: self.rule.as_ref().map(|rule| rule.name.clone()),
            name: self.scenario.name.clone(),
            row: report::example_row(&self.scenario),
            tags: self.tags().into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether it has to run alone.
    pub fn is_serial(&self) -> bool {
        self.tags().contains(&"serial")
    }
}

/// Depends only on the scenario, whatever else runs.
pub fn seed_of(feature: &Feature, scenario: &Scenario) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hash = DefaultHasher::new();
    feature.name.hash(&mut hash);
    scenario.name.hash(&mut hash);
    scenario.position.line.hash(&mut hash);
    hash.finish()
}
