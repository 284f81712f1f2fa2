//! What a step function reads: its docstring, its table, quoted texts.

use gherkin::Step;

use crate::{
    failure::Failure,
    registry::{FromArgument as _, Text},
    variables::Variables,
};

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

/// The same with at least one row. Without one, a step would do nothing, and a check would always pass: perhaps the
/// heading is missing, and the only row was taken for it.
pub fn filled_table(step: &Step) -> Result<(&[String], &[Vec<String>]), Failure> {
    match table(step)? {
        (heading, []) => Err(format!(
            "the table has only a heading, | {} |: write at least one row below it",
            heading.join(" | ")
        )
        .into()),
        filled => Ok(filled),
    }
}

/// The rows of a table with two columns, at least one, with variables filled in. The columns' headings don't matter.
pub fn pairs(
    step: &Step,
    columns: &str,
    variables: &mut Variables,
) -> Result<Vec<(String, String)>, Failure> {
    let (heading, rows) = filled_table(step)?;
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

/// A quoted text of a step, with escaped quotes and variables replaced. A function that takes a [`Text`] gets it so.
pub fn quoted(text: &str, variables: &mut Variables) -> Result<String, Failure> {
    Text::read(text, variables).map(|Text(text)| text)
}

/// A part of a longer text. The empty text is a part of every text, so that checking it proves nothing.
pub fn part(text: Text) -> Result<Text, Failure> {
    if text.is_empty() {
        return Err("every text contains the empty text: write what must be in it".into());
    }
    Ok(text)
}
