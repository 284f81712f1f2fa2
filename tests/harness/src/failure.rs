//! What a step says when it finds something other than what was asked for.

use std::fmt;

/// What every step function answers: nothing, or everything that is wrong.
pub type Outcome = Result<(), Failure>;

/// Why a step failed: one sentence, and every place where expected and found differ.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub message: String,
    pub mismatches: Vec<Mismatch>,
}

/// One place where what was found isn't what was expected.
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
        }
    }

    pub fn with(message: impl Into<String>, mismatches: Vec<Mismatch>) -> Self {
        Self {
            message: message.into(),
            mismatches,
        }
    }
}

impl fmt::Display for Failure {
    /// The sentence, then a block for each mismatch; the report prints it as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for mismatch in &self.mismatches {
            write!(
                f,
                "\n  at {}\n    expected: {}\n    found:    {}",
                mismatch.path, mismatch.expected, mismatch.found
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::new(format!("the database answered: {}", database_error(&error)))
    }
}

/// The database's words alone: sqlx adds the line of the server's source that the error comes from.
pub fn database_error(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(error) => error.message().to_owned(),
        None => error.to_string(),
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

/// Names in the order of their likeness to the one that was asked for.
pub fn nearest_first<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| distance(&name.to_lowercase(), &wanted.to_lowercase()));
    names
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 0..other.len() {
            let changed = diagonal + usize::from(letter != other[column]);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// What is used wrongly; exit code 2.
#[derive(Debug)]
pub struct Misuse(pub String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
