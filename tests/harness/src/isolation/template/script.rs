//! Splits an SQL script into statements, which are sent one by one.

/// Whose syntax a script has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

pub struct Statement<'a> {
    /// The line where it starts, counted from 1.
    pub line: usize,
    pub sql: &'a str,
    /// The rows after `copy … from stdin`.
    pub rows: Option<&'a str>,
    /// The server refuses it inside a transaction.
    pub runs_alone: bool,
}

/// What can't be parsed, and where.
pub struct Mistake {
    pub line: usize,
    pub reason: String,
}

pub fn statements(text: &str, dialect: Dialect) -> Result<Vec<Statement<'_>>, Mistake> {
    let mut scanner = Scanner {
        text,
        at: 0,
        dialect,
    };
    let mut statements = Vec::new();
    while scanner.skip_to_statement()? {
        statements.push(scanner.statement()?);
    }
    Ok(statements)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
}

/// What is known so far of the statement being read.
#[derive(Default)]
struct Words {
    /// The words outside of parentheses, in lower case.
    words: Vec<String>,
    parentheses: usize,
    /// The number of open `begin atomic` and `case` blocks, in a function's body.
    blocks: usize,
    /// Whether `;` or `end` came last, in a trigger's body.
    trigger_end: TriggerEnd,
}

#[derive(Default, PartialEq, Eq)]
enum TriggerEnd {
    #[default]
    Elsewhere,
    Semicolon,
    End,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn mistake<T>(&self, at: usize, reason: impl Into<String>) -> Result<T, Mistake> {
        Err(Mistake {
            line: self.line(at),
            reason: reason.into(),
        })
    }

    /// Skips blanks, comments, empty statements and psql commands. Returns whether there is more.
    fn skip_to_statement(&mut self) -> Result<bool, Mistake> {
        loop {
            let Some(next) = self.rest().chars().next() else {
                return Ok(false);
            };
            if next.is_whitespace() || next == ';' || next == '\u{feff}' {
                self.at += next.len_utf8();
            } else if next == '\\' && self.dialect == Dialect::Postgres {
                self.command()?;
            } else if !self.skip_remark()? {
                return Ok(true);
            }
        }
    }

    /// Skips a psql command that has no effect here, and refuses any other.
    fn command(&mut self) -> Result<(), Mistake> {
        let line = self.rest().lines().next().unwrap_or_default();
        let mut words = line[1..].split_whitespace();
        let harmless = match words.next().unwrap_or_default() {
            "restrict" | "unrestrict" | "echo" | "qecho" | "pset" | "timing" => true,
            "encoding" => words
                .next()
                .is_some_and(|name| name.to_lowercase().starts_with("utf")),
            "set" => matches!(
                words.next(),
                Some("ON_ERROR_STOP" | "QUIET" | "ECHO" | "VERBOSITY")
            ),
            _ => false,
        };
        if !harmless {
            let advice = if matches!(line.split_whitespace().next(), Some("\\connect" | "\\c")) {
                "dump one database, without --create"
            } else {
                "remove it"
            };
            let reason = format!(
                "`{}` is a command of psql that can't be followed here: {advice}",
                line.trim()
            );
            return self.mistake(self.at, reason);
        }
        self.at += line.len();
        Ok(())
    }

    /// Skips a comment. Returns whether there was one.
    fn skip_remark(&mut self) -> Result<bool, Mistake> {
        let rest = self.rest();
        if rest.starts_with("--") {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return Ok(true);
        }
        if !rest.starts_with("/*") {
            return Ok(false);
        }
        let start = self.at;
        let mut depth = 0_usize;
        while !self.rest().is_empty() {
            if self.rest().starts_with("/*") && (depth == 0 || self.dialect == Dialect::Postgres) {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(true);
                }
            } else {
                self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            }
        }
        self.mistake(start, "the comment that starts here has no end")
    }

    fn statement(&mut self) -> Result<Statement<'a>, Mistake> {
        let start = self.at;
        let mut known = Words::default();
        let end = loop {
            let Some(next) = self.rest().chars().next() else {
                break self.at;
            };
            if self.skip_remark()? || self.skip_quoted(next)? {
                known.trigger_end = TriggerEnd::Elsewhere;
            } else if next.is_alphanumeric() || next == '_' {
                let word = self.word();
                known.add(word, self.dialect);
            } else if next == '\\' && self.dialect == Dialect::Postgres {
                let reason = "a command of psql inside a statement can't be followed here";
                return self.mistake(self.at, reason);
            } else {
                self.at += next.len_utf8();
                if next == ';' && known.ends() {
                    break self.at - 1;
                }
                known.sign(next);
            }
        };
        let rows = if self.dialect == Dialect::Postgres && known.reads_rows() {
            Some(self.rows(start)?)
        } else {
            None
        };
        Ok(Statement {
            line: self.line(start),
            sql: self.text[start..end].trim_end(),
            rows,
            runs_alone: self.dialect == Dialect::Postgres && known.runs_alone(),
        })
    }

    /// Reads a word or a number. The `e` of `e'…'` starts a string with escapes.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        word
    }

    /// Skips a string or a quoted name. Returns whether there was one.
    fn skip_quoted(&mut self, next: char) -> Result<bool, Mistake> {
        let start = self.at;
        let closing = match (next, self.dialect) {
            ('\'' | '"', _) | ('`', Dialect::Sqlite) => next,
            ('[', Dialect::Sqlite) => ']',
            ('$', Dialect::Postgres) => return self.skip_dollars(),
            _ => return Ok(false),
        };
        let before = &self.text[..start];
        let has_escapes = next == '\''
            && self.dialect == Dialect::Postgres
            && before.ends_with(['e', 'E'])
            && !before[..start - 1]
                .ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            if character == '\\' && has_escapes {
                characters.next();
            } else if character == closing {
                // A doubled quote is read as two strings side by side.
                self.at += index + 1;
                return Ok(true);
            }
        }
        self.mistake(
            start,
            format!("the `{next}` that opens here is never closed"),
        )
    }

    /// Skips `$$ … $$` and `$body$ … $body$`. `$1` is a parameter.
    fn skip_dollars(&mut self) -> Result<bool, Mistake> {
        let rest = self.rest();
        let tag = rest[1..].find('$').map(|end| &rest[..end + 2]);
        let is_tag = |tag: &&str| {
            let name = &tag[1..tag.len() - 1];
            !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        let Some(tag) = tag.filter(is_tag) else {
            return Ok(false);
        };
        let Some(length) = rest[tag.len()..].find(tag) else {
            return self.mistake(
                self.at,
                format!("the `{tag}` that opens here is never closed"),
            );
        };
        self.at += length + 2 * tag.len();
        Ok(true)
    }

    /// The lines after `copy … from stdin`, up to `\.`.
    fn rows(&mut self, start: usize) -> Result<&'a str, Mistake> {
        let rest = self.rest();
        let first = rest.find('\n').map_or(rest.len(), |end| end + 1);
        if !rest[..first].trim().is_empty() {
            return self.mistake(
                self.at,
                "the rows start in the line after `copy … from stdin;`",
            );
        }
        let rows = &rest[first..];
        let mut length = 0;
        for line in rows.split_inclusive('\n') {
            if line.trim_end_matches(['\r', '\n']) == "\\." {
                self.at += first + length + line.len();
                return Ok(&rows[..length]);
            }
            length += line.len();
        }
        self.mistake(
            start,
            "the rows of this statement have no end: a line that contains only `\\.`",
        )
    }
}

impl Words {
    fn add(&mut self, word: &str, dialect: Dialect) {
        let word = word.to_lowercase();
        let ends_trigger = self.trigger_end == TriggerEnd::Semicolon && word == "end";
        self.trigger_end = if ends_trigger {
            TriggerEnd::End
        } else {
            TriggerEnd::Elsewhere
        };
        if self.parentheses > 0 {
            return;
        }
        if dialect == Dialect::Postgres && self.is_a(&["function", "procedure"]) {
            match word.as_str() {
                "atomic" if self.words.last().is_some_and(|last| last == "begin") => {
                    self.blocks += 1;
                }
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
        }
        self.words.push(word);
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '(' => self.parentheses += 1,
            ')' => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        if sign == ';' {
            self.trigger_end = TriggerEnd::Semicolon;
        } else if !sign.is_whitespace() {
            self.trigger_end = TriggerEnd::Elsewhere;
        }
    }

    /// Whether the statement creates an object of one of these kinds.
    fn is_a(&self, kinds: &[&str]) -> bool {
        let mut words = self.words.iter().map(String::as_str);
        words.next() == Some("create")
            && words
                .find(|word| !["or", "replace", "temp", "temporary"].contains(word))
                .is_some_and(|kind| kinds.contains(&kind))
    }

    /// Whether a semicolon here ends the statement.
    fn ends(&self) -> bool {
        // Only SQLite's triggers contain statements. PostgreSQL's triggers name a function.
        let is_in_body = self.is_a(&["trigger"])
            && self.words.iter().any(|word| word == "begin")
            && self.trigger_end != TriggerEnd::End;
        self.parentheses == 0 && self.blocks == 0 && !is_in_body
    }

    fn has(&self, position: usize, words: &[&str]) -> bool {
        let word = self.words.get(position).map(String::as_str);
        word.is_some_and(|word| words.contains(&word))
    }

    fn reads_rows(&self) -> bool {
        let mut pairs = self.words.windows(2);
        self.has(0, &["copy"]) && pairs.any(|pair| pair == ["from", "stdin"])
    }

    fn runs_alone(&self) -> bool {
        let concurrently = self.words.iter().any(|word| word == "concurrently");
        self.has(0, &["vacuum"])
            || (self.has(0, &["alter"]) && self.has(1, &["system"]))
            || (self.has(0, &["create", "drop"])
                && self.has(1, &["database", "tablespace", "subscription"]))
            || (self.has(0, &["reindex"]) && self.has(1, &["database", "schema", "system"]))
            || (self.has(0, &["create", "drop", "reindex", "alter"]) && concurrently)
    }
}
