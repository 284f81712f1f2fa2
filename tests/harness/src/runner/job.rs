//! One scenario to run.

use cucumber::event::Source;
use gherkin::{Feature, Rule, Scenario};

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
