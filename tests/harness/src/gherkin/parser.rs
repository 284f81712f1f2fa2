//! The grammar as a state machine over lines: which line may follow which.

use super::{
    Document, Mistake,
    builder::Builder,
    dialect::{Dialect, Title},
    refusal,
    scanner::{self, Kind, Line, Token},
    state::{State, Step},
};

/// In the order in which they are tried. The order matters if a language has the same keyword for two kinds.
const KINDS: [Kind; 13] = [
    Kind::Language,
    Kind::Row,
    Kind::Fence,
    Kind::Title(Title::Background),
    Kind::Step,
    Kind::Tags,
    Kind::Title(Title::Examples),
    Kind::Title(Title::Scenario),
    Kind::Title(Title::Rule),
    Kind::Title(Title::Feature),
    Kind::Comment,
    Kind::Empty,
    Kind::Text,
];

impl State {
    fn expects(self, kind: Kind) -> bool {
        match self {
            Self::Start if kind == Kind::Language => true,
            Self::Start | Self::Language => Self::Tags(Title::Feature).expects(kind),
            Self::Tags(title) => {
                kind == Kind::Title(title)
                    || matches!(kind, Kind::Tags | Kind::Comment | Kind::Empty)
            }
            Self::Docstring(..) => matches!(kind, Kind::Fence | Kind::Text),
            Self::Below(title) => match kind {
                Kind::Row => title == Title::Examples,
                Kind::Step => matches!(title, Title::Background | Title::Scenario),
                Kind::Title(Title::Background) => matches!(title, Title::Feature | Title::Rule),
                Kind::Title(Title::Examples) => matches!(title, Title::Scenario | Title::Examples),
                Kind::Text => true,
                kind => kind.is_always_expected(),
            },
            Self::Rows => match kind {
                Kind::Row | Kind::Title(Title::Examples) => true,
                kind => kind.is_always_expected(),
            },
            Self::Step(step) => match kind {
                Kind::Row => step.row,
                Kind::Fence => step.fence,
                Kind::Title(Title::Examples) => step.examples,
                Kind::Step => true,
                kind => kind.is_always_expected(),
            },
        }
    }

    fn may_end(self) -> bool {
        !matches!(self, Self::Language | Self::Tags(_) | Self::Docstring(..))
    }
}

impl Kind {
    /// Whether it is expected anywhere after the feature's heading, except in docstrings and after tags.
    fn is_always_expected(self) -> bool {
        matches!(
            self,
            Self::Tags | Self::Title(Title::Scenario | Title::Rule) | Self::Comment | Self::Empty
        )
    }
}

struct Parser<'a> {
    lines: Vec<Line<'a>>,
    dialect: Dialect,
    state: State,
    built: Builder,
    /// The lines of the open docstring, and its position.
    docstring: Vec<String>,
    docstring_line: usize,
    mistakes: Vec<Mistake>,
    /// No line was accepted since the last mistake, so further mistakes are consequences of it.
    refusing: bool,
}

/// Parses a file, or returns every mistake in it.
pub fn parse(file: &[u8]) -> Result<Document, Vec<Mistake>> {
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => return Err(vec![refusal::no_utf8(&file[..error.valid_up_to()])]),
    };
    let mut parser = Parser {
        lines: scanner::lines(text),
        dialect: Dialect::of("en").expect("English is in the table"),
        state: State::Start,
        built: Builder::default(),
        docstring: Vec::new(),
        docstring_line: 0,
        mistakes: Vec::new(),
        refusing: false,
    };
    for index in 0..parser.lines.len() {
        parser.next(index);
    }
    parser.end()
}

impl<'a> Parser<'a> {
    fn next(&mut self, index: usize) {
        let line = self.lines[index];
        match self.token(&line) {
            Ok(Some(token)) => {
                if !matches!(token, Token::Comment(_) | Token::Empty) {
                    self.refusing = false;
                }
                self.take(token, index);
            }
            Ok(None) => {
                let what = refusal::unexpected(self.state, &line, &self.dialect);
                self.refuse(Mistake::at(line.number, line.column(), what));
            }
            Err(mistake) => self.refuse(mistake),
        }
    }

    fn refuse(&mut self, mistake: Mistake) {
        if !self.refusing {
            self.mistakes.push(mistake);
        }
        self.refusing = true;
    }

    fn token(&self, line: &Line<'a>) -> Result<Option<Token<'a>>, Mistake> {
        for kind in KINDS {
            if !self.state.expects(kind) {
                continue;
            }
            match (line.read(kind, &self.dialect)?, self.state) {
                // The other delimiter is text.
                (Some(Token::Fence(fence, _)), State::Docstring(open, ..)) if fence != open => {}
                (None, _) => {}
                (found, _) => return Ok(found),
            }
        }
        Ok(None)
    }

    fn take(&mut self, token: Token<'a>, index: usize) {
        let line = &self.lines[index];
        match token {
            Token::Language(code) => self.language(code, index),
            Token::Title(title, keyword, name) => {
                self.built.title(title, keyword, name, line);
                self.state = State::Below(title);
            }
            Token::Step(keyword, kind, text) => {
                let examples = match self.state {
                    State::Step(before) => before.examples,
                    state => matches!(state, State::Below(Title::Scenario)),
                };
                self.built.step(keyword, kind, text, line);
                self.state = State::Step(Step {
                    examples,
                    row: true,
                    fence: true,
                });
            }
            Token::Row(cells) => {
                self.mistakes.extend(self.built.row(cells, line));
                if matches!(self.state, State::Below(_)) {
                    self.state = State::Rows;
                }
            }
            Token::Fence(fence, media_type) => self.fence(fence, media_type, index),
            Token::Tags(tags) => {
                self.built.tags(&tags, line);
                if !matches!(self.state, State::Tags(_)) {
                    self.state = State::Tags(self.title_below_tags(index));
                }
            }
            Token::Text => match self.state {
                State::Docstring(fence, indent, _) => {
                    self.docstring.push(line.content(indent, fence));
                }
                _ => self.built.describe(line),
            },
            Token::Empty => self.built.blank(line),
            Token::Comment(text) => self.built.comment(text, line),
        }
    }

    fn language(&mut self, code: &str, index: usize) {
        if let Some(dialect) = Dialect::of(code) {
            self.dialect = dialect;
            self.state = State::Language;
        } else {
            let line = &self.lines[index];
            let what = refusal::language(code);
            self.refuse(Mistake::at(line.number, line.column(), what));
        }
    }

    fn fence(&mut self, fence: &'static str, media_type: &str, index: usize) {
        let line = &self.lines[index];
        match self.state {
            State::Docstring(_, _, step) => {
                self.built
                    .end_docstring(&std::mem::take(&mut self.docstring));
                self.state = State::Step(step);
            }
            State::Step(before) => {
                self.docstring_line = line.number;
                let step = Step {
                    examples: before.examples,
                    row: self.built.docstring(fence, media_type, line),
                    fence: false,
                };
                self.state = State::Docstring(fence, line.indent, step);
            }
            _ => {}
        }
    }

    /// The kind of heading below tags: decided by the next line that isn't tags, a comment or empty.
    fn title_below_tags(&self, index: usize) -> Title {
        if matches!(self.state, State::Start | State::Language) {
            return Title::Feature;
        }
        let next = self.lines[index + 1..]
            .iter()
            .find(|line| !line.trimmed.is_empty() && !line.trimmed.starts_with(['#', '@']));
        [Title::Examples, Title::Scenario]
            .into_iter()
            .filter(|title| self.state.expects(Kind::Title(*title)))
            .find(|title| {
                next.is_some_and(|line| self.dialect.title(line.trimmed, *title).is_some())
            })
            .unwrap_or(Title::Rule)
    }

    fn end(mut self) -> Result<Document, Vec<Mistake>> {
        if !self.state.may_end() {
            let what = match self.state {
                State::Docstring(fence, ..) => refusal::open_docstring(fence, self.docstring_line),
                _ => refusal::nothing_below(self.state, &self.dialect, self.built.tags_line()),
            };
            let line = self.lines.len() + 1;
            self.refuse(Mistake {
                line,
                column: None,
                what,
            });
        }
        if !self.mistakes.is_empty() {
            self.mistakes.sort_by_key(|mistake| mistake.line);
            return Err(self.mistakes);
        }
        let (feature, details) = self.built.finish();
        Ok(Document {
            feature,
            language: self.dialect.code,
            details,
        })
    }
}
