//! The keywords of every language that Gherkin supports.

/// One line per language: code, keywords (headings as in [`Title`], then given, when, then, and, but), name.
const TABLE: &str = include_str!("dialects.tsv");

/// The headings of a file, written as `Keyword: name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Title {
    Feature,
    Background,
    Rule,
    Scenario,
    Examples,
}

/// What a step's keyword says about the step, by the names of Cucumber Messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum KeywordType {
    Context,
    Action,
    Outcome,
    Conjunction,
    /// `*`, and words that a language uses for several keywords.
    Unknown,
}

pub struct Dialect {
    pub code: &'static str,
    /// The language's name in English.
    pub name: &'static str,
    titles: Vec<(Title, &'static str)>,
    /// Longest first, because a keyword may start with another one.
    steps: Vec<(&'static str, KeywordType)>,
}

impl Dialect {
    pub fn of(code: &str) -> Option<Self> {
        let (code, line) = rows().find(|(known, _)| *known == code)?;
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or_default().split('|');
        let mut titles = Vec::new();
        for title in [
            Title::Feature,
            Title::Background,
            Title::Rule,
            Title::Scenario,
            Title::Scenario,
            Title::Examples,
        ] {
            titles.extend(column().map(|keyword| (title, keyword)));
        }
        let mut steps: Vec<(&str, KeywordType)> = Vec::new();
        for kind in [
            KeywordType::Context,
            KeywordType::Action,
            KeywordType::Outcome,
            KeywordType::Conjunction,
            KeywordType::Conjunction,
        ] {
            for keyword in column() {
                match steps.iter_mut().find(|(known, _)| *known == keyword) {
                    Some((_, known)) => *known = KeywordType::Unknown,
                    None => steps.push((keyword, kind)),
                }
            }
        }
        steps.sort_by_key(|(keyword, _)| std::cmp::Reverse(keyword.len()));
        let name = column().next().unwrap_or_default();
        Some(Self {
            code,
            name,
            titles,
            steps,
        })
    }

    /// The keyword and the name after its colon.
    pub fn title<'a>(&self, line: &'a str, wanted: Title) -> Option<(&'static str, &'a str)> {
        self.titles.iter().find_map(|(title, keyword)| {
            let name = line.strip_prefix(keyword)?.strip_prefix(':')?;
            (*title == wanted).then(|| (*keyword, name.trim()))
        })
    }

    /// The keyword with its blank, its meaning, and the sentence after it.
    pub fn step<'a>(&self, line: &'a str) -> Option<(&'static str, KeywordType, &'a str)> {
        self.steps.iter().find_map(|(keyword, kind)| {
            let text = line.strip_prefix(keyword)?;
            Some((*keyword, *kind, text.trim()))
        })
    }

    /// The usual keyword of a heading.
    pub fn keyword(&self, wanted: Title) -> &'static str {
        let mut titles = self.titles.iter().filter(|(title, _)| *title == wanted);
        titles.next().map_or("", |(_, keyword)| *keyword)
    }

    /// Keywords of steps, without blanks.
    pub fn step_keywords(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().map(|(keyword, _)| keyword.trim_end())
    }
}

/// The code and name of the language in which this line is a feature's heading.
pub fn language_of(line: &str) -> Option<(&'static str, &'static str)> {
    rows().find_map(|(code, _)| {
        let dialect = Dialect::of(code)?;
        dialect.title(line, Title::Feature)?;
        Some((code, dialect.name))
    })
}

/// Codes with the same start: `fr` for `fr-FR`.
pub fn codes_like(code: &str) -> Vec<&'static str> {
    let start: String = code.to_lowercase().chars().take(2).collect();
    let all = rows().map(|(code, _)| code);
    all.filter(|known| known.starts_with(&start)).collect()
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}
