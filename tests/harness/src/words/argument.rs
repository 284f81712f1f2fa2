//! The arguments of a step: docstring, table, quoted texts.

use gherkin::Step;

use crate::{failure::Failure, variables::Variables};

/// The docstring, without its media type and without the first and last line break.
pub fn docstring(step: &Step) -> Result<String, Failure> {
    if step.table.is_some() {
        return Err("this step takes a docstring, but a table is written below it".into());
    }
    match &step.docstring {
        Some(text) => Ok(text.clone()),
        None => Err("this step needs a docstring below it, between two lines of \"\"\"".into()),
    }
}

/// The heading and the rows, all of the same length.
pub fn table(step: &Step) -> Result<(&[String], &[Vec<String>]), Failure> {
    if step.docstring.is_some() {
        return Err("this step takes a table, but a docstring is written below it".into());
    }
    match step
        .table
        .as_ref()
        .and_then(|table| table.rows.split_first())
    {
        Some((heading, rows)) => Ok((heading, rows)),
        None => Err("this step needs a table below it, with a heading row".into()),
    }
}

/// The rows of a table with two columns, with variables filled in. The columns' headings don't matter.
pub fn pairs(
    step: &Step,
    columns: &str,
    variables: &mut Variables,
) -> Result<Vec<(String, String)>, Failure> {
    let (heading, rows) = table(step)?;
    if heading.len() != 2 {
        let found = heading.join(" | ");
        return Err(format!(
            "the table needs two columns, | {columns} |, but its heading is | {found} |"
        )
        .into());
    }
    rows.iter()
        .map(|row| Ok((variables.text(&row[0])?, variables.text(&row[1])?)))
        .collect()
}

/// A quoted text of a step, with escaped quotes and variables replaced.
pub fn quoted(text: &str, variables: &mut Variables) -> Result<String, Failure> {
    variables.text(&unescaped(text))
}

/// A `{string}` argument arrives without its quotes, single or double. If it contains a quote without a backslash, the
/// outer quotes are of the other kind. Then a backslash before such a quote is part of the text.
fn unescaped(text: &str) -> String {
    let plain = |quote: char| {
        text.char_indices()
            .any(|(at, c)| c == quote && !text[..at].ends_with('\\'))
    };
    let mut result = text.to_owned();
    if !plain('"') {
        result = result.replace("\\\"", "\"");
    }
    if !plain('\'') {
        result = result.replace("\\'", "'");
    }
    result
}
