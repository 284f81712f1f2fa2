//! Runs scenarios: in parallel, each alone in its slot; `@serial` ones with no neighbour.
//!
//! cucumber's own runner has no step timeouts and drives everything in one task, so this is another
//! implementation of its `Runner`, which speaks the same events to any writer.

mod attempt;
pub mod catalogue;
pub mod hooks;
mod job;
mod step;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use cucumber::{
    Event, Runner, event,
    event::{Retries, Source},
    parser,
};
use futures::{Stream, StreamExt as _, channel::mpsc};
use gherkin::{Feature, Rule};
use tokio_util::sync::CancellationToken;

use hooks::Hooks;
pub use job::RetryOptions;
use job::{Job, seed_of};

use crate::{
    report::Statistics,
    slot::{Slot, factory::SlotContext},
    world::World,
};

/// How scenarios are run.
#[derive(Clone)]
pub struct Slots {
    /// `None` only matches steps and runs nothing.
    pub context: Option<Arc<SlotContext>>,
    pub slots: usize,
    /// The number of the first slot that is made.
    pub first_slot: usize,
    pub seed: u64,
    pub step_timeout: Duration,
    pub fail_fast: bool,
    pub retry: RetryOptions,
    pub statistics: Rc<RefCell<Statistics>>,
    pub hooks: Hooks,
    /// Ends the run after the step at hand.
    pub interrupted: CancellationToken,
}

type Events = mpsc::UnboundedSender<parser::Result<Event<event::Cucumber<World>>>>;

/// What all workers share.
struct Run {
    slots: Slots,
    events: Events,
    /// Scenarios of each feature and rule that haven't ended.
    left: RefCell<HashMap<Source<Feature>, usize>>,
    left_in_rule: RefCell<HashMap<Source<Rule>, usize>>,
    failed: Cell<bool>,
    /// A proof has found something that a scenario left behind.
    broken: Cell<bool>,
    /// Slots made so far: a slot that was lost is never made again under its number.
    numbers: Cell<usize>,
}

impl Runner<World> for Slots {
    type Cli = cucumber::cli::Empty;
    type EventStream =
        futures::stream::LocalBoxStream<'static, parser::Result<Event<event::Cucumber<World>>>>;

    fn run<S>(self, features: S, _: Self::Cli) -> Self::EventStream
    where
        S: Stream<Item = parser::Result<Feature>> + 'static,
    {
        let (events, stream) = mpsc::unbounded();
        let running = async move {
            run(self, features, events).await;
            None
        };
        let running = futures::stream::once(running).filter_map(futures::future::ready);
        futures::stream::select(running, stream).boxed_local()
    }
}

async fn run(slots: Slots, features: impl Stream<Item = parser::Result<Feature>>, events: Events) {
    let first_slot = slots.first_slot;
    let run = Run {
        slots,
        events,
        left: RefCell::default(),
        left_in_rule: RefCell::default(),
        failed: Cell::new(false),
        broken: Cell::new(false),
        numbers: Cell::new(first_slot),
    };
    run.send(event::Cucumber::Started);
    let jobs = run.jobs(features).await;
    let (serial, parallel): (Vec<_>, Vec<_>) = jobs.into_iter().partition(Job::is_serial);
    run.all(parallel, serial).await;
    run.send(event::Cucumber::Finished);
}

impl Run {
    fn send(&self, event: event::Cucumber<World>) {
        let _ = self.events.unbounded_send(Ok(Event::new(event)));
    }

    async fn jobs(&self, features: impl Stream<Item = parser::Result<Feature>>) -> Vec<Job> {
        let mut features = std::pin::pin!(features);
        let mut jobs = Vec::new();
        let (mut parsed, mut rules, mut steps, mut errors) = (0, 0, 0, 0);
        while let Some(feature) = features.next().await {
            let feature = match feature {
                Ok(feature) => Source::new(feature),
                Err(error) => {
                    errors += 1;
                    let _ = self.events.unbounded_send(Err(error));
                    continue;
                }
            };
            parsed += 1;
            rules += feature.rules.len();
            let alone = feature.scenarios.iter().map(|scenario| (None, scenario));
            let ruled = feature.rules.iter().flat_map(|rule| {
                let source = Source::new(rule.clone());
                rule.scenarios
                    .iter()
                    .map(move |scenario| (Some(source.clone()), scenario))
            });
            let before = jobs.len();
            for (rule, scenario) in alone.chain(ruled) {
                steps += scenario.steps.len();
                if let Some(rule) = &rule {
                    *self
                        .left_in_rule
                        .borrow_mut()
                        .entry(rule.clone())
                        .or_default() += 1;
                }
                jobs.push(Job {
                    seed: self.slots.seed ^ seed_of(&feature, scenario),
                    feature: feature.clone(),
                    rule,
                    scenario: Source::new(scenario.clone()),
                });
            }
            self.left.borrow_mut().insert(feature, jobs.len() - before);
        }
        self.send(event::Cucumber::ParsingFinished {
            features: parsed,
            rules,
            scenarios: jobs.len(),
            steps,
            parser_errors: errors,
        });
        jobs
    }

    /// As many workers as slots; then one goes on with those that want to be alone.
    async fn all(&self, parallel: Vec<Job>, serial: Vec<Job>) {
        let started: RefCell<HashSet<Source<Feature>>> = RefCell::default();
        let count = self.slots.slots.min(parallel.len().max(1));
        let queue = RefCell::new(parallel.into_iter());
        let first_slot = futures::future::join_all((1..=count).map(|number| {
            let (queue, started) = (&queue, &started);
            async move {
                let mut slot = None;
                while let Some(job) = self.goes_on().then(|| queue.borrow_mut().next()).flatten() {
                    self.job(&mut slot, &job, started).await;
                }
                if number == 1 {
                    return slot;
                }
                self.end(slot).await;
                None
            }
        }))
        .await
        .into_iter()
        .flatten()
        .next();
        let mut slot = first_slot;
        for job in serial {
            if !self.goes_on() {
                break;
            }
            self.job(&mut slot, &job, &started).await;
        }
        self.end(slot).await;
    }

    async fn end(&self, slot: Option<Slot>) {
        if let Some(slot) = slot {
            slot.end().await;
        }
    }

    fn goes_on(&self) -> bool {
        !(self.slots.interrupted.is_cancelled()
            || self.broken.get()
            || self.slots.fail_fast && self.failed.get())
    }

    /// One scenario on this worker's slot, with its events around it.
    async fn job(
        &self,
        slot: &mut Option<Slot>,
        job: &Job,
        started: &RefCell<HashSet<Source<Feature>>>,
    ) {
        if started.borrow_mut().insert(job.feature.clone()) {
            self.send(event::Cucumber::feature_started(job.feature.clone()));
        }
        let (most, pause) = job.retry(&self.slots.retry);
        let mut retries = Retries::initial(most);
        loop {
            let passed = self.attempt(slot, job, retries).await;
            match retries.next_try() {
                Some(next) if !passed && self.goes_on() => {
                    retries = next;
                    let interrupted = self.slots.interrupted.cancelled();
                    let _ = tokio::time::timeout(pause, interrupted).await;
                }
                _ => {
                    if !passed {
                        self.failed.set(true);
                    }
                    break;
                }
            }
        }
        if let Some(rule) = &job.rule
            && is_last(&self.left_in_rule, rule)
        {
            self.send(event::Cucumber::rule_finished(
                job.feature.clone(),
                rule.clone(),
            ));
        }
        if is_last(&self.left, &job.feature) {
            self.send(event::Cucumber::feature_finished(job.feature.clone()));
        }
    }
}

fn is_last<K: std::hash::Hash + Eq>(left: &RefCell<HashMap<K, usize>>, key: &K) -> bool {
    let mut left = left.borrow_mut();
    let Some(count) = left.get_mut(key) else {
        return false;
    };
    *count -= 1;
    *count == 0
}
