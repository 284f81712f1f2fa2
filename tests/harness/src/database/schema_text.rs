//! What only the text of a definition tells: conditions, and the literals in them.

use crate::database::schema::{Check, Column};

/// The conditions in a `create table` statement, which `SQLite` keeps as it was written.
pub fn checks(definition: &str, columns: &[Column]) -> Vec<Check> {
    let words = pieces(definition);
    let mut checks = Vec::new();
    for (index, piece) in words.iter().enumerate() {
        if !piece.text.eq_ignore_ascii_case("check") {
            continue;
        }
        let Some(expression) = words
            .get(index + 1)
            .filter(|next| next.text == "(")
            .and_then(|next| {
                let close = closing(&words[index + 1..])?;
                Some(definition[next.start..=words[index + 1 + close].start].to_owned())
            })
        else {
            continue;
        };
        let mentioned = pieces(&expression);
        let is_mentioned = |column: &&Column| {
            mentioned.iter().any(|piece| {
                piece
                    .text
                    .trim_matches(['"', '`', '[', ']'])
                    .eq_ignore_ascii_case(&column.name)
            })
        };
        checks.push(Check {
            name: expression.clone(),
            columns: columns
                .iter()
                .filter(is_mentioned)
                .map(|column| column.name.clone())
                .collect(),
            expression,
        });
    }
    checks
}

/// A domain's condition with the column's name for VALUE, outside quotes only.
pub fn value_named(condition: &str, column: &str) -> String {
    let mut result = String::new();
    let mut end = 0;
    for piece in pieces(condition) {
        result.push_str(&condition[end..piece.start]);
        result.push_str(if piece.text == "VALUE" {
            column
        } else {
            piece.text
        });
        end = piece.start + piece.text.len();
    }
    result + &condition[end..]
}

/// The texts and numbers that a condition compares with.
pub fn literals(expression: &str) -> (Vec<String>, Vec<String>) {
    let mut quoted = Vec::new();
    let mut numbers = Vec::new();
    for piece in pieces(expression) {
        if let Some(text) = piece.text.strip_prefix('\'') {
            let text = text.strip_suffix('\'').unwrap_or(text).replace("''", "'");
            if text.parse::<f64>().is_ok() {
                numbers.push(text.clone());
            }
            quoted.push(text);
        } else if piece.text.parse::<f64>().is_ok() {
            numbers.push(piece.text.to_owned());
        }
    }
    (quoted, numbers)
}

struct Piece<'a> {
    start: usize,
    text: &'a str,
}

/// Words, quoted texts and signs; comments and blanks are left out.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let rest = &sql[start..];
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            // After a word it is an array, not a name.
            '[' if !sql[..start].ends_with(is_word) => {
                rest.find(']').map_or(rest.len(), |end| end + 1)
            }
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if is_word(c) => rest.find(|c| !is_word(c) && c != '.').unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let text = &rest[..length];
        if !first.is_whitespace() && !text.starts_with("--") && !text.starts_with("/*") {
            pieces.push(Piece { start, text });
        }
        start += length;
    }
    pieces
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a quoted text with both quotes; a doubled quote is part of it.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(end) = text[from..].find(quote) {
        from += end + 1;
        if !text[from..].starts_with(quote) {
            return from;
        }
        from += 1;
    }
    text.len()
}

/// Where the parenthesis that opens first is closed.
fn closing(pieces: &[Piece]) -> Option<usize> {
    let mut depth = 0;
    pieces.iter().position(|piece| {
        match piece.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}
