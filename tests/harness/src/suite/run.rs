//! One run of the suite, from its options to its exit code.

use std::{
    cell::{Cell, RefCell},
    panic::AssertUnwindSafe,
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use cucumber::{Runner as _, Writer as _, cli::Empty};
use futures::{FutureExt as _, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

use crate::{
    failure::Misuse,
    gherkin::{Chosen, Selection, stream},
    output::{complain, say},
    process::{
        random_name,
        run_folder::{self, RunFolder},
    },
    report::{Report, Statistics, steps},
    runner::{Slots, hooks::Hooks},
    service::{Program, Store},
    slot::{
        factory::{Isolation, SlotContext, Target},
        logs,
    },
    suite::{
        file::{File, Wanted},
        options::{Format, Options, Shuffle},
        unused,
    },
};

const PASSED: u8 = 0;
const FAILED: u8 = 1;
const MISUSED: u8 = 2;
const PANICKED: u8 = 101;

/// Why a run ends before its scenarios.
pub(super) enum Stop {
    Misuse(Misuse),
    Failure(String),
}

impl From<Misuse> for Stop {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

/// What a suite is made of, with absolute paths.
pub struct Definition {
    pub features: PathBuf,
    pub config: PathBuf,
    /// How the suite's environment variables begin.
    pub variables: String,
    pub program: Arc<Program>,
    pub hooks: Hooks,
    /// The command that runs a scenario again, but for its place and the seed.
    pub again: String,
}

/// Runs the suite's features (or those that are named) and answers the exit code.
pub async fn run(definition: Definition, options: Options) -> u8 {
    let interrupted = CancellationToken::new();
    let by = Rc::new(Cell::new(None));
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(listen(interrupted.clone(), Rc::clone(&by)));
            let code = match Run::new(definition, options, interrupted) {
                Ok(suite) => suite.run().await,
                Err(stop) => Err(stop),
            };
            match (by.get(), code) {
                (Some(signal), _) => signal,
                (None, Ok(code)) => code,
                (None, Err(Stop::Misuse(misuse))) => {
                    complain(format_args!("error: {misuse}"));
                    MISUSED
                }
                (None, Err(Stop::Failure(failure))) => {
                    complain(format_args!("error: {failure}"));
                    FAILED
                }
            }
        })
        .await
}

/// The first signal ends the run in good order, the second at once; guardians clean up after that.
async fn listen(interrupted: CancellationToken, by: Rc<Cell<Option<u8>>>) {
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
            _ = hangup.recv() => 129,
        };
        if by.replace(Some(code)).is_some() {
            std::process::exit(i32::from(code));
        }
        complain("\ninterrupted: everything is being taken down; once more ends it at once");
        interrupted.cancel();
    }
}

pub(super) struct Run {
    pub(super) definition: Definition,
    pub(super) options: Options,
    pub(super) file: File,
    pub(super) wanted: Wanted,
    pub(super) interrupted: CancellationToken,
    pub(super) isolation: Isolation,
    pub(super) seed: u64,
    pub(super) order: Option<u64>,
    began: Instant,
}

impl Run {
    fn new(
        definition: Definition,
        mut options: Options,
        interrupted: CancellationToken,
    ) -> Result<Self, Stop> {
        definition
            .hooks
            .check()
            .map_err(|failure| Stop::Failure(failure.to_string()))?;
        if !definition.program.has_service() && options.target == Target::Service {
            options.target = Target::None;
        }
        options.check_format()?;
        let file = File::read(&definition.config)?;
        let wanted = file.wanted(&options, &definition.variables, &definition.config)?;
        unused::check(&options, &file, &definition.config, &definition.variables)?;
        if options.migrations.is_some() && options.target != Target::None {
            return Err(Misuse(
                "--migrations makes the template from another schema, which the service doesn't know: add --target none".into(),
            )
            .into());
        }
        let random = || u64::from(u32::from_str_radix(&random_name(), 16).unwrap_or(1));
        Ok(Self {
            seed: options.seed.unwrap_or_else(random),
            order: options
                .shuffle
                .map(|Shuffle(seed)| seed.unwrap_or_else(random)),
            isolation: Isolation {
                strategy: options.reset.or(file.suite.reset).unwrap_or_default(),
                prove: options.prove_isolation || file.suite.prove_isolation,
            },
            began: Instant::now(),
            definition,
            file,
            wanted,
            interrupted,
            options,
        })
    }

    async fn run(mut self) -> Result<u8, Stop> {
        let store = self.wanted.store;
        let mut chosen = self.choose(store)?;
        if self.options.ignored.ignored {
            // As test runners mean it: only what is ignored, and nothing is.
            if self.options.list {
                return Ok(PASSED);
            }
            say("\n[Summary]\n0 features\n0 scenarios\n0 steps");
            return Ok(PASSED);
        }
        if self.options.list || self.options.steps {
            for mistake in &chosen.unreadable {
                complain(mistake);
            }
            if self.options.steps {
                self.steps(&chosen)?;
            } else {
                self.list(&chosen);
            }
            return Ok(if chosen.unreadable.is_empty() {
                PASSED
            } else {
                FAILED
            });
        }
        if chosen.scenarios() == 0 && chosen.unreadable.is_empty() {
            return Self::nothing_to_run(&chosen);
        }
        logs::capture(LevelFilter::INFO);
        if self.options.dry_run || chosen.scenarios() == 0 {
            return Ok(self.drive(None, 1, chosen).await);
        }
        for swept in run_folder::sweep() {
            say(format_args!("swept what a killed run had left: {swept}"));
        }
        let folder = RunFolder::create().map_err(Stop::Failure)?;
        let (context, slots) = match self.context(&folder.path).await {
            Ok(ready) => ready,
            Err(stop) => {
                folder.remove().await;
                return Err(stop);
            }
        };
        // A fallback to SQLite leaves out what speaks of the server.
        if self.wanted.store != store {
            chosen = self.choose(self.wanted.store)?;
        }
        let context = Arc::new(context);
        let code = if self.options.print_reset {
            Self::print_reset(&context).await
        } else {
            let driven = self.drive(Some(&context), slots, chosen);
            let driven = AssertUnwindSafe(driven).catch_unwind().await;
            Ok(driven.unwrap_or(PANICKED))
        };
        SlotContext::shut_down(context).await;
        folder.remove().await;
        code
    }

    async fn print_reset(context: &SlotContext) -> Result<u8, Stop> {
        let sql = context.reset_sql().await;
        say(sql.map_err(|failure| Stop::Failure(failure.to_string()))?);
        Ok(PASSED)
    }

    fn choose(&self, store: Store) -> Result<Chosen, Stop> {
        let mut left_out = vec![("wip", "@wip")];
        if store == Store::Sqlite {
            left_out.push(("postgres", "@postgres, which SQLite can't serve"));
        }
        Ok(Selection::new(
            &self.options.filter,
            &self.definition.features,
            left_out,
            self.order,
        )?
        .read())
    }

    fn nothing_to_run(chosen: &Chosen) -> Result<u8, Stop> {
        let left_out: usize = chosen.left_out.iter().map(|(_, count)| count).sum();
        if let Some(words) = chosen.words.as_ref().filter(|_| left_out == 0) {
            say(format_args!(
                "no scenario's name contains {words}: nothing to run"
            ));
            say("\n[Summary]\n0 features\n0 scenarios\n0 steps");
            return Ok(PASSED);
        }
        let mut reason = "no scenario was chosen, and a run of nothing isn't a pass".to_owned();
        for (tag, count) in chosen.left_out.iter().filter(|(_, count)| *count > 0) {
            reason.push_str(&format!("; {count} left out by @{tag}"));
        }
        Err(Stop::Failure(reason))
    }

    fn steps(&self, chosen: &Chosen) -> Result<(), Stop> {
        let format = match self.options.format {
            Some(Format::Json) => steps::Format::Json,
            Some(Format::Markdown) => steps::Format::Markdown,
            _ => steps::Format::Text,
        };
        let catalogue = steps::catalogue(&chosen.features, format, self.options.unused);
        say(catalogue.map_err(|failure| Stop::Failure(failure.to_string()))?);
        Ok(())
    }

    /// As libtest does: `name: test` for each.
    fn list(&self, chosen: &Chosen) {
        let mut count = 0;
        for feature in &chosen.features {
            let ruled = feature.rules.iter().flat_map(|rule| &rule.scenarios);
            for scenario in feature.scenarios.iter().chain(ruled) {
                say(format_args!("{} › {}: test", feature.name, scenario.name));
                count += 1;
            }
        }
        if self.options.format != Some(Format::Terse) {
            say(format_args!("\n{count} tests, 0 benchmarks"));
        }
    }

    /// Runs what was chosen and tells how it went.
    async fn drive(&self, context: Option<&Arc<SlotContext>>, slots: usize, chosen: Chosen) -> u8 {
        let statistics = Rc::new(RefCell::new(Statistics::default()));
        statistics.borrow_mut().timings.boot = self.began.elapsed();
        let runner = Slots {
            context: context.cloned(),
            slots,
            first_slot: 1,
            seed: self.seed,
            step_timeout: self.file.step_timeout(&self.options),
            fail_fast: self.options.fail_fast,
            retry: self.options.retries(),
            statistics: Rc::clone(&statistics),
            interrupted: self.interrupted.clone(),
            hooks: self.definition.hooks.clone(),
        };
        let mut report = Report::new(
            statistics,
            self.options.color,
            self.options.verbose,
            self.options.dry_run,
            format!("{} --seed {}", self.definition.again, self.seed),
        );
        for what in &chosen.unreadable {
            report.unreadable(what);
        }
        let features = stream(&chosen);
        let mut events = runner.run(features, Empty);
        while let Some(event) = events.next().await {
            report.handle_event(event, &Empty).await;
        }
        let left_out: Vec<_> = chosen
            .left_out
            .iter()
            .map(|(tag, count)| (format!("@{tag}"), *count))
            .collect();
        report.summary(&left_out, self.seed, self.order);
        if report.all_well() { PASSED } else { FAILED }
    }
}
