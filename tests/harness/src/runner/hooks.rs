//! Functions of a project that run before and after scenarios, selected by tags, or around the whole run.

use std::{panic::Location, rc::Rc};

use futures::future::LocalBoxFuture;

use crate::{
    failure::{Failure, Outcome},
    gherkin::TagExpression,
    report::record::{self, Scope},
    world::World,
};

type Run = Rc<dyn for<'a> Fn(&'a mut World) -> LocalBoxFuture<'a, Outcome>>;

#[derive(Clone)]
pub struct Hook {
    tags: Result<TagExpression, String>,
    run: Run,
    /// The hook's data for reports.
    pub record: record::Hook,
}

/// The hooks of a suite, in the order in which they were added.
#[derive(Clone, Default)]
pub struct Hooks {
    before: Vec<Hook>,
    after: Vec<Hook>,
    before_all: Vec<Hook>,
    after_all: Vec<Hook>,
}

impl Hooks {
    #[track_caller]
    pub fn add_before(
        &mut self,
        name: Option<&str>,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) {
        self.before
            .push(Hook::new(true, Scope::Scenario, name, tags, hook));
    }

    #[track_caller]
    pub fn add_after(
        &mut self,
        name: Option<&str>,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) {
        self.after
            .push(Hook::new(false, Scope::Scenario, name, tags, hook));
    }

    #[track_caller]
    pub fn add_before_all(
        &mut self,
        name: Option<&str>,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) {
        self.before_all
            .push(Hook::new(true, Scope::Run, name, "", hook));
    }

    #[track_caller]
    pub fn add_after_all(
        &mut self,
        name: Option<&str>,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) {
        self.after_all
            .push(Hook::new(false, Scope::Run, name, "", hook));
    }

    /// Fails if a hook's tag expression is invalid.
    pub fn check(&self) -> Result<(), Failure> {
        for hook in self.before.iter().chain(&self.after) {
            hook.tags
                .as_ref()
                .map_err(|error| Failure::new(error.clone()))?;
        }
        Ok(())
    }

    /// The hooks before a scenario with these tags, in order of execution.
    pub fn before(&self, tags: &[&str]) -> impl Iterator<Item = &Hook> {
        self.before.iter().filter(|hook| hook.matches(tags))
    }

    /// The hooks after a scenario with these tags: the last added runs first.
    pub fn after(&self, tags: &[&str]) -> impl Iterator<Item = &Hook> {
        self.after.iter().rev().filter(|hook| hook.matches(tags))
    }

    /// The hooks before the first scenario, in order of execution.
    pub fn before_all(&self) -> impl Iterator<Item = &Hook> {
        self.before_all.iter()
    }

    /// The hooks after the last scenario: the last added runs first.
    pub fn after_all(&self) -> impl Iterator<Item = &Hook> {
        self.after_all.iter().rev()
    }

    /// The data of all hooks, for reports.
    pub fn records(&self) -> Vec<record::Hook> {
        let of_scenarios = self.before.iter().chain(&self.after);
        let of_the_run = self.before_all.iter().chain(&self.after_all);
        let all = of_scenarios.chain(of_the_run);
        all.map(|hook| hook.record.clone()).collect()
    }
}

impl Hook {
    #[track_caller]
    fn new(
        before: bool,
        scope: Scope,
        name: Option<&str>,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        let place = Location::caller();
        let hook = Rc::new(hook);
        let parsed = tags
            .parse()
            .map_err(|error| format!("a hook's tags `{tags}` aren't a tag expression: {error}"));
        Self {
            tags: parsed,
            run: Rc::new(move |world| {
                let hook = Rc::clone(&hook);
                Box::pin(async move { hook(world).await })
            }),
            record: record::Hook {
                before,
                name: name.map(str::to_owned),
                tags: tags.to_owned(),
                file: place.file().to_owned(),
                line: place.line(),
                scope,
            },
        }
    }

    pub fn run<'a>(&self, world: &'a mut World) -> LocalBoxFuture<'a, Outcome> {
        (self.run)(world)
    }

    fn matches(&self, tags: &[&str]) -> bool {
        self.tags
            .as_ref()
            .is_ok_and(|expression| expression.matches(tags))
    }
}
