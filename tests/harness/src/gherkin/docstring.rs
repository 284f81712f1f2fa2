//! Docstrings as standard Gherkin has them.
//!
//! The parser ends a docstring at any `"""`, within a line too, cuts by the least indented line instead of the
//! fence's column, knows no escapes and no media type, and takes a table after a docstring. So a file's text is
//! rewritten before it is parsed, line by line and keeping every line's number, into a form that it can't misread;
//! [`decode`] gives back what was written.

/// Stands before each line of a docstring; in none by itself, being of Unicode's private use area.
const LINE: char = '\u{e000}';
const QUOTES: &str = "\u{e001}";
const BACKTICKS: &str = "\u{e002}";

const TOGETHER: &str = "a step takes one docstring or one table, and this is a second one";
const OPEN: &str =
    "the docstring that begins here has no end: close it with a line of the same three signs";

/// The text for the parser, or the line (from 1) and what is wrong there.
pub fn encode(text: &str) -> Result<String, (usize, &'static str)> {
    let mut encoded = String::with_capacity(text.len());
    // Where the docstring that is open began, and its fence.
    let mut open: Option<(usize, usize, &str)> = None;
    // Whether the line before, blank ones aside, ended an argument of a step, and which kind.
    let mut argument = Argument::None;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        match open {
            Some((_, _, fence)) if trimmed == fence => {
                open = None;
                argument = Argument::Docstring;
                encoded.push_str(line);
            }
            Some((_, indentation, fence)) => encode_line(&mut encoded, line, indentation, fence),
            None => {
                let fence = ["\"\"\"", "```"]
                    .into_iter()
                    .find(|fence| trimmed.starts_with(fence));
                if let Some(fence) = fence {
                    if !matches!(argument, Argument::None) {
                        return Err((number + 1, TOGETHER));
                    }
                    open = Some((number + 1, line.len() - line.trim_start().len(), fence));
                } else if trimmed.starts_with('|') {
                    if matches!(argument, Argument::Docstring) {
                        return Err((number + 1, TOGETHER));
                    }
                    argument = Argument::Table;
                } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
                    argument = Argument::None;
                }
                encoded.push_str(line);
            }
        }
        encoded.push('\n');
    }
    match open {
        Some((number, _, _)) => Err((number, OPEN)),
        None => Ok(encoded),
    }
}

enum Argument {
    None,
    Docstring,
    Table,
}

/// The fence's column is where the text begins; a line that begins before it loses nothing but its blanks.
fn encode_line(encoded: &mut String, line: &str, indentation: usize, fence: &str) {
    let blanks = line.len() - line.trim_start().len();
    let content = &line[blanks.min(indentation)..];
    let escaped: String = fence.chars().flat_map(|sign| ['\\', sign]).collect();
    let content = content
        .replace(&escaped, fence)
        .replace("\"\"\"", QUOTES)
        .replace("```", BACKTICKS);
    encoded.push_str(&" ".repeat(indentation));
    encoded.push(LINE);
    encoded.push_str(&content);
}

/// What stands between the fences, without the newline at each end and without a media type.
pub fn decode(docstring: &str) -> String {
    let lines: Vec<&str> = docstring
        .split('\n')
        .filter_map(|line| line.split_once(LINE))
        .map(|(_, content)| content)
        .collect();
    lines
        .join("\n")
        .replace(QUOTES, "\"\"\"")
        .replace(BACKTICKS, "```")
}
