//! The project's hooks around a scenario, and what the harness itself finds when the steps have ended.

use std::sync::Arc;

use cucumber::event::{self, Retries};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::Failure,
    report::record::{self, Status, What},
    runner::{
        Run,
        attempt::left,
        guarded::{LIMIT, Patience, guarded},
        hooks::Hook,
        job::Job,
        trace::{Begun, Trace},
    },
    slot::neighbours::Neighbours,
    world::World,
};

impl Run {
    /// Runs the steps and the project's hooks around them. Without a context, steps are only matched and hooks don't
    /// run.
    pub(super) async fn with_hooks(
        &self,
        world: &mut World,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        if self.slots.context.is_none() {
            return self.steps(world, job, retries, trace).await;
        }
        let (hooks, tags) = (&self.slots.hooks, job.tags());
        for hook in hooks.before(&tags) {
            if trace.status() == Status::Passed {
                self.hook(hook, world, job, retries, trace).await;
            } else {
                trace.left_out(What::Hook(hook.record.clone()), Status::Skipped, "");
            }
        }
        self.steps(world, job, retries, trace).await;
        for hook in hooks.after(&tags) {
            self.hook(hook, world, job, retries, trace).await;
        }
        let calls = world.slot.neighbours().map(Neighbours::check_calls);
        if let Some(Err(failure)) = calls {
            self.failed_after(&failure, world, job, retries, trace)
                .await;
        }
    }

    /// A failure that the harness found when the steps had ended.
    pub(super) async fn failed_after(
        &self,
        failure: &Failure,
        world: &mut World,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        let begun = Begun::now(Some(world));
        let explained = self.explained_once(world, job, retries, trace).await;
        let what = What::Hook(record::Hook::of_the_slot(false));
        let message = failure.to_string();
        trace.ended(&begun, what, Status::Failed, &message, Some(world));
        let failure = Failure::new(format!("{message}\n{explained}"));
        self.hook_failed(job, retries, event::HookType::After, &failure);
    }

    /// What explains a failure outside of the steps. A failure before it has been explained already.
    async fn explained_once(
        &self,
        world: &mut World,
        job: &Job,
        retries: Retries,
        trace: &Trace,
    ) -> String {
        if trace.status().is_failure() {
            return String::new();
        }
        self.explained(world, job, retries).await
    }

    async fn hook(
        &self,
        hook: &Hook,
        world: &mut World,
        job: &Job,
        retries: Retries,
        trace: &mut Trace,
    ) {
        let begun = Begun::now(Some(world));
        // An interruption doesn't stop a hook that cleans up.
        let never = CancellationToken::new();
        let mut patience = self.patience();
        if !hook.record.before {
            patience.interrupted = &never;
        }
        let (status, message) = match guarded(hook.run(world), "hook", &patience).await {
            Ok(()) => (Status::Passed, String::new()),
            Err(ended) => {
                if ended.abandoned || world.client.has_unanswered() {
                    world.slot.is_disturbed();
                }
                (ended.status, ended.message)
            }
        };
        if status == Status::Interrupted {
            let mut statistics = self.slots.statistics.borrow_mut();
            statistics.interrupted.insert(job.scenario.clone());
        }
        let explained = if status.is_failure() {
            self.explained_once(world, job, retries, trace).await
        } else {
            String::new()
        };
        let what = What::Hook(hook.record.clone());
        trace.ended(&begun, what, status, &message, Some(world));
        if status.is_failure() {
            let (kind, when) = if hook.record.before {
                (event::HookType::Before, "before")
            } else {
                (event::HookType::After, "after")
            };
            let place = hook.record.place();
            let place = match &hook.record.name {
                Some(name) => format!("{name}, {place}"),
                None => place,
            };
            let failure = Failure::new(format!(
                "a hook {when} the scenario failed ({place})\n{message}\n{explained}"
            ));
            self.hook_failed(job, left(retries, trace), kind, &failure);
        }
    }

    pub(super) fn patience(&self) -> Patience<'_> {
        Patience {
            limit: self.slots.step_timeout.unwrap_or(LIMIT),
            interrupted: &self.slots.interrupted,
        }
    }

    pub(super) fn hook_failed(
        &self,
        job: &Job,
        retries: Retries,
        hook: event::HookType,
        failure: &Failure,
    ) {
        let info: event::Info = Arc::new(failure.to_string());
        self.emit(job, retries, event::Scenario::hook_started(hook));
        self.emit(job, retries, event::Scenario::hook_failed(hook, None, info));
    }
}
