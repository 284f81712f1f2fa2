//! Names and texts, quoted for SQL.

use std::fmt;

use crate::{
    failure::Failure,
    sql::{identifier, literal},
};

/// A table as a feature names it: `users`, `audit.log`, `"Odd Schema"."T"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    pub schema: Option<String>,
    pub table: String,
}

impl TableName {
    /// Reads a name by SQL's rules: what isn't quoted is folded to lower case.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(format!("`{text}` isn't a table's name: {why}"));
        let mut parts = Vec::new();
        let mut rest = text.trim();
        loop {
            let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
                quoted_part(quoted).ok_or_else(|| wrong("a quote is never closed"))?
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                let (part, after) = rest.split_at(end);
                if part.contains(['"', ' ', '\'', ';']) {
                    return Err(wrong("quote it as SQL does: \"Odd Name\""));
                }
                (part.to_ascii_lowercase(), after)
            };
            if part.is_empty() {
                return Err(wrong("a part of it is empty"));
            }
            parts.push(part);
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => break,
                None => return Err(wrong("after a quoted part comes a dot or the end")),
            }
        }
        match <[String; 2]>::try_from(parts) {
            Ok([schema, table]) => Ok(Self {
                schema: Some(schema),
                table,
            }),
            Err(mut parts) if parts.len() == 1 => Ok(Self {
                schema: None,
                table: parts.remove(0),
            }),
            Err(_) => Err(wrong("write `table` or `schema.table`")),
        }
    }

    /// The name with every part quoted, safe inside a statement.
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", identifier(schema), identifier(&self.table)),
            None => identifier(&self.table),
        }
    }
}

impl fmt::Display for TableName {
    /// Quoted only where it has to be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &str| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let parts = self.schema.iter().chain([&self.table]);
        let parts: Vec<String> = parts
            .map(|part| {
                if is_plain(part) {
                    part.clone()
                } else {
                    identifier(part)
                }
            })
            .collect();
        f.write_str(&parts.join("."))
    }
}

/// The text up to the closing quote, and what follows it.
fn quoted_part(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        part.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                part.push('"');
                rest = more;
            }
            None => return Some((part, rest)),
        }
    }
}

/// Identifiers in a row, quoted: a column list.
pub fn identifiers<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| identifier(name.as_ref())).collect();
    quoted.join(", ")
}

/// A text as a literal for `PostgreSQL`, the same whatever `standard_conforming_strings` says.
pub fn postgres_literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E{}", literal(&text.replace('\\', "\\\\")))
    } else {
        literal(text)
    }
}
