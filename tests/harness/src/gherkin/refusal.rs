//! Error messages for unexpected lines.

use super::{
    Mistake,
    dialect::{self, Dialect, Title},
    scanner::{Kind, Line},
    state::State,
};

const TAGGED: &str = "tags belong directly above a feature, rule, scenario or examples";

/// A line that the state doesn't expect.
pub fn unexpected(state: State, line: &Line<'_>, dialect: &Dialect) -> String {
    let found = shown(line.trimmed);
    let is = |title| dialect.title(line.trimmed, title).is_some();
    let starts = |signs: &str| line.trimmed.starts_with(signs);
    match state {
        State::Start | State::Language | State::Tags(Title::Feature) => {
            before_feature(line, dialect)
        }
        State::Tags(_) => format!("{found} can't have tags, but there are some above it: {TAGGED}"),
        _ if is(Title::Feature) => "a file has one feature, and this is a second one".to_owned(),
        _ if is(Title::Background) => format!(
            "{found} comes too late: a background comes before the first scenario of its feature or rule"
        ),
        _ if is(Title::Examples) => format!(
            "{found} belongs below a scenario; the steps above are a background's, which has no examples"
        ),
        State::Step(_) if starts("|") => {
            "a step has one table, and this is a second one".to_owned()
        }
        State::Step(_) if starts("\"\"\"") || starts("```") => {
            "a step has one docstring, and this is a second one".to_owned()
        }
        State::Rows if starts("\"\"\"") || starts("```") => {
            "a docstring belongs below a step, not below examples".to_owned()
        }
        State::Rows
            if line
                .read(Kind::Step, dialect)
                .is_ok_and(|step| step.is_some()) =>
        {
            format!(
                "{found} is a step below examples: all steps of a scenario come before its first examples"
            )
        }
        _ => format!(
            "{found} is no step, row, tag, comment or heading: a step starts with {}; free text is only allowed \
             directly below a heading",
            list(dialect.step_keywords())
        ),
    }
}

fn before_feature(line: &Line<'_>, dialect: &Dialect) -> String {
    let found = shown(line.trimmed);
    let feature = dialect.keyword(Title::Feature);
    match dialect::language_of(line.trimmed) {
        Some((code, name)) => format!(
            "{found} is {name}, but the file is read as {}: write `# language: {code}` above it",
            dialect.name
        ),
        None => format!(
            "{found} stands before the feature: a file starts with `{feature}:` and a name. Only tags and comments \
             may come before it"
        ),
    }
}

/// The file ends before the feature, or before the heading that the tags need.
pub fn nothing_below(state: State, dialect: &Dialect, tags_line: Option<usize>) -> String {
    match (state, tags_line) {
        (State::Tags(_), Some(line)) => {
            format!("the file ends after the tags of line {line}: {TAGGED}")
        }
        _ => format!(
            "the file ends before its feature: write `{}:` and a name",
            dialect.keyword(Title::Feature)
        ),
    }
}

pub fn open_docstring(fence: &str, line: usize) -> String {
    format!(
        "the file ends in the docstring that begins in line {line}: close it with a line of {fence}"
    )
}

/// `before` is the text that could be decoded.
pub fn no_utf8(before: &[u8]) -> Mistake {
    let text = String::from_utf8_lossy(before);
    let line = text.split('\n').next_back().unwrap_or_default();
    Mistake::at(
        text.matches('\n').count() + 1,
        line.chars().count() + 1,
        "this byte is no UTF-8: save the file in that encoding".to_owned(),
    )
}

pub fn cells(found: usize, heading: usize, row: &str) -> String {
    let s = if found == 1 { "" } else { "s" };
    let what = format!("this row has {found} cell{s}, its heading has {heading}");
    if found > heading {
        format!("{what}; a bar within a cell is written `\\|`")
    } else if row.ends_with('|') {
        what
    } else {
        format!("{what}; text after the last bar isn't a cell")
    }
}

pub fn language(code: &str) -> String {
    let near = dialect::codes_like(code);
    if near.is_empty() {
        format!("the language `{code}` isn't known: write its code, such as de, en, es, fr or ja")
    } else {
        let near = list(near.into_iter());
        format!("the language `{code}` isn't known: similar ones are {near}")
    }
}

/// `a, b or c`
fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}

/// The line in backticks, a long one only with its beginning.
fn shown(line: &str) -> String {
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("`{}…`", &line[..at]),
        None => format!("`{line}`"),
    }
}
