//! One step: its function found, run within its time, and its failure put into words.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, Location},
    sync::Arc,
    time::Duration,
};

use cucumber::{
    codegen::{StepConstructor, WorldInventory, inventory},
    event::StepError,
    step,
};
use futures::FutureExt as _;
use gherkin::{Step, StepType};
use regex::{CaptureLocations, Regex, RegexSet};
use tokio_util::sync::CancellationToken;

use crate::{runner::catalogue, world::World};

thread_local! {
    static IN_STEP: Cell<bool> = const { Cell::new(false) };
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Whether this thread runs a step just now; its panics are the report's business.
pub fn in_step() -> bool {
    IN_STEP.get()
}

/// Where the step that runs just now panicked.
pub fn panicked_at(location: Option<&Location<'_>>) {
    PANICKED_AT.set(location.map(ToString::to_string));
}

/// Every step's function. One pass over a sentence tells which ones fit it: cucumber's own look-up tries each
/// expression by itself, which was a sixth of the suite's time.
pub struct Words {
    given: Index,
    when: Index,
    then: Index,
}

struct Index {
    set: RegexSet,
    steps: Vec<(step::Location, Regex, step::Step<World>)>,
}

/// A step's function and what stands in its gaps.
pub struct Found<'a> {
    function: &'a step::Step<World>,
    captures: CaptureLocations,
    location: step::Location,
    context: step::Context,
}

/// What a step that is done leaves for the report.
pub type Done = (CaptureLocations, Option<step::Location>);

/// Why a step isn't done.
pub struct Broken {
    pub captures: Option<CaptureLocations>,
    pub location: Option<step::Location>,
    pub error: StepError,
    /// It was given up in the middle.
    pub abandoned: bool,
}

impl Words {
    pub fn all() -> Self {
        Self {
            given: Index::new(
                inventory::iter::<<World as WorldInventory>::Given>().map(StepConstructor::inner),
            ),
            when: Index::new(
                inventory::iter::<<World as WorldInventory>::When>().map(StepConstructor::inner),
            ),
            then: Index::new(
                inventory::iter::<<World as WorldInventory>::Then>().map(StepConstructor::inner),
            ),
        }
    }

    /// The one function that fits; none and several are errors.
    pub fn find(&self, step: &Step) -> Result<Found<'_>, Broken> {
        let index = match step.ty {
            StepType::Given => &self.given,
            StepType::When => &self.when,
            StepType::Then => &self.then,
        };
        let fitting: Vec<usize> = index.set.matches(&step.value).into_iter().collect();
        match fitting.as_slice() {
            [] => Err(Broken::before(undefined(step))),
            [one] => index
                .found(*one, step)
                .ok_or_else(|| Broken::before(undefined(step))),
            several => Err(Broken::before(index.ambiguous(several))),
        }
    }
}

impl Index {
    fn new(
        steps: impl Iterator<Item = (step::Location, fn() -> Regex, step::Step<World>)>,
    ) -> Self {
        let steps: Vec<_> = steps
            .map(|(location, regex, function)| (location, regex(), function))
            .collect();
        let set = RegexSet::new(steps.iter().map(|(_, regex, _)| regex.as_str()));
        Self {
            set: set.expect("each of them is a regular expression already"),
            steps,
        }
    }

    fn found(&self, number: usize, step: &Step) -> Option<Found<'_>> {
        let (location, regex, function) = &self.steps[number];
        let mut captures = regex.capture_locations();
        let whole = regex.captures_read(&mut captures, &step.value)?;
        let group = |number| {
            captures
                .get(number)
                .map_or("", |(start, end)| &step.value[start..end])
        };
        let texts = std::iter::once(whole.as_str())
            .chain((1..captures.len()).map(group))
            .map(str::to_owned);
        let names = regex.capture_names().map(|name| name.map(str::to_owned));
        let matches = names.zip(texts).collect();
        Some(Found {
            function,
            location: *location,
            context: step::Context {
                step: step.clone(),
                matches,
            },
            captures,
        })
    }

    fn ambiguous(&self, several: &[usize]) -> StepError {
        let possible = several.iter().map(|number| {
            let (location, regex, _) = &self.steps[*number];
            (regex.clone().into(), Some(*location))
        });
        StepError::AmbiguousMatch(step::AmbiguousMatchError {
            possible_matches: possible.collect(),
        })
    }
}

impl Found<'_> {
    /// What a dry run makes of it.
    pub fn untried(self) -> Done {
        (self.captures, Some(self.location))
    }

    /// Runs it, for so long at most, and not after an interruption.
    pub async fn run(
        self,
        world: &mut World,
        limit: Duration,
        interrupted: &CancellationToken,
    ) -> Result<Done, Broken> {
        let done = AssertUnwindSafe(Watched((self.function)(world, self.context))).catch_unwind();
        let (error, abandoned) = tokio::select! {
            done = tokio::time::timeout(limit, done) => match done {
                Ok(Ok(())) => return Ok((self.captures, Some(self.location))),
                Ok(Err(panic)) => (described(panic.as_ref(), self.location), false),
                Err(_) => (said(format!("the step took longer than {limit:?} (--step-timeout)")), true),
            },
            () = interrupted.cancelled() => (said("interrupted".to_owned()), true),
        };
        Err(Broken {
            captures: Some(self.captures),
            location: Some(self.location),
            error,
            abandoned,
        })
    }
}

impl Broken {
    fn before(error: StepError) -> Self {
        Self {
            captures: None,
            location: None,
            error,
            abandoned: false,
        }
    }
}

/// Marks the thread while a step's future is polled, so that the panic hook knows whose panic it is.
struct Watched<F>(F);

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<F::Output> {
        IN_STEP.set(true);
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| self.0.poll_unpin(context)));
        IN_STEP.set(false);
        match polled {
            Ok(polled) => polled,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn said(message: String) -> StepError {
    StepError::Panic(Arc::new(message))
}

/// A failure of a step is a panic with its text, where the step is; any other one also says where it was.
fn described(panic: &(dyn Any + Send), step: step::Location) -> StepError {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked with something that is no text".to_owned());
    match PANICKED_AT.take() {
        Some(place) if !place.starts_with(step.path) => {
            said(format!("{text}\n(a panic at {place})"))
        }
        _ => said(text),
    }
}

/// What is missing, what comes near, and what to write.
fn undefined(step: &Step) -> StepError {
    let mut text = String::from("no step has these words");
    for known in catalogue::nearest(&step.value) {
        text.push_str(&format!(
            "\n  near: {}   ({}:{})",
            known.expression,
            catalogue::tidy(known.path),
            known.line
        ));
    }
    text.push_str("\n  to add it:\n");
    for line in catalogue::snippet(step).lines() {
        text.push_str(&format!("    {line}\n"));
    }
    said(text.trim_end().to_owned())
}
