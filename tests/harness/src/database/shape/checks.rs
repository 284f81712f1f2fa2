//! The conditions of a table, read from their text.

use crate::database::shape::{Check, Column};

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
            mentioned
                .iter()
                .any(|piece| is_named(piece.text, &column.name))
        };
        let name = match index.checked_sub(2).map(|before| &words[before..index]) {
            Some([word, name]) if word.text.eq_ignore_ascii_case("constraint") => {
                name.text.trim_matches(['"', '`', '[', ']']).to_owned()
            }
            _ => expression.clone(),
        };
        checks.push(Check {
            name,
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

/// What the simple conditions on one column allow.
#[derive(Debug, Default)]
pub struct Limits {
    /// The literals that it is compared with by `=`, `in` or `>=`.
    pub values: Vec<String>,
    pub low: Option<i64>,
    pub high: Option<i64>,
    pub shortest: Option<usize>,
    pub longest: Option<usize>,
}

/// Reads `column >= 1`, `column between 1 and 5`, `column in ('a', 'b')` and the same of `length(column)`, as people
/// write them and as PostgreSQL prints them. Anything else is ignored.
pub fn limits<'a>(column: &str, checks: impl Iterator<Item = &'a Check>) -> Limits {
    let mut limits = Limits::default();
    for check in checks {
        let tokens = without_casts(&pieces(&check.expression));
        for (index, token) in tokens.iter().enumerate() {
            if is_named(token, column) {
                let before = index.checked_sub(1).map_or("", |before| tokens[before]);
                let of_length = before.to_ascii_lowercase().ends_with("length");
                limits.read(&tokens[index + 1..], of_length);
            }
        }
    }
    limits
}

impl Limits {
    /// Reads what follows a column: an operator and literals.
    fn read(&mut self, tokens: &[&str], of_length: bool) {
        let symbols = tokens
            .iter()
            .take_while(|token| matches!(**token, "<" | ">" | "=" | "!"));
        let mut operator = symbols.copied().collect::<String>();
        let mut rest = &tokens[operator.len()..];
        if operator.is_empty() {
            operator = rest.first().unwrap_or(&"").to_ascii_lowercase();
            rest = rest.get(1..).unwrap_or_default();
        }
        match operator.as_str() {
            "between" => {
                self.bound(">=", rest, of_length);
                let and = rest
                    .iter()
                    .position(|token| token.eq_ignore_ascii_case("and"));
                self.bound(
                    "<=",
                    &rest[and.map_or(rest.len(), |and| and + 1)..],
                    of_length,
                );
            }
            "=" | "in" if !of_length => {
                let literals = rest
                    .iter()
                    .skip_while(|token| {
                        ["any", "array", "["].contains(&&*token.to_ascii_lowercase())
                    })
                    .take_while(|token| **token == "," || literal(token).is_some());
                self.values
                    .extend(literals.filter_map(|token| literal(token)));
            }
            operator => self.bound(operator, rest, of_length),
        }
    }

    fn bound(&mut self, operator: &str, rest: &[&str], of_length: bool) {
        let (sign, first) = match rest {
            ["-", first, ..] => ("-", first),
            [first, ..] => ("", first),
            [] => return,
        };
        let Some(text) = literal(first) else {
            return;
        };
        let Ok(number) = format!("{sign}{text}").parse::<f64>() else {
            if operator == ">=" {
                self.values.push(text);
            }
            return;
        };
        let (low, high) = match operator {
            ">=" => (Some(number.ceil()), None),
            ">" => (Some(number.floor() + 1.0), None),
            "<=" => (None, Some(number.floor())),
            "<" => (None, Some(number.ceil() - 1.0)),
            "=" => (Some(number), Some(number)),
            _ => (None, None),
        };
        // A bound beyond the range of i64 is cut to it.
        #[allow(clippy::cast_possible_truncation)]
        let whole = |bound: Option<f64>| bound.map(|bound| bound as i64);
        let length =
            |bound: Option<f64>| whole(bound).and_then(|bound| usize::try_from(bound).ok());
        if of_length {
            self.shortest = length(low).or(self.shortest);
            self.longest = length(high).or(self.longest);
        } else {
            self.low = whole(low).or(self.low);
            self.high = whole(high).or(self.high);
        }
    }
}

/// The tokens without parentheses and without `::character varying(20)`.
fn without_casts<'a>(pieces: &[Piece<'a>]) -> Vec<&'a str> {
    let mut tokens = Vec::new();
    let mut rest = pieces;
    while let Some((piece, after)) = rest.split_first() {
        rest = after;
        match piece.text {
            ":" => {
                let type_name = |piece: &Piece| {
                    !matches!(piece.text, "AND" | "OR" | "NOT" | "IS")
                        && (piece.text == ":"
                            || piece
                                .text
                                .starts_with(|c: char| c.is_alphabetic() || c == '"'))
                };
                let words = rest.iter().take_while(|piece| type_name(piece)).count();
                rest = &rest[words..];
                if rest.first().is_some_and(|piece| piece.text == "(") {
                    rest = &rest[closing(rest).map_or(rest.len(), |close| close + 1)..];
                }
                if let [Piece { text: "[", .. }, Piece { text: "]", .. }, after @ ..] = rest {
                    rest = after;
                }
            }
            "(" | ")" => {}
            text => tokens.push(text),
        }
    }
    tokens
}

/// The value of a literal: a number or a quoted text.
fn literal(token: &str) -> Option<String> {
    match token.strip_prefix('\'') {
        Some(text) => Some(text.strip_suffix('\'')?.replace("''", "'")),
        None => token.parse::<f64>().is_ok().then(|| token.to_owned()),
    }
}

fn is_named(token: &str, column: &str) -> bool {
    token
        .trim_matches(['"', '`', '[', ']'])
        .eq_ignore_ascii_case(column)
}

struct Piece<'a> {
    start: usize,
    text: &'a str,
}

/// Splits SQL into words, quoted texts and symbols, without comments and blanks.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let rest = &sql[start..];
        let length = match first {
            '\'' | '"' | '`' => quoted(rest, first),
            // After a word, `[` begins an array, not a quoted name.
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

/// The index of the parenthesis that closes the first one.
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
