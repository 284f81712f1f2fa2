//! One step: its function found, run within its time, and its failure put into words.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use cucumber::{event::StepError, step};
use futures::FutureExt as _;
use gherkin::Step;
use regex::{CaptureLocations, Regex};
use tokio_util::sync::CancellationToken;

use crate::{
    process::panics,
    registry::{Arguments, StepDefinition, registry},
    runner::catalogue,
    world::World,
};

/// A step's function and its arguments.
pub struct Found {
    definition: &'static StepDefinition,
    arguments: Arguments,
}

/// The one function that matches; none and several are errors.
pub fn find(step: &Step) -> Result<Found, Broken> {
    let mut matching = registry()
        .map_err(|failure| Broken::before(said(failure.to_string())))?
        .matching(&step.value);
    match (matching.pop(), matching.is_empty()) {
        (None, _) => Err(Broken::before(undefined(step))),
        (Some((definition, _)), true) if !definition.takes_step && has_argument(step) => {
            Err(Broken::before(said(SURPLUS.to_owned())))
        }
        (Some((definition, arguments)), true) => Ok(Found {
            definition,
            arguments,
        }),
        (Some(last), false) => {
            matching.push(last);
            Err(Broken::before(ambiguous(&matching)))
        }
    }
}

const SURPLUS: &str =
    "this step takes neither a table nor a docstring, but one is written below it";

fn has_argument(step: &Step) -> bool {
    step.table.is_some() || step.docstring.is_some()
}

/// What a step that is done leaves for the report.
pub type Done = Option<step::Location>;

/// Why a step isn't done.
pub struct Broken {
    pub location: Option<step::Location>,
    pub error: StepError,
    /// It was given up in the middle.
    pub abandoned: bool,
}

impl Found {
    /// Its words, as they were registered.
    pub fn expression(&self) -> &'static str {
        self.definition.expression
    }

    /// Where the function is.
    pub fn location(&self) -> step::Location {
        step::Location {
            path: self.definition.file,
            line: self.definition.line,
            column: 1,
        }
    }

    /// Runs it, for so long at most unless it has a longer limit of its own, and not after an interruption.
    pub async fn run(
        self,
        world: &mut World,
        step: &Step,
        limit: Duration,
        interrupted: &CancellationToken,
    ) -> Result<Done, Broken> {
        let location = self.location();
        let limit = self.definition.limit(limit);
        let run = (self.definition.run)(world, step, self.arguments);
        let done = AssertUnwindSafe(Watched(run)).catch_unwind();
        let (error, abandoned) = tokio::select! {
            done = tokio::time::timeout(limit, done) => match done {
                Ok(Ok(Ok(()))) => return Ok(Some(location)),
                Ok(Ok(Err(failure))) => (said(failure.to_string()), false),
                Ok(Err(panic)) => (panicked(panic.as_ref()), false),
                Err(_) => (said(format!("the step took longer than {limit:?} (--step-timeout)")), true),
            },
            () = interrupted.cancelled() => (said("interrupted".to_owned()), true),
        };
        Err(Broken {
            location: Some(location),
            error,
            abandoned,
        })
    }
}

impl Broken {
    fn before(error: StepError) -> Self {
        Self {
            location: None,
            error,
            abandoned: false,
        }
    }
}

/// Nothing was captured: the report shows the sentence, not its parts.
pub fn no_captures() -> CaptureLocations {
    Regex::new("")
        .expect("the empty expression")
        .capture_locations()
}

/// Marks the thread while a step's future is polled, so that the panic hook knows whose panic it is.
struct Watched<F>(F);

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<F::Output> {
        panics::in_step(|| self.0.poll_unpin(context))
    }
}

fn said(message: String) -> StepError {
    StepError::Panic(Arc::new(message))
}

/// A panic of a step function, and where it was.
fn panicked(panic: &(dyn Any + Send)) -> StepError {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("something that is no text");
    let place = panics::take_step_panic();
    said(format!("the step panicked: {text}\n(at {place})"))
}

/// Several functions match: each with its place.
fn ambiguous(matching: &[(&'static StepDefinition, Arguments)]) -> StepError {
    let mut text = String::from("several steps have these words");
    for (definition, _) in matching {
        text.push_str(&format!(
            "\n  {}   ({}:{})",
            definition.expression, definition.file, definition.line
        ));
    }
    said(text)
}

/// What is missing, what comes near, and what to write.
fn undefined(step: &Step) -> StepError {
    let mut text = String::from("no step has these words");
    for known in catalogue::nearest(&step.value) {
        text.push_str(&format!(
            "\n  near: {}   ({}:{})",
            known.expression, known.file, known.line
        ));
    }
    text.push_str("\n  to add it:\n");
    for line in catalogue::snippet(step).lines() {
        text.push_str(&format!("    {line}\n"));
    }
    said(text.trim_end().to_owned())
}
