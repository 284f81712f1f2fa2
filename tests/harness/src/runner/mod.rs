//! Runs scenarios in parallel, each alone in its slot. `@serial` ones run alone.
//!
//! cucumber's own runner has no step timeouts and runs everything in one task. So this is another implementation of its
//! `Runner`, which sends the same events to any writer.

mod around;
mod attempt;
pub mod catalogue;
mod explanation;
mod guarded;
pub mod hooks;
mod job;
mod pace;
mod step;
mod trace;
pub mod whole_run;

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
use pace::Pace;
pub use pace::cores;

use crate::{
    output::complain,
    report::{Recorder, Statistics, record::Status},
    slot::{Slot, factory::SlotContext},
    world::World,
};

/// How scenarios run.
#[derive(Clone)]
pub struct Slots {
    /// With `None` steps are only matched, and nothing runs.
    pub context: Option<Arc<SlotContext>>,
    pub slots: usize,
    /// This number of slots starts at once, the others when they are worth it.
    pub eager: usize,
    /// The number of the first slot.
    pub first_slot: usize,
    pub seed: u64,
    /// The time limit of a step, if the user has set one.
    pub step_timeout: Option<Duration>,
    pub fail_fast: bool,
    /// Whether databases of failed scenarios are kept.
    pub keep_databases: bool,
    pub retry: RetryOptions,
    pub statistics: Rc<RefCell<Statistics>>,
    /// Writes the reports; `None` if nothing runs.
    pub recorder: Option<Rc<RefCell<Recorder>>>,
    pub hooks: Hooks,
    /// Stops the run after the current step.
    pub interrupted: CancellationToken,
}

type Events = mpsc::UnboundedSender<parser::Result<Event<event::Cucumber<World>>>>;

/// State shared by all workers.
struct Run {
    slots: Slots,
    events: Events,
    /// How many scenarios of each feature and rule haven't ended.
    left: RefCell<HashMap<Source<Feature>, usize>>,
    left_in_rule: RefCell<HashMap<Source<Rule>, usize>>,
    failed: Cell<bool>,
    /// Whether a proof has found something that a scenario left behind.
    broken: Cell<bool>,
    /// The number of slots created so far. A lost slot's number isn't used again.
    numbers: Cell<usize>,
    pace: Pace,
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
        pace: Pace::default(),
    };
    run.send(event::Cucumber::Started);
    let jobs = run.jobs(features).await;
    let (serial, parallel): (Vec<_>, Vec<_>) = jobs.into_iter().partition(Job::is_serial);
    run.run_all(parallel, serial).await;
    if run.pace.is_hopeless() {
        complain("no slot could be made ready, so the other scenarios aren't run");
    }
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

    /// Runs parallel scenarios with one worker per slot, then one worker runs those that must be alone.
    async fn run_all(&self, parallel: Vec<Job>, serial: Vec<Job>) {
        let started: RefCell<HashSet<Source<Feature>>> = RefCell::default();
        let count = self.slots.slots.min(parallel.len().max(1));
        let queue = RefCell::new(parallel.into_iter());
        let first_slot = futures::future::join_all((1..=count).map(|number| {
            let (queue, started) = (&queue, &started);
            async move {
                let mut slot = None;
                if number > self.slots.eager {
                    let left = || {
                        if self.continues() {
                            queue.borrow().len()
                        } else {
                            0
                        }
                    };
                    self.pace.another_slot(number <= cores(), left).await;
                }
                while let Some(job) = self
                    .continues()
                    .then(|| queue.borrow_mut().next())
                    .flatten()
                {
                    self.job(&mut slot, &job, started).await;
                    self.pace.scenario_ended();
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
            if !self.continues() {
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

    fn continues(&self) -> bool {
        !(self.slots.interrupted.is_cancelled()
            || self.broken.get()
            || self.pace.is_hopeless()
            || self.slots.fail_fast && self.failed.get())
    }

    /// Runs one scenario on this worker's slot, and sends its events.
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
            let number = retries.current;
            let (in_slot, trace) = self.attempt(slot, job, retries).await;
            let status = trace.status();
            // A pending or undefined step doesn't improve by itself.
            let again = (status == Status::Failed && self.continues())
                .then(|| retries.next_try())
                .flatten();
            if let Some(recorder) = &self.slots.recorder {
                let attempt = trace.attempt(job.case(), number, in_slot, again.is_some());
                recorder.borrow_mut().attempt(&attempt);
            }
            let Some(next) = again else {
                if status.is_failure() {
                    self.failed.set(true);
                }
                break;
            };
            retries = next;
            let interrupted = self.slots.interrupted.cancelled();
            let _ = tokio::time::timeout(pause, interrupted).await;
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
