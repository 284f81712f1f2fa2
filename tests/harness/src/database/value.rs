//! The result of a query: rows of values as text, each with its kind.

use crate::{
    failure::Failure,
    json::{self, Json},
    output::shortened,
};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// The rows of a query, in the order of the server.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Empty if there are no rows, because the names come with the first row.
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Option<Value>>>,
}

/// A column of a result.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    /// The object id of the column's type; `SQLite` has none.
    pub type_id: Option<u32>,
}

/// A value other than NULL, as the server writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub kind: Kind,
}

/// What a value becomes in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Boolean,
    Json,
    Moment,
    Array,
}

impl Rows {
    /// The index of a column. If no name matches exactly, upper and lower case are ignored.
    pub fn position(&self, name: &str) -> Result<usize, Failure> {
        let same = self.columns.iter().filter(|column| column.name == name);
        if same.count() > 1 {
            return Err(format!(
                "there are several columns `{name}`: give each its own name, with `as`"
            )
            .into());
        }
        let exact = self.columns.iter().position(|column| column.name == name);
        let folded = || {
            self.columns
                .iter()
                .position(|column| column.name.eq_ignore_ascii_case(name))
        };
        exact.or_else(folded).ok_or_else(|| {
            let names: Vec<&str> = self
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            Failure::new(format!(
                "there is no column `{name}`; there are: {}",
                names.join(", ")
            ))
        })
    }

    /// The columns that a feature names, in its order. Without a row the names are unknown, and any are accepted.
    pub fn only(&self, names: &[String]) -> Result<Self, Failure> {
        if self.rows.is_empty() {
            let unknown = |name: &String| Column {
                name: name.clone(),
                type_id: None,
            };
            return Ok(Self {
                columns: names.iter().map(unknown).collect(),
                rows: Vec::new(),
            });
        }
        let positions = names
            .iter()
            .map(|name| self.position(name))
            .collect::<Result<Vec<_>, _>>()?;
        let pick = |row: &Vec<Option<Value>>| {
            positions
                .iter()
                .map(|position| row[*position].clone())
                .collect()
        };
        Ok(Self {
            columns: positions
                .iter()
                .map(|position| self.columns[*position].clone())
                .collect(),
            rows: self.rows.iter().map(pick).collect(),
        })
    }

    /// A row as one line: `id = 1, name = Ada`.
    pub fn shown(&self, index: usize) -> String {
        let cells: Vec<String> = self
            .columns
            .iter()
            .zip(&self.rows[index])
            .map(|(column, value)| format!("{} = {}", column.name, shown(value.as_ref())))
            .collect();
        cells.join(", ")
    }
}

/// A value for a message; NULL and the empty text look different.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None => "#null".to_owned(),
        Some(value) if value.text.is_empty() => "'' (empty)".to_owned(),
        Some(value) => shortened(&value.text, 200),
    }
}

/// A value in JSON: numbers, booleans and JSON as such, everything else as the text that the server writes.
pub fn json(value: Option<&Value>) -> Json {
    let Some(value) = value else {
        return Json::Null;
    };
    match value.kind {
        Kind::Boolean => Json::Bool(value.text == "true"),
        Kind::Number | Kind::Json => {
            Json::parse(&value.text).unwrap_or_else(|_| Json::from(value.text.as_str()))
        }
        Kind::Text | Kind::Array | Kind::Moment => Json::from(value.text.as_str()),
    }
}

/// Checks a matcher against a value. `#array` and `#[2]` match an array, and `#datetime` a timestamp, although both are
/// texts; a capture keeps the text.
pub fn matches(matcher: &str, value: Option<&Value>) -> Result<Vec<(String, Json)>, String> {
    let own = json(value);
    let seen = value.and_then(|value| match value.kind {
        Kind::Array => elements(&mut value.text.chars().peekable()),
        // JSON's null is a value of the column; only NULL is none.
        Kind::Json if own.is_null() && matcher.starts_with("#notnull") => Some(true.into()),
        Kind::Moment if matcher.trim_start_matches('#').starts_with("datetime") => {
            Some(rfc3339(moment(&value.text)?).into())
        }
        _ => None,
    });
    let captured = json::matches(matcher, Some(seen.as_ref().unwrap_or(&own)))?;
    Ok(captured
        .into_iter()
        .map(|(name, _)| (name, own.clone()))
        .collect())
}

/// Reads an array as PostgreSQL writes it: `{1,NULL,"a b",{2,3}}`.
fn elements(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Json> {
    text.next_if_eq(&'{')?;
    let mut found = Vec::new();
    loop {
        match text.peek()? {
            '}' => {
                text.next();
                return Some(Json::Array(found));
            }
            ',' => {
                text.next();
            }
            '{' => found.push(elements(text)?),
            '"' => {
                text.next();
                let mut quoted = String::new();
                loop {
                    match text.next()? {
                        '"' => break,
                        '\\' => quoted.push(text.next()?),
                        other => quoted.push(other),
                    }
                }
                found.push(Json::String(quoted));
            }
            _ => {
                let mut bare = String::new();
                while let Some(sign) = text.next_if(|sign| !matches!(sign, ',' | '}')) {
                    bare.push(sign);
                }
                found.push(match bare.as_str() {
                    "NULL" => Json::Null,
                    _ => match Json::parse(&bare) {
                        Ok(Json::Number(number)) => Json::Number(number),
                        _ => Json::String(bare),
                    },
                });
            }
        }
    }
}

/// RFC 3339 in UTC with six digits.
pub fn rfc3339(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Reads a date and time with a `T` or a blank between them; without a zone it is UTC.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let naive = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok();
    instant(text).or_else(|| Some(naive(&spaced(text)?)?.and_utc()))
}

/// The same, but a zone is required.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = spaced(text)?.replace('Z', "+00");
    let moment = DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(moment.to_utc())
}

/// A text that may be a date and time, with a blank between them.
fn spaced(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let may_be = bytes.len() >= 16 && bytes[4] == b'-' && matches!(bytes[10], b'T' | b' ');
    may_be.then(|| text.replacen('T', " ", 1))
}
