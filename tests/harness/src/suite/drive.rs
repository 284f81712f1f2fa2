//! Runs the selected scenarios and the hooks around them, and reports what happened.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use cucumber::{Runner as _, Writer as _, cli::Empty};
use futures::StreamExt as _;
use gherkin::Feature;

use crate::{
    gherkin::{Chosen, stream},
    output::{complain, say},
    process::{below_project_root, random_name},
    report::{self, Recorder, Report, Statistics},
    runner::{Slots, hooks::Hook, whole_run::WholeRun},
    slot::factory::SlotContext,
    suite::{
        ending::{FAILED, PASSED},
        run::Run,
    },
};

/// What all parts of a run report to.
struct Reported {
    report: Report,
    /// `None` if steps are only matched.
    recorder: Option<Rc<RefCell<Recorder>>>,
}

impl Run {
    /// Runs the selected scenarios and prints the result. Without a context, steps are only matched.
    pub(super) async fn drive(
        &self,
        context: Option<&Arc<SlotContext>>,
        slots: usize,
        chosen: Chosen,
    ) -> u8 {
        let statistics = Rc::new(RefCell::new(Statistics::default()));
        statistics.borrow_mut().timings.boot = self.began.elapsed();
        let recorder = match self.recorder(&chosen) {
            Ok(recorder) => recorder,
            Err(error) => {
                complain(format_args!("error: {error}"));
                return FAILED;
            }
        };
        let runner = Slots {
            context: context.cloned(),
            slots,
            eager: self.eager_slots(),
            first_slot: 1,
            seed: self.seed,
            step_timeout: self.file.step_timeout(&self.options),
            fail_fast: self.options.fail_fast,
            keep_databases: self.options.keep_db,
            retry: self.options.retries(),
            statistics: Rc::clone(&statistics),
            recorder: recorder.clone(),
            interrupted: self.interrupted.clone(),
            hooks: self.definition.hooks.clone(),
        };
        let mut reported = Reported {
            report: self.report(statistics, &chosen),
            recorder,
        };
        let left_out = chosen.left_out.iter();
        let left_out: Vec<_> = left_out
            .map(|(tag, count)| (format!("@{tag}"), *count))
            .collect();
        self.around(context.is_some(), runner, chosen.features, &mut reported)
            .await;
        self.ended(reported, &left_out)
    }

    fn report(&self, statistics: Rc<RefCell<Statistics>>, chosen: &Chosen) -> Report {
        let mut report = Report::new(
            statistics,
            self.options.color,
            self.options.verbose,
            self.options.dry_run,
            format!("{} --seed {}", self.definition.again, self.seed),
        );
        report.can_rerun(&self.report_folder());
        report.counts.scenarios.chosen = chosen.scenarios();
        for what in &chosen.unreadable {
            report.unreadable(what);
        }
        report
    }

    /// Runs the scenarios between the project's hooks. If one of the first hooks fails, no scenario runs.
    async fn around(
        &self,
        runs_hooks: bool,
        runner: Slots,
        features: Vec<Feature>,
        reported: &mut Reported,
    ) {
        let features = stream(features, self.order);
        if !runs_hooks {
            return reported.scenarios(runner, features).await;
        }
        let hooks = &self.definition.hooks;
        let mut whole = WholeRun::new(self.seed, runner.step_timeout, self.interrupted.clone());
        for hook in hooks.before_all() {
            if !self.interrupted.is_cancelled() {
                reported.hook(&mut whole, hook).await;
            }
        }
        if reported.report.counts.hooks_failed == 0 {
            reported.scenarios(runner, features).await;
        }
        for hook in hooks.after_all() {
            reported.hook(&mut whole, hook).await;
        }
    }

    fn ended(&self, reported: Reported, left_out: &[(String, usize)]) -> u8 {
        let Reported { report, recorder } = reported;
        report.summary(left_out, self.seed, self.order);
        let well = report.all_well() && !self.interrupted.is_cancelled();
        let recorded = recorder.and_then(Rc::into_inner).map(RefCell::into_inner);
        let written = recorded.map(|recorder| recorder.finish(well));
        match written {
            Some(Ok(folder)) => say(format_args!("reports: {}", below_project_root(&folder))),
            Some(Err(error)) => {
                complain(format_args!("error: {error}"));
                return FAILED;
            }
            None => {}
        }
        if report.all_well() { PASSED } else { FAILED }
    }

    /// Writes the reports, unless steps are only matched.
    fn recorder(&self, chosen: &Chosen) -> Result<Option<Rc<RefCell<Recorder>>>, String> {
        if self.options.dry_run {
            return Ok(None);
        }
        let mut recorder = Recorder::create(&self.report_folder(), &random_name())?;
        let named = |feature| (report::file_of(feature), feature);
        let features: Vec<_> = chosen.features.iter().map(named).collect();
        recorder.start(
            &features,
            &chosen.unreadable,
            &self.definition.hooks.records(),
        );
        Ok(Some(Rc::new(RefCell::new(recorder))))
    }
}

impl Reported {
    async fn hook(&mut self, whole: &mut WholeRun, hook: &Hook) {
        let done = whole.run(hook).await;
        if let Some(recorder) = &self.recorder {
            recorder.borrow_mut().run_hook(&done);
        }
        self.report.run_hook(&done);
    }

    async fn scenarios(
        &mut self,
        runner: Slots,
        features: impl futures::Stream<Item = cucumber::parser::Result<Feature>> + 'static,
    ) {
        let mut events = runner.run(features, Empty);
        let mut clock = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.report.handle_event(event, &Empty).await,
                    None => return,
                },
                _ = clock.tick() => if let Some(recorder) = &self.recorder {
                    recorder.borrow_mut().tick();
                }
            }
        }
    }
}
