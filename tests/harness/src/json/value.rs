//! A JSON value that keeps what was written: every digit of a number, and the order of members.

use std::{
    collections::HashSet,
    fmt::{self, Write as _},
    ops::Index,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::json::{number, path};

/// A document that is nested deeper than this is refused.
const DEEPEST: usize = 200;

/// `serde_json::Value` would turn `9007199254740993` and `1.10` into the nearest `f64`, and keep the last of two members
/// of the same name.
#[derive(Clone, Debug, Default)]
pub enum Json {
    #[default]
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a text is not accepted as JSON.
#[derive(Debug)]
pub enum Flaw {
    Syntax(serde_json::Error),
    /// The path of a member that is written twice.
    Twice(String),
    TooDeep,
}

impl Json {
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        read(serde_json::from_str(text).map_err(Flaw::Syntax)?, 0)
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let members = self.as_object()?;
        members
            .iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    pub fn as_object(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number's text.
    pub fn as_number(&self) -> Option<&str> {
        match self {
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.parse().ok()
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A string as it is, anything else as JSON.
    pub fn to_text(&self) -> String {
        match self {
            Self::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The JSON type's name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// All strings that are members of objects, at any depth: each with its member's name, and as a slice of `text` with
/// its quotes. `None` if the text isn't a JSON object or array.
pub fn member_strings(text: &str) -> Option<Vec<(String, &str)>> {
    fn collect<'a>(raw: &'a RawValue, found: &mut Vec<(String, &'a str)>) {
        if let Ok(Members(members)) = serde_json::from_str(raw.get()) {
            for (name, value) in members {
                if value.get().starts_with('"') {
                    found.push((name, value.get()));
                } else {
                    collect(value, found);
                }
            }
        } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            for item in items {
                collect(item, found);
            }
        }
    }
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    let mut found = Vec::new();
    collect(raw, &mut found);
    raw.get().starts_with(['{', '[']).then_some(found)
}

/// The members of an object in the order in which they are written, repeated ones included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

fn read(raw: &RawValue, depth: usize) -> Result<Json, Flaw> {
    if depth > DEEPEST {
        return Err(Flaw::TooDeep);
    }
    let text = raw.get();
    Ok(match text.as_bytes()[0] {
        b'n' => Json::Null,
        b't' | b'f' => Json::Bool(text == "true"),
        b'"' => Json::String(serde_json::from_str(text).map_err(Flaw::Syntax)?),
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(Flaw::Syntax)?;
            let items = items.into_iter().enumerate().map(|(index, item)| {
                read(item, depth + 1).map_err(|flaw| flaw.below(&format!("[{index}]")))
            });
            Json::Array(items.collect::<Result<_, _>>()?)
        }
        b'{' => {
            let Members(raw) = serde_json::from_str(text).map_err(Flaw::Syntax)?;
            let mut names = HashSet::new();
            if let Some((name, _)) = raw.iter().find(|(name, _)| !names.insert(name.as_str())) {
                return Err(Flaw::Twice(path::member("", name)));
            }
            let members = raw
                .into_iter()
                .map(|(name, value)| match read(value, depth + 1) {
                    Ok(value) => Ok((name, value)),
                    Err(flaw) => Err(flaw.below(&path::member("", &name))),
                });
            Json::Object(members.collect::<Result<_, _>>()?)
        }
        _ => Json::Number(text.to_owned()),
    })
}

impl Flaw {
    fn below(self, place: &str) -> Self {
        match self {
            Self::Twice(path) => Self::Twice(format!("{place}{path}")),
            other => other,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => error.fmt(f),
            Self::Twice(path) => write!(f, "the member ${path} is written twice"),
            Self::TooDeep => write!(f, "it is nested more than {DEEPEST} levels deep"),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => f.write_str(&quoted(text)),
            Self::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{item}")?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (index, (name, value)) in members.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", quoted(name))?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl PartialEq for Json {
    /// By value: `1.0` equals `1`, and the order of members doesn't count.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => {
                one == other || number::order(one, other).is_some_and(std::cmp::Ordering::is_eq)
            }
            (Self::String(one), Self::String(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => one == other,
            (Self::Object(one), Self::Object(members)) => {
                let same = |(name, value): &(String, Self)| other.get(name) == Some(value);
                one.len() == members.len() && one.iter().all(same)
            }
            _ => false,
        }
    }
}

impl Index<&str> for Json {
    type Output = Self;

    /// Null if there is no such member.
    fn index(&self, name: &str) -> &Self {
        self.get(name).unwrap_or(&Self::Null)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text),
            Value::Array(items) => Self::from(items),
            Value::Object(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect(),
            ),
        }
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Json {
            fn from(number: $integer) -> Self {
                Self::Number(number.to_string())
            }
        }
    )*};
}

from_integers!(i64, u16, u64);
