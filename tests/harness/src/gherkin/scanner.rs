//! Reads one line as one of the kinds that Gherkin has.

use super::{
    Mistake,
    dialect::{Dialect, KeywordType, Title},
};

/// A line of a file, without its line ending.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: usize,
    /// The position of its start in the file, in bytes.
    pub start: usize,
    pub text: &'a str,
    /// Without blanks at the start and the end.
    pub trimmed: &'a str,
    /// The number of blanks before the text.
    pub indent: usize,
}

/// A kind of line that the parser may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Language,
    Row,
    Fence,
    Step,
    Tags,
    Title(Title),
    Comment,
    Empty,
    Text,
}

/// A line of a feature file, by its kind.
pub enum Token<'a> {
    Language(&'a str),
    /// Each cell with its column.
    Row(Vec<(usize, String)>),
    /// The delimiter, and the text after it.
    Fence(&'static str, &'a str),
    Step(&'static str, KeywordType, &'a str),
    /// Each tag with its column.
    Tags(Vec<(usize, &'a str)>),
    Title(Title, &'static str, &'a str),
    /// The whole line.
    Comment(&'a str),
    Empty,
    Text,
}

const FENCES: [&str; 2] = ["\"\"\"", "```"];

/// The lines of a file, with any kind of line ending.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for whole in text.split_inclusive('\n') {
        let text = whole.trim_end_matches(['\r', '\n']);
        let after_indent = text.trim_start();
        lines.push(Line {
            number: lines.len() + 1,
            start,
            text,
            trimmed: after_indent.trim_end(),
            indent: characters(&text[..text.len() - after_indent.len()]),
        });
        start += whole.len();
    }
    lines
}

impl<'a> Line<'a> {
    /// The column of its text, starting at 1.
    pub fn column(&self) -> usize {
        self.indent + 1
    }

    /// Reads the line as this kind, if possible. A line of tags may be recognised and still be invalid.
    pub fn read(&self, kind: Kind, dialect: &Dialect) -> Result<Option<Token<'a>>, Mistake> {
        let line = self.trimmed;
        Ok(match kind {
            Kind::Language => language(line).map(Token::Language),
            Kind::Row => line
                .starts_with('|')
                .then(|| Token::Row(cells(line, self.column()))),
            Kind::Fence => {
                let fence = FENCES.into_iter().find(|fence| line.starts_with(fence));
                fence.map(|fence| Token::Fence(fence, line[fence.len()..].trim()))
            }
            Kind::Step => {
                // The blank of a keyword may be the last character of the line.
                let step = dialect.step(self.text.trim_start());
                step.map(|(keyword, kind, text)| Token::Step(keyword, kind, text))
            }
            Kind::Tags if line.starts_with('@') => Some(Token::Tags(self.tags()?)),
            Kind::Tags => None,
            Kind::Title(title) => {
                let found = dialect.title(line, title);
                found.map(|(keyword, name)| Token::Title(title, keyword, name))
            }
            Kind::Comment => line.starts_with('#').then_some(Token::Comment(self.text)),
            Kind::Empty => line.is_empty().then_some(Token::Empty),
            Kind::Text => Some(Token::Text),
        })
    }

    /// The names after each `@`, up to a comment.
    fn tags(&self) -> Result<Vec<(usize, &'a str)>, Mistake> {
        let mut comment = self.trimmed.match_indices('#').map(|(at, _)| at);
        let end = comment.find(|at| self.trimmed[..*at].ends_with(char::is_whitespace));
        let line = &self.trimmed[..end.unwrap_or(self.trimmed.len())];
        let mut column = self.column();
        let mut tags = Vec::new();
        for part in line.split('@').skip(1) {
            let tag = part.trim();
            if tag.contains(char::is_whitespace) {
                let what = format!(
                    "the tag `@{tag}` has a blank in it: write `@{}`, or start each tag with its own @",
                    tag.split_whitespace().collect::<Vec<_>>().join("-")
                );
                return Err(Mistake::at(self.number, column, what));
            }
            tags.push((column, tag));
            column += characters(part) + 1;
        }
        Ok(tags)
    }

    /// A line of a docstring without the docstring's indentation. A line that is indented less only loses its blanks.
    pub fn content(&self, indent: usize, fence: &str) -> String {
        let text = match self.text.char_indices().nth(indent) {
            Some((at, _)) if indent <= self.indent => &self.text[at..],
            _ => self.text.trim_start(),
        };
        let escaped: String = fence.chars().flat_map(|sign| ['\\', sign]).collect();
        text.replace(&escaped, fence)
    }
}

/// `# language: fr`
fn language(line: &str) -> Option<&str> {
    let code = line.strip_prefix('#')?.trim_start();
    let code = code.strip_prefix("language")?.trim_start();
    let code = code.strip_prefix(':')?.trim_start();
    let known = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    (!code.is_empty() && code.chars().all(known)).then_some(code)
}

/// The cells between the bars. Text after the last bar isn't a cell.
fn cells(line: &str, column: usize) -> Vec<(usize, String)> {
    let mut cells = Vec::new();
    let mut start = 1;
    for (bar, _) in line.match_indices('|').skip(1) {
        let cell = &line[start..bar];
        let backslashes = cell.len() - cell.trim_end_matches('\\').len();
        // After an odd number of backslashes, the bar belongs to the cell.
        if backslashes.is_multiple_of(2) {
            let blanks = cell.len() - cell.trim_start().len();
            let before = characters(&line[..start + blanks]);
            cells.push((column + before, unescaped(cell.trim())));
            start = bar + 1;
        }
    }
    cells
}

fn unescaped(cell: &str) -> String {
    if !cell.contains('\\') {
        return cell.to_owned();
    }
    let mut text = String::with_capacity(cell.len());
    let mut signs = cell.chars();
    while let Some(sign) = signs.next() {
        match (sign, signs.as_str().chars().next()) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some(escaped @ ('|' | '\\'))) => text.push(escaped),
            _ => {
                text.push(sign);
                continue;
            }
        }
        signs.next();
    }
    text
}

pub fn characters(text: &str) -> usize {
    text.chars().count()
}
