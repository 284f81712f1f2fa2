//! One try of a scenario: its slot, its steps until one fails, and the slot given back.

use std::{sync::Arc, time::Instant};

use cucumber::event::{self, Retries, RetryableScenario, Source};
use gherkin::{Background, Step};

use crate::runner::{
    Run,
    job::Job,
    step::{self, Broken},
};
use crate::{failure::Failure, report, slot::Slot, world::World};

impl Run {
    /// Whether all steps passed, and the slot was as it should be afterwards.
    pub(super) async fn attempt(
        &self,
        slot: &mut Option<Slot>,
        job: &Job,
        retries: Retries,
    ) -> bool {
        self.tell(job, retries, event::Scenario::Started);
        let passed = self.tried(slot, job, retries).await;
        let gave_back = self.gave_back(slot, job, retries).await;
        self.tell(job, retries, event::Scenario::Finished);
        passed && gave_back
    }

    async fn tried(&self, slot: &mut Option<Slot>, job: &Job, retries: Retries) -> bool {
        match self.leased(slot).await {
            Ok(leased) => {
                let mut world = World::on(leased, job.seed);
                let start = Instant::now();
                let passed = self.with_hooks(&mut world, job, retries).await;
                let mut statistics = self.slots.statistics.borrow_mut();
                statistics
                    .timings
                    .scenario(start.elapsed(), report::title(&job.feature, &job.scenario));
                *slot = Some(world.slot.take());
                passed
            }
            Err(failure) => {
                let failure = Failure::new(format!("its slot couldn't be made ready\n{failure}"));
                self.hook_failed(job, retries, event::HookType::Before, &failure);
                false
            }
        }
    }

    /// The steps, with the project's hooks around them; nothing of it where steps are only matched.
    async fn with_hooks(&self, world: &mut World, job: &Job, retries: Retries) -> bool {
        if self.slots.context.is_none() {
            return self.steps(world, job, retries).await;
        }
        let (hooks, tags) = (&self.slots.hooks, job.tags());
        let failed = |kind, name, failure| {
            let failure = Failure::new(format!("a hook {name} the scenario failed\n{failure}"));
            self.hook_failed(job, retries, kind, &failure);
        };
        let mut passed = match hooks.before(&tags, world).await {
            Ok(()) => self.steps(world, job, retries).await,
            Err(failure) => {
                failed(event::HookType::Before, "before", failure);
                false
            }
        };
        if let Err(failure) = hooks.after(&tags, world).await {
            failed(event::HookType::After, "after", failure);
            passed = false;
        }
        passed
    }

    async fn gave_back(&self, slot: &mut Option<Slot>, job: &Job, retries: Retries) -> bool {
        let Some(leased) = slot.as_mut().filter(|_| self.slots.context.is_some()) else {
            return true;
        };
        let failed = |failure| {
            let failure = Failure::new(format!(
                "its slot couldn't be reset, and is given up\n{failure}"
            ));
            self.hook_failed(job, retries, event::HookType::After, &failure);
        };
        match leased.release().await {
            Ok(mut release) => {
                let difference = release.difference.take();
                let name = job.scenario.name.as_str();
                self.slots.statistics.borrow_mut().released(name, release);
                let Some(difference) = difference else {
                    leased.vacuum().await;
                    return true;
                };
                failed(Failure::new(format!("isolation is broken: {difference}")));
                // What else would be found could be this scenario's doing as well.
                self.broken.set(true);
                self.end(slot.take()).await;
            }
            Err(failure) => {
                failed(failure);
                // Whatever it holds now, nobody else shall see it.
                self.end(slot.take()).await;
                self.slots.statistics.borrow_mut().lost_slot();
            }
        }
        false
    }

    fn new_number(&self) -> usize {
        self.numbers.replace(self.numbers.get() + 1)
    }

    /// The worker's slot, made when there is none.
    async fn leased(&self, slot: &mut Option<Slot>) -> Result<Slot, Failure> {
        match (slot.take(), &self.slots.context) {
            (Some(slot), _) => Ok(slot),
            (None, Some(context)) => {
                let start = Instant::now();
                let slot = Slot::prepare(context, self.new_number()).await;
                self.slots.statistics.borrow_mut().timings.slots += start.elapsed();
                slot
            }
            (None, None) => Ok(Slot::nowhere()),
        }
    }

    fn hook_failed(&self, job: &Job, retries: Retries, hook: event::HookType, failure: &Failure) {
        let info: event::Info = Arc::new(failure.to_string());
        self.tell(job, retries, event::Scenario::hook_started(hook));
        self.tell(job, retries, event::Scenario::hook_failed(hook, None, info));
    }

    /// Every step until one fails; those after it are told as skipped, except where nothing is run.
    async fn steps(&self, world: &mut World, job: &Job, retries: Retries) -> bool {
        let mut passed = true;
        for (step, in_background) in steps_of(job) {
            let step = Source::new(step);
            let tell = |event| {
                let event = if in_background {
                    event::Scenario::Background(step.clone(), event)
                } else {
                    event::Scenario::Step(step.clone(), event)
                };
                self.tell(job, retries, event);
            };
            if !passed && self.slots.context.is_some() {
                tell(event::Step::Skipped);
                continue;
            }
            tell(event::Step::Started);
            match self.run_step(world, &step).await {
                Ok(location) => tell(event::Step::Passed(step::no_captures(), location)),
                Err(Broken {
                    location,
                    error,
                    abandoned,
                }) => {
                    if abandoned || world.client.has_unanswered() {
                        world.slot.is_disturbed();
                    }
                    passed = false;
                    self.slots
                        .statistics
                        .borrow_mut()
                        .diagnosed(&job.scenario, report::diagnosis(world));
                    tell(event::Step::Failed(None, location, None, error));
                }
            }
        }
        passed
    }

    async fn run_step(&self, world: &mut World, step: &Step) -> Result<step::Done, Broken> {
        let found = step::find(step)?;
        if self.slots.context.is_none() {
            return Ok(Some(found.location()));
        }
        let (expression, start) = (found.expression(), Instant::now());
        let limit = self.slots.step_timeout;
        let done = found.run(world, step, limit, &self.slots.interrupted);
        let done = done.await;
        let mut statistics = self.slots.statistics.borrow_mut();
        statistics.timings.step(expression, start.elapsed());
        done
    }

    fn tell(&self, job: &Job, retries: Retries, event: event::Scenario<World>) {
        let retries = (retries.current + retries.left > 0).then_some(retries);
        self.send(event::Cucumber::scenario(
            job.feature.clone(),
            job.rule.clone(),
            job.scenario.clone(),
            RetryableScenario { event, retries },
        ));
    }
}

/// The backgrounds' steps and the scenario's own, and of each whether it is a background's. A scenario without steps
/// has none of a background either.
fn steps_of(job: &Job) -> impl Iterator<Item = (Step, bool)> {
    let background = |background: &Option<Background>| background.clone().map(|found| found.steps);
    let rule = job
        .rule
        .as_ref()
        .and_then(|rule| background(&rule.background));
    let before = background(&job.feature.background)
        .into_iter()
        .chain(rule)
        .flatten()
        .filter(|_| !job.scenario.steps.is_empty());
    let own = job.scenario.steps.iter().cloned();
    before
        .map(|step| (step, true))
        .chain(own.map(|step| (step, false)))
}
