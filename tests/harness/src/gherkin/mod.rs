//! Feature files: read as the Gherkin project defines them, chosen and ordered, before the runner sees them.
//!
//! | | |
//! |---|---|
//! | [`scanner`] | what one line can be |
//! | [`dialect`] | the keywords of each language |
//! | [`parser`] | which line may follow which |
//! | [`builder`] | the feature that the lines make, and what the crate's [`Feature`] has no field for |
//! | [`refusal`] | what is said about a line that may not stand where it stands |
//! | [`outline`] | a scenario for every row of examples |
//! | [`tags`] | those that mean something to the harness |
//! | [`tag_expression`] | which tags are meant |
//! | [`selection`], [`lines`] | which scenarios are asked for |
//!
//! The crate `gherkin` gives the types, which cucumber's events carry. Its parsers refuse or misread much that is right,
//! so these are ours; `scripts/compare-gherkin` holds them against the official ones.

mod builder;
mod dialect;
mod lines;
mod outline;
mod parser;
mod refusal;
mod scanner;
mod selection;
mod tag_expression;
mod tags;

use std::fmt;

use gherkin::Feature;

pub use builder::{Details, StepDetails};
pub use dialect::KeywordType;
use lines::Lines;
pub use outline::{expand, fill};
pub use parser::parse;
pub use selection::{Chosen, Filter, Selection, stream};
pub use tag_expression::TagExpression;
pub use tags::Retry;

/// A file that was read; one of comments only, or an empty one, has no feature.
#[derive(Debug)]
pub struct Document {
    pub feature: Option<Feature>,
    pub details: Details,
    /// `en`, or what `# language:` says.
    pub language: &'static str,
}

/// Where a file isn't Gherkin, why, and what would be right.
#[derive(Debug)]
pub struct Mistake {
    pub line: usize,
    /// In characters, from 1; none at the file's end.
    pub column: Option<usize>,
    pub what: String,
}

impl Mistake {
    fn at(line: usize, column: usize, what: String) -> Self {
        let column = Some(column);
        Self { line, column, what }
    }
}

/// `9:5: this row has 3 cells, its heading has 2`
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        if let Some(column) = self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " {}", self.what)
    }
}
