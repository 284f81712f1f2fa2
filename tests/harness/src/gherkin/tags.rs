//! Tags with a meaning for the harness.

use std::time::Duration;

use gherkin::{Feature, LineCol};

use super::{Details, Mistake, walk, words};
use crate::duration::Span;

/// How often a failed scenario is retried, and how long to wait before each retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub most: usize,
    /// `None`: the command line decides.
    pub after: Option<Duration>,
}

impl Retry {
    /// `retry`, `retry(2)`, `retry(2).after(1s)`; `None` for every other tag.
    pub fn of(tag: &str) -> Option<Result<Self, String>> {
        let rest = tag.strip_prefix("retry")?;
        if !(rest.is_empty() || rest.starts_with(['(', '.'])) {
            return None;
        }
        Some(Self::read(rest).ok_or_else(|| {
            format!("`@{tag}` can't be read: write @retry, @retry(2) or @retry(2).after(1s)")
        }))
    }

    fn read(text: &str) -> Option<Self> {
        let (most, rest) = match text.strip_prefix('(') {
            Some(text) => {
                let (most, rest) = text.split_once(')')?;
                (most.parse().ok()?, rest)
            }
            None => (1, text),
        };
        let after = match rest {
            "" => None,
            rest => {
                let text = rest.strip_prefix(".after(")?.strip_suffix(')')?;
                let Span(after) = text.parse().ok()?;
                Some(after)
            }
        };
        Some(Self { most, after })
    }
}

/// Unknown tags with arguments. They are mistakes, because otherwise they would be ignored silently.
pub fn mistakes(feature: &Feature, details: &Details) -> Vec<Mistake> {
    let of_scenarios = walk::scenarios(feature).flat_map(|(_, scenario)| {
        let examples = scenario.examples.iter();
        let of_examples = examples.map(|examples| (examples.position, &examples.tags));
        of_examples.chain([(scenario.position, &scenario.tags)])
    });
    let of_rules = feature.rules.iter().map(|rule| (rule.position, &rule.tags));
    let headings = [(feature.position, &feature.tags)].into_iter();
    let headings = headings.chain(of_rules).chain(of_scenarios);
    let mut mistakes: Vec<_> = headings
        .flat_map(|(heading, tags)| tags.iter().zip(details.tags_above(heading.line)))
        .filter_map(|(tag, place)| mistake(tag, *place))
        .collect();
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes
}

fn mistake(tag: &str, place: LineCol) -> Option<Mistake> {
    let what = match Retry::of(tag) {
        Some(Err(what)) => what,
        None if tag == words::TAG => words::MISPLACED.to_owned(),
        None if tag.ends_with(')') && tag.contains('(') => {
            format!("the tag `@{tag}` is unknown: only @retry takes arguments")
        }
        Some(Ok(_)) | None => return None,
    };
    Some(Mistake::at(place.line, place.col, what))
}
