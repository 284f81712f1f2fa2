//! `cargo bench -p bdd-harness --bench reset`: the time of a reset, by the size of the schema and by how much was
//! written. Other ways to a clean database are measured in the same run on the same server.
//!
//! Results are wall-clock times of this machine: compare the ratios.

mod at_once;
mod measured;
mod more;
mod plot;
mod rival;
mod schema;
mod summary;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bdd_harness::{
    failure::Failure,
    isolation::{
        reset::Strategy,
        template::{Schema, Template},
    },
    process::run_folder::{self, RunFolder},
    server::{self, Provider, Server, ServerRequest},
    service::{Environment, Program},
    slot::{
        Outcome, Slot,
        factory::{DatabaseSource, Isolation, SlotContext, Target},
    },
};
use clap::Parser;
use measured::{Measured, Pace, Rounds, print};
use rival::Rival;
use summary::Row;
use tokio_util::sync::CancellationToken;

/// The number of rows that are written to each table.
const ROWS: usize = 10;
/// How often our reset is measured for each round of the others.
const AT_A_TIME: usize = 4;
/// The summary and the plot show a scenario that wrote to this number of tables.
const USUAL: usize = 3;

type Done = Result<(), Failure>;

/// Measures the time of a reset, and of other ways to a clean database.
///
/// Results are wall-clock times of this machine: compare the ratios. `ours` is the time from the scenario's end until
/// the slot is free. It includes every check that the suite makes, and closing the scenario's own connection.
#[derive(Debug, Parser)]
#[command(name = "reset", max_term_width = 110)]
struct Options {
    /// Where PostgreSQL comes from: local, container, external, auto, or a URL
    #[arg(long, value_name = "PROVIDER|URL", default_value = "local")]
    database: Provider,

    /// Few rounds: checks that the benchmark works, not how fast it is
    #[arg(long)]
    quick: bool,

    /// The schemas' sizes
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "10,100,1000",
          value_parser = clap::value_parser!(u16).range(6..=5000))]
    tables: Vec<u16>,

    /// Writes a plot to this SVG file; needs schemas of at least two sizes
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,

    /// cargo passes this to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn pace(&self) -> Pace {
        if self.quick {
            Pace {
                warm_up: 3,
                least: 2,
                most: 20,
                budget: Duration::from_millis(300),
            }
        } else {
            Pace {
                warm_up: 10,
                least: 3,
                most: 300,
                budget: Duration::from_secs(2),
            }
        }
    }
}

/// State shared by all measurements.
pub struct Bench {
    options: Options,
    program: Arc<Program>,
    /// The server for all databases.
    server: Server,
    /// A folder that is removed with the run.
    folder: PathBuf,
    interrupted: CancellationToken,
}

fn main() -> Done {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(error.to_string()))?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(run(options)))
}

async fn run(options: Options) -> Done {
    if options.plot.is_some() && options.tables.len() < 2 {
        return Err("--plot needs schemas of at least two sizes".into());
    }
    bdd_harness::slot::logs::capture(tracing_subscriber::filter::LevelFilter::OFF);
    let interrupted = CancellationToken::new();
    tokio::task::spawn_local(listen(interrupted.clone()));
    for swept in run_folder::sweep() {
        println!("swept what a killed run had left: {swept}");
    }
    let folder = RunFolder::create()?;
    let outcome = match find(&options.database, &folder.path).await {
        Ok(server) => {
            let bench = Bench {
                options,
                program: Arc::new(Program::default().with_database("bdd_harness_bench")),
                server,
                folder: folder.path.clone(),
                interrupted,
            };
            let outcome = bench.all().await;
            bench.server.stop().await;
            outcome
        }
        Err(failure) => Err(failure),
    };
    folder.remove().await;
    outcome
}

/// The first Ctrl-C ends the run in good order, the second one at once. Then guardians clean up.
async fn listen(interrupted: CancellationToken) {
    while tokio::signal::ctrl_c().await.is_ok() {
        if interrupted.is_cancelled() {
            std::process::exit(130);
        }
        eprintln!("\ninterrupted: everything is being taken down; a second signal ends it at once");
        interrupted.cancel();
    }
}

async fn find(provider: &Provider, folder: &Path) -> Result<Server, Failure> {
    let request = ServerRequest::new(provider.clone());
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let found = server::find(&request, cache, folder, &|line| println!("{line}")).await;
    let found = found.map_err(|none| Failure::new(none.to_string()))?;
    println!("PostgreSQL {}, {}", found.server.version, found.why);
    Ok(found.server)
}

impl Bench {
    async fn all(&self) -> Done {
        let start = Instant::now();
        let mut rows = Vec::new();
        for tables in self
            .options
            .tables
            .iter()
            .map(|tables| usize::from(*tables))
        {
            let folder = self.folder.join(format!("migrations_{tables}"));
            schema::write_migrations(&folder, tables)
                .map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
            let context = self.context(&folder).await?;
            let measured = self.schema(&context, tables, &folder).await;
            SlotContext::shut_down(context).await;
            rows.push(measured?);
        }
        if let Some(file) = &self.options.plot {
            plot::draw(file, &rows)?;
            println!("\ndrawn: {}", file.display());
        }
        summary::print(&rows);
        println!(
            "\nthe whole benchmark took {:.0} s",
            start.elapsed().as_secs_f64()
        );
        Ok(())
    }

    /// A template on the shared server, for slots without a service.
    async fn context(&self, folder: &Path) -> Result<Arc<SlotContext>, Failure> {
        // A template owns its server, so each template gets its own value for the same server.
        let url = self.server.url("postgres").to_string();
        let request = ServerRequest::new(Provider::Url(url));
        let found = server::find(&request, folder, folder, &|_| {}).await;
        let server = found.map_err(|none| Failure::new(none.to_string()))?.server;
        let schema = Schema::Foreign(folder.to_owned());
        let created = Template::create(server, &self.program, schema, false, &|_| {}).await;
        let template = created.map_err(|(_, failure)| failure)?;
        Ok(self.context_of(Arc::new(template), Strategy::Adaptive))
    }

    fn context_of(&self, template: Arc<Template>, strategy: Strategy) -> Arc<SlotContext> {
        Arc::new(SlotContext::new(
            Arc::clone(&self.program),
            Target::None,
            DatabaseSource::Postgres(template),
            Environment::new(),
            self.folder.clone(),
            Isolation {
                strategy,
                prove: false,
            },
        ))
    }

    /// All measurements for one size.
    async fn schema(
        &self,
        context: &Arc<SlotContext>,
        tables: usize,
        folder: &Path,
    ) -> Result<Row, Failure> {
        let DatabaseSource::Postgres(template) = &context.source else {
            return Err("not on PostgreSQL".into());
        };
        let mut slot = Slot::prepare(context, 7000).await?;
        let mut rivals = Rival::in_place(context, template, 8000, tables).await?;
        let mut new = Rival::new_databases(template, folder).await?;
        let row = self.by_dirt(&mut slot, &mut rivals, &mut new, tables).await;
        for rival in rivals.into_iter().chain(new) {
            rival.end().await;
        }
        let row = row?;
        self.at_once(context, tables).await?;
        if tables <= 100 {
            self.large(context, template, &mut slot, tables).await?;
            self.strategies(template, tables).await?;
        }
        if tables <= 10 {
            self.in_a_row(&mut slot, tables).await?;
            self.marks(context, template).await?;
        }
        slot.end().await;
        Ok(row)
    }

    async fn by_dirt(
        &self,
        slot: &mut Slot,
        rivals: &mut [Rival],
        new: &mut [Rival],
        tables: usize,
    ) -> Result<Row, Failure> {
        let mut usual = Vec::new();
        for dirty in [0, USUAL, tables / 2] {
            let writes = schema::writes(tables, dirty, ROWS);
            // The time of a new database doesn't depend on the contents of the old one.
            let mut others: Vec<&mut Rival> = rivals.iter_mut().collect();
            if dirty == USUAL {
                others.extend(new.iter_mut());
            }
            let ways = self
                .compare(slot, &mut others, &writes, self.options.pace())
                .await?;
            let wrote = match dirty {
                0 => "none written to".to_owned(),
                _ => format!("{ROWS} rows written to each of {dirty}"),
            };
            print(&format!("{tables} tables, {wrote}"), &ways);
            if dirty == USUAL {
                usual = ways;
            }
        }
        Ok(Row {
            tables,
            ways: usual,
        })
    }

    /// Measures ours and the others after the same writes, in turn, so that the machine's load affects all of them.
    ///
    /// When the others change the catalogs, every session of the server has to reload its caches, ours too. That
    /// doesn't happen in a suite, so the first reset after their turn is counted separately.
    async fn compare(
        &self,
        slot: &mut Slot,
        rivals: &mut [&mut Rival],
        writes: &str,
        pace: Pace,
    ) -> Result<Vec<Measured>, Failure> {
        let mut ours = Rounds::default();
        let mut disturbed = Vec::new();
        let often = Pace {
            most: pace.most * AT_A_TIME,
            ..pace
        };
        loop {
            let mut busy = false;
            for rival in &mut *rivals {
                self.go_on()?;
                busy |= rival.go(pace, writes).await?;
            }
            if !busy && !ours.go_on(often) {
                break;
            }
            if busy && ours.go_on(often) {
                disturbed.push(self.reset(slot, writes, &Outcome::InPlace).await?);
            }
            for _ in 0..AT_A_TIME {
                if ours.go_on(often) {
                    let start = Instant::now();
                    let time = self.reset(slot, writes, &Outcome::InPlace).await?;
                    ours.add(often, time, start.elapsed());
                }
            }
        }
        let mut ways = vec![
            ours.end("ours: scenario's end to slot free, checks included"),
            Measured::new("  ours, the first one after the others", disturbed),
        ];
        ways.extend(rivals.iter_mut().map(|rival| rival.measured()));
        Ok(ways)
    }

    /// Fails if the run was interrupted.
    fn go_on(&self) -> Done {
        if self.interrupted.is_cancelled() {
            return Err("interrupted".into());
        }
        Ok(())
    }

    /// Runs a scenario that writes. Returns the time from its end until its slot is free.
    async fn reset(
        &self,
        slot: &mut Slot,
        writes: &str,
        how: &Outcome,
    ) -> Result<Duration, Failure> {
        self.go_on()?;
        if !writes.is_empty() {
            slot.database().await?.run(writes).await?;
        }
        let release = slot.release().await?;
        if release.outcome != *how {
            return Err(Failure::new(format!(
                "the slot was released {:?} instead of {how:?}",
                release.outcome
            )));
        }
        // As the suite does between scenarios.
        slot.vacuum().await;
        Ok(release.took)
    }
}
