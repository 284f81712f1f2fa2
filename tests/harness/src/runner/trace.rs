//! Records an attempt while it runs.

use std::time::{Duration, Instant, SystemTime};

use gherkin::Step;

use crate::{
    failure::Kind,
    report::{
        self,
        record::{self, Attempt, Case, Hook, Status, What},
    },
    runner::catalogue,
    world::{Attachment, World},
};

/// The steps and hooks of an attempt so far.
pub struct Trace {
    started: SystemTime,
    clock: Instant,
    steps: Vec<record::Step>,
}

/// The start of a step or hook.
pub struct Begun {
    started: SystemTime,
    clock: Instant,
    exchanges: usize,
}

impl Begun {
    pub fn now(world: Option<&World>) -> Self {
        Self {
            started: SystemTime::now(),
            clock: Instant::now(),
            exchanges: world.map_or(0, |world| world.client.exchanges().len()),
        }
    }

    /// The record of what ended now.
    pub fn ended(
        &self,
        what: What,
        status: Status,
        message: &str,
        world: Option<&mut World>,
    ) -> record::Step {
        let attachments = world.map_or_else(Vec::new, |world| attached(world, self, status));
        record::Step {
            what,
            status,
            message: message.to_owned(),
            started: self.started,
            took: self.clock.elapsed(),
            attachments,
        }
    }
}

impl Trace {
    pub fn new() -> Self {
        Self {
            started: SystemTime::now(),
            clock: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// The attempt's time begins when its slot is ready: the start of a slot isn't work of its first scenario.
    pub fn slot_is_ready(&mut self) {
        self.started = SystemTime::now();
        self.clock = Instant::now();
    }

    /// The worst status so far.
    pub fn status(&self) -> Status {
        let all = self.steps.iter().map(|step| step.status);
        all.max().unwrap_or(Status::Passed)
    }

    pub fn ended(
        &mut self,
        begun: &Begun,
        what: What,
        status: Status,
        message: &str,
        world: Option<&mut World>,
    ) {
        self.steps.push(begun.ended(what, status, message, world));
    }

    pub fn left_out(&mut self, what: What, status: Status, message: &str) {
        self.steps.push(record::Step {
            what,
            status,
            message: message.to_owned(),
            started: SystemTime::now(),
            took: Duration::ZERO,
            attachments: Vec::new(),
        });
    }

    /// The slot couldn't be prepared or reset.
    pub fn slot_failed(&mut self, begun: &Begun, before: bool, message: &str) {
        let what = What::Hook(Hook::of_the_slot(before));
        self.ended(begun, what, Status::Failed, message, None);
    }

    pub fn attempt(self, case: Case, number: usize, slot: usize, will_be_retried: bool) -> Attempt {
        Attempt {
            case,
            number,
            slot,
            started: self.started,
            took: self.clock.elapsed(),
            steps: self.steps,
            will_be_retried,
        }
    }
}

/// What the step attached, its exchanges, and the explanation of its failure.
fn attached(world: &mut World, begun: &Begun, status: Status) -> Vec<Attachment> {
    let count = world.client.exchanges().len();
    let mut all = report::exchanges_since(world, begun.exchanges, status);
    if status.is_failure() && count == begun.exchanges && count > 0 {
        all = report::exchanges_since(world, count - 1, status);
    }
    all.extend(world.take_attachments());
    all
}

/// A step's data for reports: the definitions that match it, or a snippet if none does.
pub fn what(step: &Step, index: usize) -> What {
    let matches = report::messages::matches(&step.value);
    What::Step {
        index,
        keyword: step.keyword.clone(),
        text: step.value.clone(),
        line: step.position.line,
        argument: report::argument_text(step),
        snippet: matches.is_empty().then(|| catalogue::snippet(step).rust),
        matches,
    }
}

/// The status of a step after the one that decided the scenario. It may be undefined or ambiguous itself.
pub fn status_of_rest(decided: Status, what: &What) -> Status {
    let What::Step { matches, .. } = what else {
        return Status::Skipped;
    };
    match matches.len() {
        0 if decided.is_failure() => Status::Undefined,
        2.. if decided.is_failure() => Status::Ambiguous,
        _ => Status::Skipped,
    }
}

pub fn status_of(kind: Kind) -> Status {
    match kind {
        Kind::Failed => Status::Failed,
        Kind::Pending => Status::Pending,
        Kind::Skipped => Status::Skipped,
    }
}
