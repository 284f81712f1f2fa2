//! One matcher: `#uuid`, `##string`, `#> 3`, `#uuid as order_id`.

use std::cmp::Ordering;

use crate::json::{Flaw, Json, Mode, number, same_or_subset};
use regex::Regex;

const KNOWN: &str = "#string #number #int #boolean #array #object #null #notnull #present #absent #ignore \
                     #uuid #datetime, #regex …, #contains …, #> n, #>= n, #< n, #<= n, #[n] (an array of n items), \
                     #[] (any array), ## in front for optional, `as name` behind to save what was found, \
                     and #= … for a text that begins with #";

/// A parsed matcher.
#[derive(Debug)]
pub struct Pattern {
    /// As it was written, without `as name`.
    text: String,
    /// Matches a missing value and null too.
    optional: bool,
    kind: Kind,
    /// The variable that captures the found value.
    capture: Option<String>,
}

#[derive(Debug)]
enum Kind {
    Present,
    Absent,
    Ignore,
    NotNull,
    Null,
    String,
    Number,
    Int,
    Boolean,
    Array,
    Object,
    Uuid,
    DateTime,
    Regex(Regex),
    Contains(String),
    Literal(String),
    Compared(&'static [Ordering], String),
    Length(usize),
}

/// Whether a text is a matcher: `#` and then a letter, `#`, `[`, `>`, `<` or `=`.
pub fn is_matcher(text: &str) -> bool {
    let mut letters = text.trim_start().chars();
    let first_two = (letters.next(), letters.next());
    matches!(first_two, (Some('#'), Some('#' | '[' | '>' | '<' | '='))) || {
        let (sign, letter) = first_two;
        sign == Some('#') && letter.is_some_and(|c| c.is_ascii_alphabetic())
    }
}

impl Pattern {
    /// An unknown matcher fails with a list of all.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (text, capture) = split_capture(text.trim());
        let (optional, word) = match text.strip_prefix("##") {
            Some(rest) => (true, format!("#{rest}")),
            None => (false, text.to_owned()),
        };
        Ok(Self {
            kind: Kind::parse(&word)?,
            text: text.to_owned(),
            optional,
            capture,
        })
    }

    /// Returns the captured variable, or a description of what was expected. `None` means that there is no value.
    pub fn check(&self, found: Option<&Json>) -> Result<Option<(String, Json)>, String> {
        let empty = found.is_none_or(Json::is_null);
        if !(self.optional && empty || self.kind.holds(found)) {
            return Err(self.text.clone());
        }
        let save = |name: &String| (name.clone(), found.cloned().unwrap_or_default());
        Ok(self.capture.as_ref().map(save))
    }
}

/// Splits `#uuid as order_id` into matcher and variable.
fn split_capture(text: &str) -> (&str, Option<String>) {
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_')
            && letters.all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
    };
    match text.rsplit_once(" as ") {
        Some((matcher, name)) if is_name(name.trim()) => {
            (matcher.trim_end(), Some(name.trim().to_owned()))
        }
        _ => (text, None),
    }
}

impl Kind {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(kind) = Self::with_sign(text)? {
            return Ok(kind);
        }
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let kind = match word {
            "#regex" | "#contains" if rest.is_empty() => {
                return Err(format!(
                    "`{text}` needs something behind it, as in `{word} abc`"
                ));
            }
            "#regex" => {
                return Regex::new(rest)
                    .map(Self::Regex)
                    .map_err(|error| format!("`{rest}` isn't a regular expression: {error}"));
            }
            "#contains" => {
                return match Json::parse(rest) {
                    Err(flaw @ Flaw::Twice(_)) => Err(format!("`{text}`: {flaw}")),
                    _ => Ok(Self::Contains(rest.to_owned())),
                };
            }
            "#present" => Self::Present,
            "#absent" => Self::Absent,
            "#ignore" => Self::Ignore,
            "#notnull" => Self::NotNull,
            "#null" => Self::Null,
            "#string" => Self::String,
            "#number" => Self::Number,
            "#int" => Self::Int,
            "#boolean" => Self::Boolean,
            "#array" => Self::Array,
            "#object" => Self::Object,
            "#uuid" => Self::Uuid,
            "#datetime" => Self::DateTime,
            _ => return Err(format!("`{text}` isn't a matcher; there are {KNOWN}")),
        };
        if rest.is_empty() {
            Ok(kind)
        } else {
            Err(format!(
                "`{word}` takes nothing behind it, but here is `{rest}`"
            ))
        }
    }

    /// The matchers without a name: `#> n`, `#[n]`, `#= text`.
    fn with_sign(text: &str) -> Result<Option<Self>, String> {
        const COMPARISONS: [(&str, &[Ordering]); 4] = [
            ("#>=", &[Ordering::Greater, Ordering::Equal]),
            ("#<=", &[Ordering::Less, Ordering::Equal]),
            ("#>", &[Ordering::Greater]),
            ("#<", &[Ordering::Less]),
        ];
        for (sign, orders) in COMPARISONS {
            if let Some(number) = text.strip_prefix(sign) {
                return match Json::parse(number) {
                    Ok(Json::Number(limit)) => Ok(Some(Self::Compared(orders, limit))),
                    _ => Err(format!("`{text}` needs a number, as in `{sign} 3`")),
                };
            }
        }
        if let Some(literal) = text.strip_prefix("#=") {
            let literal = literal.strip_prefix(' ').unwrap_or(literal);
            return Ok(Some(Self::Literal(literal.to_owned())));
        }
        let Some(inside) = text.strip_prefix("#[") else {
            return Ok(None);
        };
        match inside.strip_suffix(']').map(str::trim) {
            Some("") => Ok(Some(Self::Array)),
            Some(count) if count.parse::<usize>().is_ok() => {
                Ok(count.parse().ok().map(Self::Length))
            }
            _ => Err(format!(
                "`{text}` needs a number, as in `#[3]`, for an array of three items"
            )),
        }
    }

    fn holds(&self, found: Option<&Json>) -> bool {
        let Some(value) = found else {
            return matches!(self, Self::Absent | Self::Ignore);
        };
        match self {
            Self::Absent => false,
            Self::Present | Self::Ignore => true,
            Self::NotNull => !value.is_null(),
            Self::Null => value.is_null(),
            Self::String => value.as_str().is_some(),
            Self::Number => value.as_number().is_some(),
            Self::Int => value.as_number().is_some_and(number::is_whole),
            Self::Boolean => value.as_bool().is_some(),
            Self::Array => value.as_array().is_some(),
            Self::Object => value.as_object().is_some(),
            Self::Uuid => value.as_str().is_some_and(is_uuid),
            Self::DateTime => value.as_str().is_some_and(is_datetime),
            Self::Regex(regex) => regex.is_match(&value.to_text()),
            Self::Contains(part) => contains(value, part),
            Self::Literal(text) => value.as_str() == Some(text),
            Self::Compared(orders, limit) => {
                let order = value
                    .as_number()
                    .and_then(|found| number::order(found, limit));
                order.is_some_and(|order| orders.contains(&order))
            }
            Self::Length(count) => value.as_array().is_some_and(|items| items.len() == *count),
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// RFC 3339 with a `T`. Some parsers also accept a blank there, but JSON clients don't.
fn is_datetime(text: &str) -> bool {
    text.as_bytes()
        .get(10)
        .is_some_and(|sign| matches!(sign, b'T' | b't'))
        && chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// A part of a text, an item of an array, or a subset of an object.
fn contains(value: &Json, part: &str) -> bool {
    let parsed = Json::parse(part).unwrap_or_else(|_| part.into());
    match value {
        Json::String(text) => text.contains(part),
        Json::Array(items) => items
            .iter()
            .any(|item| item.as_str() == Some(part) || same_or_subset(Mode::Subset, &parsed, item)),
        Json::Object(_) => {
            parsed.as_object().is_some() && same_or_subset(Mode::Subset, &parsed, value)
        }
        _ => false,
    }
}
