//! `{{name}}`: saved and generated values.

pub mod generated;

use std::collections::BTreeMap;

use crate::{
    failure::{Failure, Outcome, nearest_first},
    json::{Comparison, Flaw, Json, path::JsonPath},
    variables::generated::Maker,
};

/// The variables of one scenario.
#[derive(Debug)]
pub struct Variables {
    values: BTreeMap<String, Json>,
    maker: Maker,
}

/// What surrounds a `{{name}}`. It decides how the value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Json,
}

impl Variables {
    /// The same seed makes the same values, in the same order.
    pub fn new(seed: u64) -> Self {
        Self {
            values: BTreeMap::new(),
            maker: Maker::new(seed),
        }
    }

    /// Replaces an earlier value of that name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        self.values.insert(name.into(), value.into());
    }

    /// Fails with all mismatches of a comparison. Without mismatches, keeps what its matchers captured.
    pub fn settle(&mut self, comparison: Comparison, message: &str) -> Outcome {
        if !comparison.mismatches.is_empty() {
            return Err(Failure::with(message, comparison.mismatches));
        }
        self.keep(comparison.captures);
        Ok(())
    }

    /// Gives a name another value temporarily; returns the value it had.
    pub fn shadow(&mut self, name: &str, value: Json) -> Option<Json> {
        self.values.insert(name.to_owned(), value)
    }

    /// Restores the earlier value, unless a step has saved another value under the name in the meantime.
    pub fn unshadow(&mut self, name: &str, value: &Json, before: Option<Json>) {
        if self.values.get(name) != Some(value) {
            return;
        }
        match before {
            Some(before) => self.values.insert(name.to_owned(), before),
            None => self.values.remove(name),
        };
    }

    pub fn keep(&mut self, captures: Vec<(String, Json)>) {
        self.values.extend(captures);
    }

    pub fn get(&self, name: &str) -> Option<&Json> {
        self.values.get(name)
    }

    /// All variables by name, for a report.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Fills in every `{{name}}` as text. `\{{` writes two plain braces.
    pub fn text(&mut self, text: &str) -> Result<String, Failure> {
        self.fill(text, Within::Text)
    }

    /// Fills in a JSON text: inside quotes a value becomes part of the string, outside it keeps its JSON type.
    pub fn json(&mut self, text: &str) -> Result<Json, Failure> {
        let filled = self.json_text(text)?;
        Json::parse(&filled).map_err(|flaw| match flaw {
            Flaw::Syntax(error) => not_json(&filled, &error),
            flaw => Failure::new(format!("the text below the step: {flaw}")),
        })
    }

    /// The filled JSON as text, which keeps blanks and repeated members. Fails with line and column if it isn't JSON.
    pub fn json_text(&mut self, text: &str) -> Result<String, Failure> {
        let filled = self.fill(text, Within::Json)?;
        match serde_json::from_str::<serde::de::IgnoredAny>(&filled) {
            Ok(_) => Ok(filled),
            Err(error) => Err(not_json(&filled, &error)),
        }
    }

    fn fill(&mut self, text: &str, within: Within) -> Result<String, Failure> {
        let mut filled = String::with_capacity(text.len());
        let mut quoted = false;
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let (before, braces) = rest.split_at(start);
            let slashes = before.len() - before.trim_end_matches('\\').len();
            if slashes % 2 == 1 {
                let plain = &before[..before.len() - 1];
                quoted = ends_quoted(plain, quoted);
                filled.push_str(plain);
                filled.push_str("{{");
                rest = &braces[2..];
                continue;
            }
            quoted = ends_quoted(before, quoted);
            filled.push_str(before);
            let (value, behind) = if let Some((name, behind)) = placeholder(braces) {
                (self.value(name)?, behind)
            } else if let Some((name, behind)) = composed(braces) {
                let name = self.text(name)?;
                (self.value(&name)?, behind)
            } else {
                filled.push('{');
                rest = &braces[1..];
                continue;
            };
            filled.push_str(&match (within, quoted) {
                (Within::Text, _) => value.to_text(),
                (Within::Json, false) => value.to_string(),
                (Within::Json, true) => {
                    let string = Json::from(value.to_text()).to_string();
                    string[1..string.len() - 1].to_owned()
                }
            });
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&mut self, name: &str) -> Result<Json, Failure> {
        if let Some(made) = name.strip_prefix('$') {
            return self.maker.make(made);
        }
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        match self.longest_known(name) {
            Some((value, inside)) => match JsonPath::parse(&format!("${inside}"))?.find(value) {
                Ok(value) => Ok(value.clone()),
                Err(missing) => {
                    Err(format!("{{{{{name}}}}} leads to {missing} ($ is what was saved)").into())
                }
            },
            None => Err(self.unknown(name)),
        }
    }

    /// `order.id` is a member of the saved object `order`, unless there is a variable `order.id`.
    fn longest_known<'a>(&self, name: &'a str) -> Option<(&Json, &'a str)> {
        name.rmatch_indices(['.', '[']).find_map(|(at, _)| {
            let (known, inside) = name.split_at(at);
            Some((self.values.get(known)?, inside))
        })
    }

    fn unknown(&self, name: &str) -> Failure {
        let known = nearest_first(self.values.keys().map(String::as_str), name);
        let known = if known.is_empty() {
            "no variable has a value yet".to_owned()
        } else {
            format!("known are {}", known.join(", "))
        };
        Failure::new(format!(
            "there is no variable `{name}`: {known}; generated values are $uuid, $now, $seq and $fake.…; \
             \\{{{{ writes two plain braces"
        ))
    }
}

/// The name in `{{name}}` and the text after it; `None` for braces with another meaning, as in SQL's `{{1,2},{3,4}}`.
fn placeholder(braces: &str) -> Option<(&str, &str)> {
    let (name, behind) = braces.strip_prefix("{{")?.split_once("}}")?;
    let name = name.trim();
    let other = name.is_empty() || name.contains(['{', '}', ',', '\n', ':']);
    (!other).then_some((name, behind))
}

/// The name in `{{{{name}}_id}}`, which contains another variable, and the text after it.
fn composed(braces: &str) -> Option<(&str, &str)> {
    let inner = braces.find("}}")? + 2;
    let end = inner + braces[inner..].find("}}")?;
    let name = &braces[2..end];
    let (before, rest) = name.split_once("{{")?;
    let (inside, after) = rest.split_once("}}")?;
    let is_name = |part: &str| {
        part.chars()
            .all(|c| c.is_alphanumeric() || "_.$-".contains(c))
    };
    let is_composed = !inside.is_empty() && before.len() + after.len() > 0;
    (is_composed && [before, inside, after].into_iter().all(is_name))
        .then(|| (name, &braces[end + 2..]))
}

/// Whether a position after this JSON text is inside a string. `quoted` says so for the position before it.
fn ends_quoted(json: &str, mut quoted: bool) -> bool {
    let mut letters = json.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                letters.next();
            }
            _ => {}
        }
    }
    quoted
}

fn not_json(text: &str, error: &serde_json::Error) -> Failure {
    if text.trim().is_empty() {
        return "the text below the step is empty, but it must be JSON".into();
    }
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let pointer = " ".repeat(error.column().saturating_sub(1));
    let why = error.to_string();
    let why = why.split(" at line").next().unwrap_or_default();
    Failure::new(format!(
        "the text below the step isn't JSON: {why} in its line {}, column {}\n    {line}\n    {pointer}^\n\
         (broken JSON can be sent by `with body:`)",
        error.line(),
        error.column(),
    ))
}
