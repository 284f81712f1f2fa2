//! One attempt of a scenario: its slot, its steps until one fails, and the slot's release.

use std::time::Instant;

use cucumber::event::{self, Retries, RetryableScenario, Source};
use gherkin::Step;

use crate::runner::{
    Run,
    explanation::mistake,
    job::Job,
    step::{self, Broken},
    trace::{Begun, Trace, status_of_rest, what},
};
use crate::{
    browser,
    failure::Failure,
    gherkin::background,
    report::{self, record::Status},
    slot::Slot,
    words::program,
    world::World,
};

impl Run {
    /// Runs a scenario once. Returns its slot and a record of what happened.
    pub(super) async fn attempt(
        &self,
        slot: &mut Option<Slot>,
        job: &Job,
        retries: Retries,
    ) -> (usize, Trace) {
        let mut trace = Trace::new();
        self.emit(job, retries, event::Scenario::Started);
        self.run_steps(slot, job, retries, &mut trace).await;
        let number = slot.as_ref().map_or(0, Slot::number);
        let retries = left(retries, &trace);
        if trace.status().is_failure() && self.keeps(retries) {
            if let Some(slot) = slot.take() {
                let title = report::title(&job.feature, &job.scenario);
                slot.keep(title).await;
            }
        } else {
            self.release(slot, job, retries, &mut trace).await;
        }
        if trace.status() == Status::Skipped {
            let mut statistics = self.slots.statistics.borrow_mut();
            statistics.skipped.insert(job.scenario.clone());
        }
        self.emit(job, left(retries, &trace), event::Scenario::Finished);
        (number, trace)
    }

    /// Whether the database of a failed scenario is kept.
    pub(super) fn keeps(&self, retries: Retries) -> bool {
        self.slots.keep_databases && retries.left == 0 && !self.slots.interrupted.is_cancelled()
    }

    async fn run_steps(
        &self,
        slot: &mut Option<Slot>,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        let begun = Begun::now(None);
        match self.prepared(slot, job).await {
            Ok(leased) => {
                trace.slot_is_ready();
                let mut world = World::on(leased, job.seed);
                if let Some(limit) = self.slots.step_timeout {
                    world.waits_for(limit);
                }
                world.may_browse = job.tags().contains(&browser::TAG);
                let start = Instant::now();
                self.with_hooks(&mut world, job, retries, trace).await;
                if let Err(failure) = world.close_page().await
                    && !trace.status().is_failure()
                {
                    self.failed_after(&failure, &mut world, job, retries, trace)
                        .await;
                }
                let mut statistics = self.slots.statistics.borrow_mut();
                statistics
                    .timings
                    .scenario(start.elapsed(), report::title(&job.feature, &job.scenario));
                statistics.memory_unproved |=
                    world.slot.may_remember() && world.client.was_answered_a_write();
                *slot = Some(world.slot.take());
            }
            Err(failure) => {
                self.pace.start_failed();
                let failure = Failure::new(format!("its slot couldn't be made ready\n{failure}"));
                trace.slot_failed(&begun, true, &failure.to_string());
                self.hook_failed(job, retries, event::HookType::Before, &failure);
            }
        }
    }

    async fn release(
        &self,
        slot: &mut Option<Slot>,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        let Some(leased) = slot.as_mut().filter(|_| self.slots.context.is_some()) else {
            return;
        };
        let begun = Begun::now(None);
        let mut failed = |failure: Failure| {
            trace.slot_failed(&begun, false, &failure.to_string());
            self.hook_failed(job, retries, event::HookType::After, &failure);
        };
        match leased.release().await {
            Ok(mut release) => {
                let difference = release.difference.take();
                let name = job.scenario.name.as_str();
                self.slots.statistics.borrow_mut().released(name, release);
                let Some(difference) = difference else {
                    return leased.vacuum().await;
                };
                failed(Failure::new(format!("isolation is broken: {difference}")));
                // Other differences could come from this scenario too.
                self.broken.set(true);
                self.end(slot.take()).await;
            }
            Err(failure) => {
                failed(Failure::new(format!(
                    "its slot couldn't be reset, and is given up\n{failure}"
                )));
                // No other scenario may see its contents.
                self.end(slot.take()).await;
                self.slots.statistics.borrow_mut().lost_slot();
            }
        }
    }

    fn new_number(&self) -> usize {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// The worker's slot. It is created if the worker has none.
    async fn leased(&self, slot: &mut Option<Slot>) -> Result<Slot, Failure> {
        match (slot.take(), &self.slots.context) {
            (Some(slot), _) => Ok(slot),
            (None, Some(context)) => {
                let start = Instant::now();
                let slot = Slot::prepare(context, self.new_number()).await;
                let took = start.elapsed();
                self.slots.statistics.borrow_mut().timings.slots += took;
                if slot.is_ok() {
                    self.pace.slot_was_made(took);
                }
                slot
            }
            (None, None) => Ok(Slot::nowhere()),
        }
    }

    /// The slot, prepared for what this scenario needs from the start.
    async fn prepared(&self, slot: &mut Option<Slot>, job: &Job) -> Result<Slot, Failure> {
        let mut leased = self.leased(slot).await?;
        if self.slots.context.is_some() && job.sentences().any(program::is_about_network) {
            let ready = leased.expect_network_faults().await;
            if ready.is_err() {
                *slot = Some(leased);
                return ready.map(|()| Slot::nowhere());
            }
        }
        Ok(leased)
    }

    /// Runs every step until one fails. Later steps are reported as skipped, unless steps are only matched.
    pub(super) async fn steps(
        &self,
        world: &mut World,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        let all: Vec<_> = steps_of(job).collect();
        for (index, (step, in_background)) in all.iter().enumerate() {
            let (step, in_background) = (Source::new((*step).clone()), *in_background);
            let emit = |event| self.emit_step(job, retries, &step, in_background, event);
            let what = what(&step, index);
            let so_far = trace.status();
            if so_far != Status::Passed && self.slots.context.is_some() {
                let status = status_of_rest(so_far, &what);
                let mistake = status.is_failure().then(|| mistake(&step)).flatten();
                let message = mistake.map(|broken| broken.text());
                trace.left_out(what, status, &message.unwrap_or_default());
                emit(event::Step::Skipped);
                continue;
            }
            emit(event::Step::Started);
            let begun = Begun::now(Some(world));
            match self.run_step(world, &step).await {
                Ok(location) => {
                    trace.ended(&begun, what, Status::Passed, "", Some(world));
                    emit(event::Step::Passed(step::no_captures(), location));
                }
                Err(mut broken) => {
                    if broken.abandoned || world.client.has_unanswered() {
                        world.slot.is_disturbed();
                    }
                    if self.slots.interrupted.is_cancelled() {
                        broken.status = Status::Interrupted;
                    }
                    let retries = if broken.status == Status::Failed {
                        retries
                    } else {
                        Retries { left: 0, ..retries }
                    };
                    if so_far == Status::Passed {
                        let rest = all[index + 1..].iter().map(|(step, _)| *step);
                        self.diagnosed((&broken, &step), world, job, retries, rest)
                            .await;
                    }
                    let message = broken.text();
                    trace.ended(&begun, what, broken.status, &message, Some(world));
                    let event = ended_early(broken);
                    self.emit_step(job, retries, &step, in_background, event);
                }
            }
        }
    }

    fn emit_step(
        &self,
        job: &Job,
        retries: Retries,
        step: &Source<Step>,
        in_background: bool,
        event: event::Step<World>,
    ) {
        let of = if in_background {
            event::Scenario::Background
        } else {
            event::Scenario::Step
        };
        self.emit(job, retries, of(step.clone(), event));
    }

    async fn run_step(&self, world: &mut World, step: &Step) -> Result<step::Done, Broken> {
        let found = step::find(step)?;
        if self.slots.context.is_none() {
            let location = found.location();
            return found.check(step, &[]).map(|()| Some(location));
        }
        let (expression, start) = (found.expression(), Instant::now());
        let done = found.run(world, step, &self.patience(), &[]).await;
        let mut statistics = self.slots.statistics.borrow_mut();
        statistics.timings.step(expression, start.elapsed());
        done
    }

    pub(super) fn emit(&self, job: &Job, retries: Retries, event: event::Scenario<World>) {
        let retries = (retries.current + retries.left > 0).then_some(retries);
        self.send(event::Cucumber::scenario(
            job.feature.clone(),
            job.rule.clone(),
            job.scenario.clone(),
            RetryableScenario { event, retries },
        ));
    }
}

/// The event for a step that didn't pass.
fn ended_early(broken: Broken) -> event::Step<World> {
    if broken.status == Status::Skipped {
        return event::Step::Skipped;
    }
    event::Step::Failed(None, broken.location, None, broken.error)
}

/// No retries for a pending or undefined step.
pub fn left(retries: Retries, trace: &Trace) -> Retries {
    let left = if trace.status() == Status::Failed {
        retries.left
    } else {
        0
    };
    Retries { left, ..retries }
}

/// The steps of the backgrounds and of the scenario; for each, whether it belongs to a background. A scenario without
/// steps of its own has no background steps either.
fn steps_of(job: &Job) -> impl Iterator<Item = (&Step, bool)> {
    let before = background(&job.feature, job.rule.as_deref())
        .filter(|_| !job.scenario.steps.is_empty())
        .map(|step| (step, true));
    before.chain(job.scenario.steps.iter().map(|step| (step, false)))
}
