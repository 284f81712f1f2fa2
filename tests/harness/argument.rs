//! What a step is given beside its sentence: a docstring, a table, quoted texts.

use cucumber::gherkin::Step;

use super::{failure::Failure, variables::Variables};

/// The text below a step, without the newline at each end and without a media type behind the opening quotes.
pub fn docstring(step: &Step) -> Result<String, Failure> {
    let Some(whole) = &step.docstring else {
        return Err("this word needs a text below it, between two lines of \"\"\"".into());
    };
    let text = match whole.split_once('\n') {
        Some((first, rest)) if first.trim().is_empty() => rest.to_owned(),
        // The parser measures the indentation with the media type's line, which has none.
        Some((first, rest)) if is_media_type(first.trim()) => without_indentation(rest),
        _ => whole.clone(),
    };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

fn is_media_type(word: &str) -> bool {
    let short = [
        "json", "xml", "text", "sql", "yaml", "yml", "html", "csv", "toml", "form",
    ];
    let long = word.split(';').next().unwrap_or_default().split_once('/');
    let is_token = |part: &str| {
        let mut letters = part.chars();
        !part.is_empty()
            && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))
    };
    short.contains(&word.to_ascii_lowercase().as_str())
        || long.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

fn without_indentation(text: &str) -> String {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let least = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(indentation)
        .min()
        .unwrap_or_default();
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.get(least..).unwrap_or_default())
        .collect();
    lines.join("\n")
}

/// The heading row and the rows below it, all of one width.
pub fn table(step: &Step) -> Result<(&[String], &[Vec<String>]), Failure> {
    let Some(table) = &step.table else {
        return Err("this word needs a table below it, with a heading row".into());
    };
    let Some((heading, rows)) = table.rows.split_first() else {
        return Err("the table is empty: write a heading row and rows below it".into());
    };
    match rows.iter().position(|row| row.len() != heading.len()) {
        Some(index) => Err(format!(
            "row {} of the table has {} cells, but its heading has {}",
            index + 1,
            rows[index].len(),
            heading.len()
        )
        .into()),
        None => Ok((heading, rows)),
    }
}

/// The rows of a table with two columns, read by position, variables filled in.
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

/// A quoted text of a sentence: its escaped quotes are quotes, its variables are filled in.
pub fn quoted(text: &str, variables: &mut Variables) -> Result<String, Failure> {
    variables.text(&unescaped(text))
}

/// The parser hands a quoted text over without its quotes and doesn't say which they were: a quote that stands
/// unescaped inside is of the other kind, and what is escaped beside it is the text's own.
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
