//! One step: finds its function, runs it with a time limit, and formats its failure.

mod word;

use std::sync::{Arc, LazyLock};

use cucumber::{event::StepError, step};
use gherkin::Step;
use regex::{CaptureLocations, Regex};

use crate::{
    registry::{Arguments, Attached, Body, StepDefinition, registry},
    report::{self, record::Status},
    runner::{
        catalogue,
        guarded::{Patience, guarded},
    },
    words::argument,
    world::World,
};

use word::{Callers, Use};

/// A step's function and its arguments.
pub struct Found {
    definition: &'static StepDefinition,
    arguments: Arguments,
}

/// The only function that matches. None or several are errors.
pub fn find(step: &Step) -> Result<Found, Broken> {
    let mut matching = registry()
        .map_err(|failure| Broken::before(Status::Failed, step_error(failure.to_string())))?
        .matching(&step.value);
    match (matching.pop(), matching.is_empty()) {
        (None, _) => Err(Broken::before(Status::Undefined, undefined(step))),
        (Some((definition, _)), true) if !definition.takes_step && has_argument(step) => Err(
            Broken::before(Status::Failed, step_error(SURPLUS.to_owned())),
        ),
        (Some((definition, arguments)), true) => Ok(Found {
            definition,
            arguments,
        }),
        (Some(last), false) => {
            matching.push(last);
            Err(Broken::before(Status::Ambiguous, ambiguous(&matching)))
        }
    }
}

const SURPLUS: &str =
    "this step takes neither a table nor a docstring, but one is written below it";

fn has_argument(step: &Step) -> bool {
    step.table.is_some() || step.docstring.is_some()
}

/// The place of a step that passed, for the report.
pub type Done = Option<step::Location>;

/// Why a step didn't pass.
pub struct Broken {
    pub location: Option<step::Location>,
    pub status: Status,
    pub error: StepError,
    /// The step was stopped in the middle.
    pub abandoned: bool,
}

impl Found {
    /// The registered expression.
    pub fn expression(&self) -> &'static str {
        self.definition.expression
    }

    /// Where the function or the word is defined.
    pub fn location(&self) -> step::Location {
        location(self.definition)
    }

    fn wants_argument(&self) -> bool {
        self.definition.takes_step && self.definition.expression.ends_with(':')
    }

    /// Why the table or the docstring below the step, or that there is none, is a mistake.
    fn wrong_argument(&self, step: &Step) -> Option<String> {
        if !has_argument(step) {
            return self
                .wants_argument()
                .then(|| "this step needs a table or a docstring below it".to_owned());
        }
        let wrong = match self.definition.attached? {
            Attached::Text => argument::docstring(step).err(),
            Attached::Table => argument::table(step).err(),
        };
        wrong.map(|failure| failure.to_string())
    }

    /// Matches the steps of a word, without running anything.
    pub fn check(self, step: &Step, callers: Callers<'_>) -> Result<(), Broken> {
        match &self.definition.body {
            Body::Function(_) => match self.wrong_argument(step) {
                Some(what) => Err(Broken::at(self.definition, what)),
                None => Ok(()),
            },
            Body::Word(word) => {
                let places = word.values(&self.arguments);
                Use::new(self.definition, word, places, step, callers)?.check()
            }
        }
    }

    /// Runs the step, at most for the limit of all steps or its own longer one. Doesn't run after an interruption.
    pub async fn run(
        self,
        world: &mut World,
        step: &Step,
        patience: &Patience<'_>,
        callers: Callers<'_>,
    ) -> Result<Done, Broken> {
        let function = match &self.definition.body {
            Body::Function(function) => *function,
            Body::Word(word) => {
                let places = word.values(&self.arguments);
                let used = Use::new(self.definition, word, places, step, callers)?;
                return Box::pin(used.run(world, patience)).await;
            }
        };
        let location = self.location();
        let patience = Patience {
            limit: self.definition.limit(patience.limit),
            ..*patience
        };
        let run = function(world, step, self.arguments);
        match guarded(run, "step", &patience).await {
            Ok(()) => Ok(Some(location)),
            Err(ended) => Err(Broken {
                location: Some(location),
                status: ended.status,
                error: step_error(ended.message),
                abandoned: ended.abandoned,
            }),
        }
    }
}

pub fn location(definition: &StepDefinition) -> step::Location {
    step::Location {
        path: definition.file,
        line: definition.line,
        column: 1,
    }
}

impl Broken {
    /// For a definition.
    pub fn at(definition: &'static StepDefinition, text: String) -> Self {
        Self {
            location: Some(location(definition)),
            status: Status::Failed,
            error: step_error(text),
            abandoned: false,
        }
    }

    #[must_use]
    pub fn abandoned(mut self, abandoned: bool) -> Self {
        self.abandoned = abandoned;
        self
    }

    /// The message.
    pub fn text(&self) -> String {
        report::message_of(&self.error)
    }

    fn before(status: Status, error: StepError) -> Self {
        Self {
            location: None,
            status,
            error,
            abandoned: false,
        }
    }
}

/// No captures: the report shows the whole sentence.
pub fn no_captures() -> CaptureLocations {
    static EMPTY: LazyLock<Regex> = LazyLock::new(|| Regex::new("").expect("a regular expression"));
    EMPTY.capture_locations()
}

fn step_error(message: String) -> StepError {
    StepError::Panic(Arc::new(message))
}

/// The message for several matching functions, each with its place.
fn ambiguous(matching: &[(&'static StepDefinition, Arguments)]) -> StepError {
    let mut text = String::from("several steps have these words");
    for (definition, _) in matching {
        text.push_str(&format!(
            "\n  {}   ({}:{})",
            definition.expression, definition.file, definition.line
        ));
    }
    step_error(text)
}

/// The message for an undefined step: similar steps, and what to write.
fn undefined(step: &Step) -> StepError {
    let mut text = String::from("no step has these words");
    let near = registry()
        .ok()
        .and_then(|registry| catalogue::near_miss(registry, &step.value));
    if let Some(near) = near {
        text.push_str(&format!("\n  nearly: {near}"));
    }
    for known in catalogue::nearest(&step.value) {
        text.push_str(&format!(
            "\n  near: {}   ({})",
            known.expression,
            known.place()
        ));
    }
    let catalogue::Snippet { rust, word } = catalogue::snippet(step);
    for (title, snippet) in [
        ("to add it in Rust:", rust),
        ("or without Rust, in a file of the folder `words`:", word),
    ] {
        text.push_str(&format!("\n  {title}"));
        for line in snippet.lines() {
            text.push_str(&format!("\n    {line}"));
        }
    }
    step_error(text)
}
