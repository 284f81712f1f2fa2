//! What a step reports if it doesn't find what it expects.

mod diff;

use std::{borrow::Cow, fmt, io};

/// The result of a step function: nothing, or everything that is wrong.
pub type Outcome = Result<(), Failure>;

/// Why a step failed: one sentence, and every place where expected and found values differ.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub message: String,
    pub mismatches: Vec<Mismatch>,
    pub kind: Kind,
}

/// What a failure means for the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Failed,
    /// The step isn't written yet. The scenario fails, and is reported as pending.
    Pending,
    /// The rest of the scenario makes no sense here. The scenario doesn't fail.
    Skipped,
}

/// A place where expected and found values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where: `$.data[0].name` in JSON, `row 2, column price` in a table.
    pub path: String,
    pub expected: String,
    pub found: String,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            mismatches: Vec::new(),
            kind: Kind::Failed,
        }
    }

    /// The step or hook isn't written yet. The scenario fails.
    pub fn pending(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Pending,
            ..Self::new(message)
        }
    }

    /// The rest of the scenario is skipped, and the scenario doesn't fail.
    pub fn skipped(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Skipped,
            ..Self::new(message)
        }
    }

    pub fn with(message: impl Into<String>, mismatches: Vec<Mismatch>) -> Self {
        Self {
            message: message.into(),
            mismatches,
            kind: Kind::Failed,
        }
    }
}

impl fmt::Display for Failure {
    /// The sentence, then a block for each mismatch. Reports print it unchanged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for mismatch in &self.mismatches {
            // Further lines of a value stand below its first one.
            let below = |value: &str| value.replace('\n', &format!("\n{:14}", ""));
            let (expected, found) = (below(&mismatch.expected), below(&mismatch.found));
            write!(
                f,
                "\n  at {}\n    expected: {expected}\n    found:    {found}",
                mismatch.path
            )?;
            if let Some(diff) = diff::words(&mismatch.expected, &mismatch.found) {
                write!(f, "\n    diff:     {diff}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// A shown failure in one line: its sentence and its first mismatch, shortened if it is long.
pub fn in_brief(shown: &str) -> String {
    const LONGEST: usize = 160;
    if let Some(inside) = inside_word(shown) {
        return in_brief(&inside);
    }
    let mut lines = shown.lines().peekable();
    let mut text = lines.next().unwrap_or_default().to_owned();
    // `it shows:` needs what follows.
    let is_open = text.ends_with(':');
    if let Some(next) = lines.next_if(|line| is_open && !line.trim_start().starts_with("at ")) {
        text.push_str(&format!(" {}", next.trim()));
    }
    let mut value = |label: &str| {
        lines
            .next()?
            .trim_start()
            .strip_prefix(label)
            .map(str::trim)
    };
    if let (Some(place), Some(expected), Some(found)) =
        (value("at "), value("expected:"), value("found:"))
    {
        text.push_str(&format!(": at {place} expected {expected}, found {found}"));
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

/// The message of the step that failed in a `@word`. Above it are the word, its steps that passed, the failed one, and its
/// function.
fn inside_word(shown: &str) -> Option<String> {
    shown.strip_prefix("in the word `")?;
    let steps = shown.lines().skip(1);
    let message = steps.skip_while(|line| !line.starts_with("  ✗")).skip(1);
    let message = message.map(|line| line.strip_prefix("    ").unwrap_or(line));
    let message = message.skip_while(|line| line.starts_with('('));
    Some(message.collect::<Vec<_>>().join("\n"))
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::new(format!("the database answered: {}", database_error(&error)))
    }
}

/// The code of the database's error, such as `42P01`.
pub fn error_code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}

/// The database's message only: sqlx adds a line number of the server's source code.
pub fn database_error(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(error) => error.message().to_owned(),
        None => error.to_string(),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<url::ParseError> for Failure {
    fn from(error: url::ParseError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

/// Names, the most similar to the wanted one first.
pub fn nearest_first<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| strsim::levenshtein(&name.to_lowercase(), &wanted));
    names
}

/// Wrong usage; exit code 2.
#[derive(Debug)]
pub struct Misuse(pub String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
