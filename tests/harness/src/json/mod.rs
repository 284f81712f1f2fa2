//! Compares expected JSON with found JSON: all differences with their paths, and what matchers capture.

mod any_order;
pub mod number;
pub mod path;
mod pattern;
mod value;

use crate::{
    failure::{Failure, Mismatch, Outcome},
    output::shortened,
};
pub use any_order::{assign, in_any_order};
pub use pattern::{Pattern, is_matcher};
pub use value::{Flaw, Json, member_strings};

/// Whether objects may have members that nobody expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No.
    Exact,
    /// Objects may have more members, at every depth. Arrays have as many items as expected, in that order.
    Subset,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Every difference, not only the first.
    pub mismatches: Vec<Mismatch>,
    /// What `… as name` matched.
    pub captures: Vec<(String, Json)>,
}

/// Compares two documents; `None` means that there is no value. Fails only when a matcher is misspelled.
pub fn compare(
    mode: Mode,
    expected: &Json,
    found: Option<&Json>,
    at: &str,
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    comparison.add(mode, expected, found, at)?;
    Ok(comparison)
}

/// Compares the text of a cell: a matcher by its rule, a string as text, anything else as JSON.
pub fn compare_text(expected: &str, found: Option<&Json>, at: &str) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    if is_matcher(expected) {
        comparison.add_matcher(expected, found, at)?;
        return Ok(comparison);
    }
    let parsed = match Json::parse(expected) {
        Ok(json) => Some(json),
        Err(Flaw::Syntax(_)) => None,
        Err(flaw) => return Err(Failure::new(format!("`{expected}`: {flaw}"))),
    };
    match (parsed, found) {
        (_, Some(Json::String(text))) if text == expected => {}
        (Some(Json::String(inner)), Some(Json::String(text))) if inner == *text => {
            let plain = format!("{expected} with its quotes (write {text} to mean the text)");
            comparison.miss(at, plain, shown(&Json::from(text.as_str())));
        }
        (Some(json), Some(Json::String(text))) => {
            let text = Json::from(text.as_str());
            let expected = match json {
                Json::String(_) => expected.to_owned(),
                json => typed(&json),
            };
            comparison.miss(at, expected, typed(&text));
        }
        (Some(json), Some(_)) => comparison.add(Mode::Exact, &json, found, at)?,
        (Some(json), None) if json.as_str().is_none() => {
            comparison.miss(at, shown(&json), NOTHING.to_owned());
        }
        (_, None) => comparison.miss(at, shown(&Json::from(expected)), NOTHING.to_owned()),
        (None, Some(found)) => comparison.differ(&Json::from(expected), found, at),
    }
    Ok(comparison)
}

/// Fails when a matcher in the document is misspelled.
pub fn check_spelling(expected: &Json) -> Outcome {
    match expected {
        Json::String(text) if is_matcher(text) => Ok(Pattern::parse(text).map(|_| ())?),
        Json::Array(items) => items.iter().try_for_each(check_spelling),
        Json::Object(members) => members
            .iter()
            .try_for_each(|(_, value)| check_spelling(value)),
        _ => Ok(()),
    }
}

/// Checks one matcher. Returns what it captured, or a description of what was expected.
pub fn matches(pattern: &str, found: Option<&Json>) -> Result<Vec<(String, Json)>, String> {
    Ok(Pattern::parse(pattern)?.check(found)?.into_iter().collect())
}

const NOTHING: &str = "nothing";

impl Comparison {
    pub fn is_good(&self) -> bool {
        self.mismatches.is_empty()
    }

    pub fn join(&mut self, other: Self) {
        self.mismatches.extend(other.mismatches);
        self.captures.extend(other.captures);
    }

    pub fn miss(&mut self, at: &str, expected: String, found: String) {
        self.mismatches.push(Mismatch {
            path: at.to_owned(),
            expected,
            found,
        });
    }

    fn add(&mut self, mode: Mode, expected: &Json, found: Option<&Json>, at: &str) -> Outcome {
        match (expected, found) {
            (Json::String(text), _) if is_matcher(text) => self.add_matcher(text, found, at)?,
            (_, None) => self.miss(at, shown(expected), NOTHING.to_owned()),
            (Json::Object(members), Some(found @ Json::Object(others))) => {
                for (name, value) in members {
                    self.add(mode, value, found.get(name), &path::member(at, name))?;
                }
                for (name, surplus) in others {
                    if mode == Mode::Exact && expected.get(name).is_none() {
                        let place = path::member(at, name);
                        self.miss(&place, NOTHING.to_owned(), shown(surplus));
                    }
                }
            }
            (Json::Array(expected), Some(Json::Array(found))) => {
                if expected.len() != found.len() {
                    self.miss(at, items(expected.len()), items(found.len()));
                } else if is_in_another_order(mode, expected, found) {
                    let wanted = "these items in this order".to_owned();
                    self.miss(at, wanted, "the same items in another order".to_owned());
                }
                for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.add(mode, expected, Some(found), &format!("{at}[{index}]"))?;
                }
                for (index, surplus) in found.iter().enumerate().skip(expected.len()) {
                    self.miss(
                        &format!("{at}[{index}]"),
                        NOTHING.to_owned(),
                        shown(surplus),
                    );
                }
            }
            (_, Some(found)) if expected == found => {}
            (_, Some(found)) => self.differ(expected, found, at),
        }
        Ok(())
    }

    fn add_matcher(&mut self, text: &str, found: Option<&Json>, at: &str) -> Outcome {
        match Pattern::parse(text)?.check(found) {
            Ok(captured) => self.captures.extend(captured),
            Err(expected) => self.miss(at, expected, found.map_or(NOTHING.to_owned(), typed)),
        }
        Ok(())
    }

    /// Shows the types only if they differ, because `"5"` and `5` are hard to tell apart.
    fn differ(&mut self, expected: &Json, found: &Json, at: &str) {
        if expected.kind() == found.kind() {
            self.miss(at, shown(expected), shown(found));
        } else {
            self.miss(at, typed(expected), typed(found));
        }
    }
}

/// The maximum number of items for which another order is tried.
const ORDERED: usize = 100;

/// Whether the items are the expected ones, but some stand elsewhere.
fn is_in_another_order(mode: Mode, expected: &[Json], found: &[Json]) -> bool {
    let fits = |number: usize, index: usize| same_or_subset(mode, &expected[number], &found[index]);
    let count = expected.len();
    count <= ORDERED
        && !(0..count).all(|index| fits(index, index))
        && assign(count, count, fits).iter().all(Option::is_some)
}

fn same_or_subset(mode: Mode, expected: &Json, found: &Json) -> bool {
    compare(mode, expected, Some(found), "$").is_ok_and(|comparison| comparison.is_good())
}

/// A value as JSON, shortened if it is long.
pub fn shown(value: &Json) -> String {
    shortened(&value.to_string(), 400)
}

fn typed(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        value => format!("{} ({})", shown(value), value.kind()),
    }
}

/// `1 item`, `3 items`.
pub fn items(count: usize) -> String {
    match count {
        1 => "1 item".to_owned(),
        _ => format!("{count} items"),
    }
}
