//! One run of the suite, from its options to its exit code.

use std::{
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

use crate::{
    browser::BrowserSettings,
    failure::Misuse,
    gherkin::Order,
    output::{complain, say},
    process::random_name,
    runner::hooks::Hooks,
    service::Program,
    slot::{
        factory::{Isolation, SlotContext, Target},
        logs,
    },
    suite::{
        ending::{FAILED, PANICKED, PASSED, Stop, guarded},
        file::{File, Wanted},
        lent::Lent,
        merge,
        options::{Options, Shuffle},
        reports::Reports,
        unused,
    },
};

/// The definition of a suite, with absolute paths.
pub struct Definition {
    /// The package's folder, or the folder of the suite's file.
    pub root: PathBuf,
    pub features: PathBuf,
    pub config: PathBuf,
    /// The settings of the file, if it has already been read.
    pub settings: Option<File>,
    /// Whether the run uses the process of a lent slot.
    pub lent: bool,
    /// The folder that outlives runs.
    pub cache: PathBuf,
    /// The prefix of the suite's environment variables.
    pub variables: String,
    pub program: Arc<Program>,
    pub hooks: Hooks,
    /// Tag expressions that every scenario has to match.
    pub tags: Vec<String>,
    /// The command that runs a scenario again, without its place and the seed.
    pub again: String,
}

/// Runs the suite's features (or the named ones) and returns the exit code.
pub async fn run(definition: Definition, options: Options) -> u8 {
    guarded(|interrupted| async move {
        let reports = Reports::of(&options, &definition.variables, &definition.cache);
        let ended = match Run::new(definition, options, interrupted) {
            Ok(run) => run.run().await,
            Err(stop) => Err(stop),
        };
        if let (Some(reports), Err(stop)) = (reports, &ended) {
            reports.stopped(stop.reason());
        }
        ended
    })
    .await
}

/// Prints how to open the kept databases, and when they are removed.
fn say_kept(kept: &[(String, String)], folder: &Path) {
    say("\nKept databases:");
    for (scenario, look) in kept {
        say(format_args!("  {scenario}\n    {look}"));
    }
    say(format_args!(
        "The next run of this project removes them, and the server if the suite started it. Its files are in {}",
        folder.display()
    ));
}

pub(super) struct Run {
    pub(super) definition: Definition,
    pub(super) options: Options,
    pub(super) file: File,
    pub(super) wanted: Wanted,
    pub(super) browser: BrowserSettings,
    /// The lent slot, if the run uses its process.
    pub(super) lent: Option<Lent>,
    pub(super) interrupted: CancellationToken,
    pub(super) isolation: Isolation,
    pub(super) seed: u64,
    pub(super) order: Option<Order>,
    pub(super) began: Instant,
}

impl Run {
    pub(super) fn new(
        mut definition: Definition,
        mut options: Options,
        interrupted: CancellationToken,
    ) -> Result<Self, Stop> {
        definition
            .hooks
            .check()
            .map_err(|failure| Stop::Failure(failure.to_string()))?;
        let has_service = definition.program.has_service() || definition.lent;
        if !has_service && options.target == Target::Service {
            options.target = Target::None;
        }
        options.check_format()?;
        let file = match &definition.settings {
            Some(file) => file.clone(),
            None => File::read(&definition.config)?,
        };
        let mut wanted = file.wanted(&options, &definition.variables, &definition.config)?;
        // Not every driver supports sockets.
        wanted.server.tcp = file.is_a_projects;
        unused::check(
            &options,
            &file,
            &definition.config,
            &definition.variables,
            definition.lent,
        )?;
        let needs_address = options.target == Target::Service && definition.program.has_service();
        // Every run looks, because reading removes the file of a killed lender.
        let lent = Lent::read(&definition.cache);
        let lent = definition
            .lent
            .then(|| Lent::borrowed(lent, needs_address))
            .transpose()?;
        definition.add_neighbours(&file);

        if let Some(folder) = options
            .migrations
            .as_ref()
            .filter(|folder| !folder.is_dir())
        {
            let folder = folder.display();
            return Err(Misuse(format!("--migrations: {folder} isn't a folder")).into());
        }
        definition.check_neighbours(&file)?;
        let random = || u64::from(u32::from_str_radix(&random_name(), 16).unwrap_or(1));
        Ok(Self {
            seed: options.seed.unwrap_or_else(random),
            order: options
                .shuffle
                .map(|Shuffle(order)| order.unwrap_or_else(|| Order::Random(random()))),
            isolation: Isolation {
                strategy: options.reset.or(file.suite.reset).unwrap_or_default(),
                prove: options.prove_isolation || file.suite.prove_isolation,
            },
            began: Instant::now(),
            browser: file.browser(&options, &definition.config)?,
            lent,
            definition,
            file,
            wanted,
            interrupted,
            options,
        })
    }

    async fn run(mut self) -> Result<u8, Stop> {
        if !self.options.merge.is_empty() {
            return merge::run(&self.options.merge, &self.report_folder());
        }
        if self.options.filter.read_rerun()? {
            say("nothing failed in the run that wrote the file: nothing to run");
            return Ok(PASSED);
        }
        let store = self.wanted.store;
        let mut chosen = self.choose(store)?;
        if self.options.ignored.ignored {
            // For test runners: run only ignored tests, of which there are none.
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
        self.check_needs(&chosen)?;
        if chosen.scenarios() == 0 && chosen.unreadable.is_empty() {
            return self.nothing_to_run(&chosen);
        }
        logs::capture(LevelFilter::INFO);
        if self.options.dry_run || chosen.scenarios() == 0 {
            return Ok(self.drive(None, 1, chosen).await);
        }
        let Definition {
            variables, cache, ..
        } = &self.definition;
        if let Some(reports) = Reports::of(&self.options, variables, cache) {
            reports.remove_earlier();
        }
        self.assume_neighbours(&chosen);
        let (folder, context, slots) = self.prepare().await?;
        // After a fallback to SQLite, scenarios about PostgreSQL are left out.
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
        let kept = SlotContext::shut_down(context).await;
        if kept.is_empty() {
            folder.remove().await;
        } else {
            say_kept(&kept, &folder.path);
            folder.keep().await;
        }
        code
    }

    async fn print_reset(context: &SlotContext) -> Result<u8, Stop> {
        let sql = context.reset_sql().await;
        say(sql.map_err(|failure| Stop::Failure(failure.to_string()))?);
        Ok(PASSED)
    }

    pub(super) fn report_folder(&self) -> PathBuf {
        let definition = &self.definition;
        self.options
            .report_folder(&definition.variables, &definition.cache)
    }
}
