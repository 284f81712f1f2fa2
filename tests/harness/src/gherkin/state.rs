//! The states of the parser: what the lines so far allow below them.

use super::dialect::Title;

#[derive(Clone, Copy)]
pub enum State {
    Start,
    /// After `# language:`.
    Language,
    /// After a heading or a line of its description.
    Below(Title),
    /// After tags above a heading of this kind.
    Tags(Title),
    /// After a step or its table or docstring.
    Step(Step),
    /// Inside a docstring: its delimiter, its indentation, and the step's state after it.
    Docstring(&'static str, usize, Step),
    /// In the table of examples.
    Rows,
}

/// What may follow a step.
#[derive(Clone, Copy)]
pub struct Step {
    /// False for a step of a background.
    pub examples: bool,
    pub row: bool,
    pub fence: bool,
}
