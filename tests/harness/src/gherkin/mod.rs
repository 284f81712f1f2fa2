//! Feature files: parsed as the Gherkin project defines, then selected and ordered for the runner.
//!
//! | | |
//! |---|---|
//! | [`scanner`] | what one line can be |
//! | [`dialect`] | the keywords of each language |
//! | [`parser`], [`state`] | which line may follow which |
//! | [`builder`] | builds the feature, and what the crate's [`Feature`] has no field for |
//! | [`refusal`] | error messages for unexpected lines |
//! | [`outline`] | a scenario for every row of examples |
//! | [`tags`] | tags with a meaning for the harness |
//! | [`tag_expression`] | selects scenarios by their tags |
//! | [`filter`], [`selection`], [`lines`] | which scenarios run |
//! | [`order`] | random, or reversed |
//! | [`shard`] | parts of a run for several machines |
//! | [`walk`] | the scenarios of a feature, and what they inherit |
//! | [`described`] | steps that are taken for a description |
//! | [`words`] | scenarios tagged `@word`: steps made of steps |
//!
//! The crate `gherkin` provides the types, which cucumber's events use. Its parsers refuse or misread valid input, so
//! these are our own. `scripts/compare-gherkin` compares them with the official ones.

mod builder;
mod described;
mod dialect;
mod files;
mod filter;
mod lines;
mod order;
mod outline;
mod parser;
mod refusal;
mod scanner;
mod selection;
pub mod shard;
mod state;
mod tag_expression;
mod tags;
mod walk;
mod words;

use std::fmt;

use gherkin::Feature;

pub use builder::{Details, StepDetails};
pub use described::{misspelled_in_words, misspelled_steps};
pub use dialect::KeywordType;
pub use files::all_in_folder;
pub use filter::Filter;
use lines::Lines;
pub use order::{Order, stream};
pub use outline::{expand, fill};
pub use parser::parse;
pub use selection::{Chosen, Selection};
pub use tag_expression::TagExpression;
pub use tags::Retry;
pub use walk::{background, scenarios, tags as inherited_tags};
pub use words::{WordScenario, is_in_folder as is_word_file};

/// A parsed file. A file that is empty or has only comments has no feature.
#[derive(Debug)]
pub struct Document {
    pub feature: Option<Feature>,
    pub details: Details,
    /// `en`, or the code after `# language:`.
    pub language: &'static str,
}

/// Where a file isn't valid Gherkin, why, and what would be valid.
#[derive(Debug)]
pub struct Mistake {
    pub line: usize,
    /// In characters, starting at 1; `None` at the file's end.
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
