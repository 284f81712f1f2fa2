//! Functions of a project that run before and after scenarios, chosen by tags.

use std::rc::Rc;

use futures::future::LocalBoxFuture;

use crate::{
    failure::{Failure, Outcome},
    gherkin::TagExpression,
    world::World,
};

type Run = Rc<dyn for<'a> Fn(&'a mut World) -> LocalBoxFuture<'a, Outcome>>;

#[derive(Clone)]
struct Hook {
    tags: Result<TagExpression, String>,
    run: Run,
}

/// The hooks of a suite, in the order in which they were added.
#[derive(Clone, Default)]
pub struct Hooks {
    before: Vec<Hook>,
    after: Vec<Hook>,
}

impl Hooks {
    pub fn add_before(&mut self, tags: &str, hook: impl AsyncFn(&mut World) -> Outcome + 'static) {
        self.before.push(Hook::new(tags, hook));
    }

    pub fn add_after(&mut self, tags: &str, hook: impl AsyncFn(&mut World) -> Outcome + 'static) {
        self.after.push(Hook::new(tags, hook));
    }

    /// The first tag expression that is none, if there is one.
    pub fn check(&self) -> Result<(), Failure> {
        for hook in self.before.iter().chain(&self.after) {
            hook.tags
                .as_ref()
                .map_err(|error| Failure::new(error.clone()))?;
        }
        Ok(())
    }

    /// Runs those before a scenario with these tags, until one fails.
    pub async fn before(&self, tags: &[&str], world: &mut World) -> Outcome {
        for hook in self.before.iter().filter(|hook| hook.matches(tags)) {
            (hook.run)(world).await?;
        }
        Ok(())
    }

    /// Runs those after a scenario with these tags: all of them, the last added first. The first failure counts.
    pub async fn after(&self, tags: &[&str], world: &mut World) -> Outcome {
        let mut outcome = Ok(());
        for hook in self.after.iter().rev().filter(|hook| hook.matches(tags)) {
            outcome = outcome.and((hook.run)(world).await);
        }
        outcome
    }
}

impl Hook {
    fn new(tags: &str, hook: impl AsyncFn(&mut World) -> Outcome + 'static) -> Self {
        let hook = Rc::new(hook);
        let parsed = tags
            .parse()
            .map_err(|error| format!("a hook's tags `{tags}` are no tag expression: {error}"));
        Self {
            tags: parsed,
            run: Rc::new(move |world| {
                let hook = Rc::clone(&hook);
                Box::pin(async move { hook(world).await })
            }),
        }
    }

    fn matches(&self, tags: &[&str]) -> bool {
        self.tags
            .as_ref()
            .is_ok_and(|expression| expression.matches(tags))
    }
}
