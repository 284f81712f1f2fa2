//! The project's hooks before the first and after the last scenario of a run.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    report::record::{Status, Step, What},
    runner::{
        guarded::{LIMIT, Patience, guarded},
        hooks::Hook,
        trace::Begun,
    },
    slot::Slot,
    world::World,
};

/// All these hooks of a run share one world, which has no slot.
pub struct WholeRun {
    world: World,
    limit: Duration,
    interrupted: CancellationToken,
}

impl WholeRun {
    /// `limit` is the time limit for each hook, if one is set.
    pub fn new(seed: u64, limit: Option<Duration>, interrupted: CancellationToken) -> Self {
        let mut world = World::on(Slot::nowhere(), seed);
        if let Some(limit) = limit {
            world.waits_for(limit);
        }
        Self {
            world,
            limit: limit.unwrap_or(LIMIT),
            interrupted,
        }
    }

    /// Runs one hook.
    pub async fn run(&mut self, hook: &Hook) -> Step {
        let begun = Begun::now(Some(&self.world));
        // An interruption doesn't stop a hook that cleans up.
        let never = CancellationToken::new();
        let patience = Patience {
            limit: self.limit,
            interrupted: if hook.record.before {
                &self.interrupted
            } else {
                &never
            },
        };
        let ran = guarded(hook.run(&mut self.world), "hook", &patience).await;
        let (status, message) = match ran {
            Ok(()) => (Status::Passed, String::new()),
            Err(ended) if ended.status == Status::Skipped => (
                Status::Failed,
                format!(
                    "a hook around all scenarios can't skip one: {}",
                    ended.message
                ),
            ),
            Err(ended) => (ended.status, ended.message),
        };
        let what = What::Hook(hook.record.clone());
        begun.ended(what, status, &message, Some(&mut self.world))
    }
}
