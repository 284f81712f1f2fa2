//! Checks of a JSON text that `serde_json::Value` can't make: repeated members, and what a store can't hold.

use std::{collections::HashSet, fmt};

use serde::de::IgnoredAny;

use super::field_type::Faults;
use crate::http::error::FieldError;

/// The maximum depth of nested objects and lists. Later readers of the JSON may have a limit too.
const DEEPEST: usize = 127;

/// The text if its grammar is that of JSON, even if its numbers, characters or depth don't fit into a `Value`.
pub fn valid(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok().map(|_| text)
}

/// What was found in a JSON text.
#[derive(Default)]
pub struct ScannedJson {
    /// The text without whitespace between its tokens.
    pub compact: String,
    /// A fault for each member that an object has more than once.
    pub repeated: Faults,
    /// Whether it is nested too deeply, or has half of a surrogate pair (`\ud800`).
    pub is_unstorable: bool,
    /// PostgreSQL stores no U+0000 in text.
    pub has_nul: bool,
}

/// Reads a valid text.
pub fn scan(text: &str) -> ScannedJson {
    let mut scan = Scan {
        text,
        at: 0,
        found: ScannedJson::default(),
    };
    scan.value(&Path::Root, 0);
    scan.found
}

/// The path to a value. It is formatted only for a fault, because a name may be as long as the body.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, place) => write!(f, "{parent}[{place}]"),
        }
    }
}

struct Scan<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
    found: ScannedJson,
}

impl Scan<'_> {
    fn value(&mut self, path: &Path, depth: usize) {
        match self.next() {
            Some(b'{' | b'[') if depth == DEEPEST => {
                self.found.is_unstorable = true;
                self.at = self.text.len();
            }
            Some(b'{') => self.object(path, depth + 1),
            Some(b'[') => self.list(path, depth + 1),
            Some(b'"') => drop(self.string()),
            _ => {
                let rest = &self.text[self.at..];
                let is_end = |c: char| matches!(c, ',' | ']' | '}' | ' ' | '\t' | '\r' | '\n');
                self.take(rest.find(is_end).unwrap_or(rest.len()));
            }
        }
    }

    fn object(&mut self, path: &Path, depth: usize) {
        self.take(1);
        let mut seen = HashSet::new();
        while let Some(byte) = self.next() {
            match byte {
                b'"' => {
                    let name = self.string();
                    let path = Path::Member(path, &name);
                    if seen.contains(&name) {
                        let fault = FieldError::new(path.to_string(), "is given more than once");
                        self.found.repeated.push(fault);
                    }
                    self.next();
                    self.take(1);
                    self.value(&path, depth);
                    seen.insert(name);
                }
                b'}' => return self.take(1),
                _ => self.take(1),
            }
        }
    }

    fn list(&mut self, path: &Path, depth: usize) {
        self.take(1);
        let mut place = 0;
        while let Some(byte) = self.next() {
            match byte {
                b']' => return self.take(1),
                b',' => self.take(1),
                _ => {
                    self.value(&Path::Item(path, place), depth);
                    place += 1;
                }
            }
        }
    }

    fn string(&mut self) -> String {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let token = &self.text[self.at..=end];
        self.take(token.len());
        let text: String = serde_json::from_str(token).unwrap_or_else(|_| {
            self.found.is_unstorable = true;
            token.to_owned()
        });
        self.found.has_nul |= text.contains('\0');
        text
    }

    /// The first byte of the next token.
    fn next(&mut self) -> Option<u8> {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        rest.bytes().next()
    }

    fn take(&mut self, length: usize) {
        let part = &self.text[self.at..self.at + length];
        self.found.compact.push_str(part);
        self.at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::scan;

    #[test]
    fn duplicate_members_are_named() {
        let text =
            r#"{"a": 1, "b": [{}, {"c": 1e999, "d": {"e": 1, "e": 2}, "c": 2}], "\u0061": null}"#;
        let found = scan(text);
        let fields: Vec<_> = found.repeated.iter().map(|fault| &*fault.field).collect();
        assert_eq!(fields, ["b[1].d.e", "b[1].c", "a"]);
    }

    #[test]
    fn only_white_space_is_removed() {
        let text = " { \"a b\" :\t[ -0.0 , 1.10,1E+400, \"\\\" ]\" , [ ] ,{ } ],\n\"c\": null } ";
        let found = scan(text);
        assert_eq!(
            found.compact,
            r#"{"a b":[-0.0,1.10,1E+400,"\" ]",[],{}],"c":null}"#
        );
        assert!(!found.is_unstorable && !found.has_nul);
    }

    #[test]
    fn unstorable_values_are_found() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(!scan(&nested(127)).is_unstorable);
        assert!(scan(&nested(128)).is_unstorable);
        assert!(scan(r#"{"a": ["\ud800"]}"#).is_unstorable);
        assert!(!scan(r#"["\ud83d\ude00"]"#).is_unstorable);
        assert!(scan(r#"{"\u0000": 1}"#).has_nul);
    }
}
