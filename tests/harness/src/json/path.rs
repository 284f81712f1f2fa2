//! Paths into JSON documents, such as `$.data[0].name`.

use std::fmt;

use crate::{failure::Failure, json::Json};

const HELP: &str = "a path is written like $.data[0].name, $.data[-1] for the last item, \
                    $[\"odd key\"] for a name with blanks or dots, and $ for all of it";

/// A path to exactly one value; the leading `$.` may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Member(String),
    /// Counts from the end when negative.
    Item(i64),
}

/// The longest part of a path that exists, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    deepest: String,
    there: String,
}

impl JsonPath {
    /// The error explains how to write a path.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        Self::parts(text)
            .map(|parts| Self { parts })
            .map_err(|why| Failure::new(format!("`{text}` isn't a path: {why}; {HELP}")))
    }

    /// The value at the path, or how much of the path exists.
    pub fn find<'a>(&self, root: &'a Json) -> Result<&'a Json, Missing> {
        let mut found = root;
        let mut so_far = "$".to_owned();
        for part in &self.parts {
            let Some(next) = part.of(found) else {
                return Err(Missing {
                    deepest: so_far,
                    there: contents(found),
                });
            };
            so_far = part.below(&so_far);
            found = next;
        }
        Ok(found)
    }

    fn parts(text: &str) -> Result<Vec<Part>, String> {
        let dotted = format!(".{text}");
        let mut rest = match text.strip_prefix('$') {
            Some(rest) if rest.is_empty() || rest.starts_with(['.', '[']) => rest,
            _ => &dotted,
        };
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (part, behind) = bracket(inside)?;
                parts.push(part);
                rest = behind;
                continue;
            }
            let Some(behind) = rest.strip_prefix('.') else {
                return Err(format!("`{rest}` needs a dot or a bracket before it"));
            };
            let name;
            (name, rest) = behind.split_at(behind.find(['.', '[']).unwrap_or(behind.len()));
            match name {
                "" if rest.starts_with('[') => {}
                "" => return Err("a name is missing after a dot".to_owned()),
                "*" => return Err("it must lead to one value, so `*` isn't allowed".to_owned()),
                _ if name.contains(']') => {
                    return Err(format!("`{name}` has an unexpected bracket"));
                }
                _ => parts.push(Part::Member(name.to_owned())),
            }
        }
        Ok(parts)
    }
}

/// Reads a bracket, and returns the rest of the path.
fn bracket(inside: &str) -> Result<(Part, &str), String> {
    let Some(quote) = inside.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let (number, rest) = inside
            .split_once(']')
            .ok_or_else(|| "a bracket isn't closed".to_owned())?;
        let item = number
            .trim()
            .parse()
            .map_err(|_| format!("`[{number}]` is neither a number nor a quoted name"))?;
        return Ok((Part::Item(item), rest));
    };
    let mut name = String::new();
    let mut letters = inside.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next().map(|(_, escaped)| escaped)),
            _ if letter == quote => {
                let rest = inside[at + 1..]
                    .strip_prefix(']')
                    .ok_or_else(|| "a bracket isn't closed".to_owned())?;
                return Ok((Part::Member(name), rest));
            }
            _ => name.push(letter),
        }
    }
    Err("a quote isn't closed".to_owned())
}

impl Part {
    fn of<'a>(&self, value: &'a Json) -> Option<&'a Json> {
        match self {
            Self::Member(name) => value.get(name),
            Self::Item(index) => {
                let items = value.as_array()?;
                let at = match usize::try_from(*index) {
                    Ok(at) => at,
                    Err(_) => items
                        .len()
                        .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
                };
                items.get(at)
            }
        }
    }

    fn below(&self, path: &str) -> String {
        match self {
            Self::Member(name) => member(path, name),
            Self::Item(index) => format!("{path}[{index}]"),
        }
    }
}

/// The path of an object's member.
pub fn member(path: &str, name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '$'));
    if plain && !name.is_empty() {
        format!("{path}.{name}")
    } else {
        format!("{path}[{}]", Json::from(name))
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self
            .parts
            .iter()
            .fold("$".to_owned(), |path, part| part.below(&path));
        f.write_str(&path)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing: {} {}", self.deepest, self.there)
    }
}

fn contents(value: &Json) -> String {
    match value {
        Json::Object(members) if members.is_empty() => "is an empty object".to_owned(),
        Json::Object(members) => {
            let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            format!("has {}", names.join(", "))
        }
        Json::Array(items) => match items.len() {
            0 => "is an empty array".to_owned(),
            1 => "has 1 item".to_owned(),
            count => format!("has {count} items"),
        },
        Json::String(_) => "is a string".to_owned(),
        Json::Number(_) => "is a number".to_owned(),
        Json::Bool(_) => "is a boolean".to_owned(),
        Json::Null => "is null".to_owned(),
    }
}
