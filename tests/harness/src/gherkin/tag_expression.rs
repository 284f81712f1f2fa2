//! Tag expressions, such as `@smoke and not (@slow or @wip)`. `scripts/compare-gherkin` compares this parser with the
//! official one.

use std::str::FromStr;

/// Selects scenarios by their tags. An empty expression selects all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagExpression(Option<Node>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// Without its `@`, as in the `gherkin` crate.
    Tag(String),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Not,
    And,
    Or,
    Word(String),
}

impl TagExpression {
    /// Whether a scenario with these tags is selected. The tags have no `@`.
    pub fn matches(&self, tags: &[impl AsRef<str>]) -> bool {
        self.0.as_ref().is_none_or(|node| node.matches(tags))
    }
}

impl Node {
    fn matches(&self, tags: &[impl AsRef<str>]) -> bool {
        match self {
            Self::Tag(name) => tags.iter().any(|tag| tag.as_ref() == name),
            Self::Not(node) => !node.matches(tags),
            Self::And(one, other) => one.matches(tags) && other.matches(tags),
            Self::Or(one, other) => one.matches(tags) || other.matches(tags),
        }
    }
}

impl FromStr for TagExpression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        if tokens.is_empty() {
            return Ok(Self(None));
        }
        let mut parser = Parser {
            tokens: tokens.into_iter().peekable(),
        };
        let node = parser.either()?;
        match parser.tokens.next() {
            None => Ok(Self(Some(node))),
            Some((Token::Close, at)) => Err(format!("character {at}: this `)` has no `(`")),
            Some((_, at)) => Err(format!(
                "character {at}: `and` or `or` is missing before this"
            )),
        }
    }
}

/// The words and parentheses of an expression, each with the position of its first character, starting at 1.
fn tokens(text: &str) -> Result<Vec<(Token, usize)>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().zip(1..).peekable();
    while let Some((c, at)) = rest.next() {
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            first => {
                let mut word = String::new();
                let mut is_escaped = false;
                let mut next = Some((first, at));
                while let Some((c, at)) = next {
                    if c == '\\' {
                        is_escaped = true;
                        match rest.next() {
                            Some((c, _)) if "()\\".contains(c) || c.is_whitespace() => word.push(c),
                            _ => {
                                return Err(format!(
                                    "character {at}: a backslash must come before a blank, a parenthesis or a backslash"
                                ));
                            }
                        }
                    } else {
                        word.push(c);
                    }
                    next = rest.next_if(|(c, _)| !c.is_whitespace() && !"()".contains(*c));
                }
                named(word, is_escaped, at)?
            }
        };
        tokens.push((token, at));
    }
    Ok(tokens)
}

fn named(word: String, is_escaped: bool, at: usize) -> Result<Token, String> {
    match word.as_str() {
        "not" if !is_escaped => Ok(Token::Not),
        "and" if !is_escaped => Ok(Token::And),
        "or" if !is_escaped => Ok(Token::Or),
        _ => match word.strip_prefix('@') {
            Some(name) => Ok(Token::Word(name.to_owned())),
            // No scenario has such a tag, so `not smoke` would select everything.
            None => Err(format!(
                "character {at}: a tag begins with @: write @{word}"
            )),
        },
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<(Token, usize)>>,
}

impl Parser {
    fn has(&mut self, wanted: &Token) -> bool {
        self.tokens.next_if(|(token, _)| token == wanted).is_some()
    }

    fn either(&mut self) -> Result<Node, String> {
        let mut node = self.both()?;
        while self.has(&Token::Or) {
            node = Node::Or(Box::new(node), Box::new(self.both()?));
        }
        Ok(node)
    }

    fn both(&mut self) -> Result<Node, String> {
        let mut node = self.one()?;
        while self.has(&Token::And) {
            node = Node::And(Box::new(node), Box::new(self.one()?));
        }
        Ok(node)
    }

    fn one(&mut self) -> Result<Node, String> {
        match self.tokens.next() {
            Some((Token::Not, _)) => Ok(Node::Not(Box::new(self.one()?))),
            Some((Token::Word(name), _)) => Ok(Node::Tag(name)),
            Some((Token::Open, at)) => {
                let node = self.either()?;
                if self.has(&Token::Close) {
                    return Ok(node);
                }
                Err(match self.tokens.next() {
                    None => format!("character {at}: this `(` is never closed"),
                    Some((_, at)) => {
                        format!("character {at}: `and` or `or` is missing before this")
                    }
                })
            }
            Some((_, at)) => Err(format!("character {at}: a tag is missing before this")),
            None => Err("a tag is missing at the end".to_owned()),
        }
    }
}
