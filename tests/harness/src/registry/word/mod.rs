//! Words: steps that are made of other steps, without Rust.

mod definition;
mod meaning;

use std::collections::HashMap;

use gherkin::Step;

use super::Arguments;
pub(super) use definition::definitions;
pub(super) use meaning::mistakes;
pub use meaning::{circle, meanings, sample, undefined};

/// What a place matches: a quoted string or one bare word. The group includes the quotes, because they decide the type
/// of the value.
const PLACE: &str = r#"("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']\S*)"#;
/// What a word's step writes to use the table or docstring of the step that uses the word.
const TABLE: &str = "{{table}}";
const TEXT: &str = "{{text}}";

/// The body of a word.
#[derive(Debug)]
pub struct Word {
    /// The names in braces, in order.
    pub places: Vec<String>,
    pub attached: Option<Attached>,
    pub steps: Vec<Step>,
}

/// What a step or a word needs below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    Table,
    Text,
}

/// The value of a place in one use of its word.
#[derive(Clone, Debug)]
pub struct Place {
    pub name: String,
    pub text: String,
    pub quoted: bool,
}

impl Word {
    /// The regular expression of each place.
    pub fn parameters(&self) -> HashMap<&str, &'static str> {
        let names = self.places.iter().map(String::as_str);
        names.map(|name| (name, PLACE)).collect()
    }

    pub fn values(&self, arguments: &Arguments) -> Vec<Place> {
        let texts = self.places.iter().zip(&arguments.0);
        texts.map(|(name, text)| Place::read(name, text)).collect()
    }

    /// Its steps, with the table or docstring of the step that uses it.
    pub fn steps_for<'a>(&'a self, user: &'a Step) -> impl Iterator<Item = Step> + 'a {
        self.steps.iter().map(|step| match self.attached {
            None => step.clone(),
            Some(Attached::Table) => with_table(step, user),
            Some(Attached::Text) => with_text(step, user),
        })
    }
}

impl Place {
    fn read(name: &str, text: &str) -> Self {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.and_then(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
        Self {
            name: name.to_owned(),
            text: match (inner, quote) {
                (Some(inner), Some(quote)) => {
                    inner.replace(&format!("\\{quote}"), &quote.to_string())
                }
                _ => text.to_owned(),
            },
            quoted: inner.is_some(),
        }
    }

    /// Without its quotes, because a number may be written in quotes.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self {
            quoted: false,
            ..self.clone()
        }
    }

    /// As it is written in a sentence.
    fn written(&self) -> String {
        if self.quoted {
            format!("\"{}\"", self.text.replace('"', "\\\""))
        } else {
            self.text.clone()
        }
    }
}

/// Fills in the places outside of quotes, because `{{count}} rows` needs a number before it can be matched. Places
/// inside quotes are filled in as variables.
pub fn filled(sentence: &str, places: &[Place]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut quote = None;
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        let named = places.iter().find_map(|place| {
            let after = rest.strip_prefix("{{")?.strip_prefix(place.name.as_str())?;
            Some((place, after.strip_prefix("}}")?))
        });
        if let (None, Some((place, after))) = (quote, named) {
            filled.push_str(&place.written());
            rest = after;
            continue;
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        filled.push(c);
        rest = &rest[c.len_utf8()..];
    }
    filled
}

/// `{{table}}` is the only cell, the docstring, or the end of the sentence.
fn with_table(step: &Step, user: &Step) -> Step {
    let mut step = step.clone();
    let is_cell = |rows: &[Vec<String>]| matches!(rows, [row] if row.len() == 1 && row[0] == TABLE);
    if step
        .table
        .as_ref()
        .is_some_and(|table| is_cell(&table.rows))
    {
        step.table.clone_from(&user.table);
    } else if step
        .docstring
        .as_deref()
        .is_some_and(|text| text.trim() == TABLE)
    {
        step.docstring = None;
        step.table.clone_from(&user.table);
    } else if let Some(sentence) = step.value.strip_suffix(TABLE) {
        step.value = sentence.trim_end().to_owned();
        step.table.clone_from(&user.table);
    }
    step
}

/// `{{text}}` may be anywhere in a docstring or cell, or the end of the sentence. In quotes it is filled in as a
/// variable.
fn with_text(step: &Step, user: &Step) -> Step {
    let mut step = step.clone();
    let text = user.docstring.as_deref().unwrap_or_default();
    let cells = step
        .table
        .iter_mut()
        .flat_map(|table| table.rows.iter_mut().flatten());
    for place in cells.chain(&mut step.docstring) {
        *place = place.replace(TEXT, text);
    }
    if let Some(sentence) = step.value.strip_suffix(TEXT) {
        step.value = sentence.trim_end().to_owned();
        step.docstring = Some(text.to_owned());
    }
    step
}
