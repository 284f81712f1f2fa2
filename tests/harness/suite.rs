//! One run of the suite, from its options to its exit code.

use std::{
    cell::{Cell, RefCell},
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use cucumber::{Runner as _, Writer as _, cli::Empty};
use futures::{FutureExt as _, StreamExt as _};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::LevelFilter;

use super::{
    features::{Chosen, Selection, stream},
    ground::{self, Ground},
    logs,
    options::{Database, File, Misuse, Options, Shuffle, Store, Target, Wanted},
    out::{complain, say},
    postgres::{self, NoServer},
    program::{Environment, Program},
    report::{Report, Statistics},
    run_folder::RunFolder,
    runner::Slots,
    sqlite,
    template::{Schema, Template, random_name},
};

const PASSED: u8 = 0;
const FAILED: u8 = 1;
const MISUSED: u8 = 2;
const PANICKED: u8 = 101;

/// A slot's service takes so many connections at most, with those of the harness.
const CONNECTIONS_A_SLOT: u32 = 14;

/// Why a run ends before its scenarios.
enum Stop {
    Misuse(Misuse),
    Failure(String),
}

impl From<Misuse> for Stop {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

/// Runs the features in `home` (or those that are named) and answers the exit code.
pub async fn run(program: Arc<dyn Program>, options: Options, home: &Path) -> u8 {
    let interrupted = CancellationToken::new();
    let by = Rc::new(Cell::new(None));
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(listen(interrupted.clone(), Rc::clone(&by)));
            let code = match Suite::new(program, options, home, interrupted) {
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

struct Suite {
    program: Arc<dyn Program>,
    options: Options,
    file: File,
    wanted: Wanted,
    home: PathBuf,
    interrupted: CancellationToken,
    seed: u64,
    order: Option<u64>,
}

impl Suite {
    fn new(
        program: Arc<dyn Program>,
        options: Options,
        home: &Path,
        interrupted: CancellationToken,
    ) -> Result<Self, Stop> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = File::read(&root.join("config.test.toml"))?;
        let wanted = file.wanted(&options)?;
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
            program,
            file,
            wanted,
            home: home.to_owned(),
            interrupted,
            options,
        })
    }

    async fn run(mut self) -> Result<u8, Stop> {
        let chosen = self.choose(self.wanted.store)?;
        if self.options.ignored.ignored {
            // As test runners mean it: only what is ignored, and nothing is.
            if self.options.list {
                return Ok(PASSED);
            }
            say("\n[Summary]\n0 features\n0 scenarios\n0 steps");
            return Ok(PASSED);
        }
        if self.options.list {
            self.list(&chosen);
            return Ok(PASSED);
        }
        if chosen.scenarios() == 0 && chosen.unreadable.is_empty() {
            return Self::nothing_to_run(&chosen);
        }
        logs::capture(LevelFilter::INFO);
        if self.options.dry_run {
            return Ok(self.drive(None, 1, chosen).await);
        }
        let folder = RunFolder::make().map_err(Stop::Failure)?;
        let (ground, slots) = match self.ground(&folder.path).await {
            Ok(ready) => ready,
            Err(stop) => {
                folder.remove().await;
                return Err(stop);
            }
        };
        let ground = Arc::new(ground);
        // A fallback to SQLite leaves out what speaks of the server.
        let chosen = self.choose(self.wanted.store)?;
        let driven = AssertUnwindSafe(self.drive(Some(&ground), slots, chosen))
            .catch_unwind()
            .await;
        Ground::take_down(ground).await;
        folder.remove().await;
        match driven {
            Ok(code) => Ok(code),
            Err(_) => Ok(PANICKED),
        }
    }

    fn choose(&self, store: Store) -> Result<Chosen, Stop> {
        let mut left_out = vec![("wip", "@wip")];
        if store == Store::Sqlite {
            left_out.push(("postgres", "@postgres, which SQLite can't serve"));
        }
        Ok(Selection::new(&self.options, &self.home, left_out, self.order)?.read())
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
        if self.options.format.as_deref() != Some("terse") {
            say(format_args!("\n{count} tests, 0 benchmarks"));
        }
    }

    /// Boots what is needed, and says how many slots there is room for.
    async fn ground(&mut self, folder: &Path) -> Result<(Ground, usize), Stop> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let mut slots = self
            .options
            .slots
            .or(self.file.suite.slots)
            .map_or(cores * 2, usize::from);
        let store = if let Target::Url(url) = &self.options.target {
            say(format_args!(
                "target: the service at {url}; its database isn't ours, so scenarios run one at a time and nothing is reset"
            ));
            slots = 1;
            ground::Store::Foreign
        } else if self.wanted.store == Store::Sqlite {
            self.sqlite(folder, "as was asked for").await?
        } else {
            self.postgres(folder, &mut slots).await?
        };
        let ground = Ground {
            program: Arc::clone(&self.program),
            target: self.options.target.clone(),
            store,
            settings: self.settings(),
            folder: folder.to_owned(),
            clones: std::sync::Mutex::default(),
        };
        Ok((ground, slots))
    }

    async fn postgres(&mut self, folder: &Path, slots: &mut usize) -> Result<ground::Store, Stop> {
        let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bdd");
        let found = match postgres::find(&self.wanted, &cache, folder, &|line| say(line)).await {
            Ok(found) => found,
            Err(none) => return self.without_postgres(folder, &none).await,
        };
        say(format_args!("database: {}", found.why));
        let room = (found.server.connections / CONNECTIONS_A_SLOT).max(1) as usize;
        if room < *slots {
            say(format_args!(
                "slots: {room} instead of {slots}, because the server has {} free connections",
                found.server.connections
            ));
            *slots = room;
        }
        let schema = self.schema();
        match Template::make(found.server, &self.program, schema, &|line| say(line)).await {
            Ok(template) => Ok(ground::Store::Postgres(Arc::new(template))),
            Err((server, failure)) => {
                server.stop().await;
                Err(Stop::Failure(failure.to_string()))
            }
        }
    }

    /// On a machine with nothing but Rust the suite is green on SQLite; where somebody counts on PostgreSQL it isn't.
    async fn without_postgres(
        &mut self,
        folder: &Path,
        none: &NoServer,
    ) -> Result<ground::Store, Stop> {
        if self.wanted.named || self.wanted.url.is_some() || std::env::var_os("CI").is_some() {
            return Err(Stop::Failure(none.to_string()));
        }
        say("╔══════════════════════════════════════════════════════════════════╗");
        say("║ No PostgreSQL can be had: the suite runs on SQLite.              ║");
        say("║ Scenarios tagged @postgres are left out; the summary counts them.║");
        say("╚══════════════════════════════════════════════════════════════════╝");
        for reason in &none.0 {
            say(format_args!("  {reason}"));
        }
        self.wanted.store = Store::Sqlite;
        self.sqlite(folder, "because no PostgreSQL can be had")
            .await
    }

    async fn sqlite(&self, folder: &Path, why: &str) -> Result<ground::Store, Stop> {
        say(format_args!("database: SQLite, {why}"));
        let template = sqlite::Template::make(folder, self.schema()).await;
        let template = template.map_err(|failure| Stop::Failure(failure.to_string()))?;
        Ok(ground::Store::Sqlite(Arc::new(template)))
    }

    fn schema(&self) -> Schema<'_> {
        match &self.options.migrations {
            Some(folder) => Schema::Folder(folder),
            None => Schema::Program(&self.program),
        }
    }

    /// The keys of `[service]` in `config.test.toml`, as variables.
    fn settings(&self) -> Environment {
        let mut settings = Environment::new();
        for (key, value) in &self.file.service {
            match value {
                toml::Value::Table(section) => {
                    for (name, value) in section {
                        settings.insert(
                            self.program.variable(&format!("{key}.{name}")),
                            plain(value),
                        );
                    }
                }
                value => {
                    settings.insert(self.program.variable(key), plain(value));
                }
            }
        }
        settings
    }

    /// Runs what was chosen and tells how it went.
    async fn drive(&self, ground: Option<&Arc<Ground>>, slots: usize, chosen: Chosen) -> u8 {
        let statistics = Rc::new(RefCell::new(Statistics::default()));
        let runner = Slots {
            ground: ground.cloned(),
            slots,
            first_slot: 1,
            seed: self.seed,
            step_timeout: self.options.step_timeout,
            fail_fast: self.options.fail_fast,
            retry: self.options.retry,
            statistics: Rc::clone(&statistics),
            interrupted: self.interrupted.clone(),
        };
        let mut report = Report::new(
            statistics,
            self.options.color,
            self.options.verbose,
            self.options.dry_run,
            self.again(),
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

    /// What runs a scenario again, but for its place.
    fn again(&self) -> String {
        let mut again = String::from("cargo test --test bdd --");
        match &self.options.database {
            Some(Database::Local) => again.push_str(" --database local"),
            Some(Database::Container) => again.push_str(" --database container"),
            Some(Database::External) => again.push_str(" --database external"),
            // A URL may hold a password, and whoever gave it knows it.
            Some(Database::Auto | Database::Url(_)) | None => {}
        }
        if self.wanted.store == Store::Sqlite {
            again.push_str(" --store sqlite");
        }
        if let Some(folder) = &self.options.migrations {
            again.push_str(&format!(" --migrations {}", folder.display()));
        }
        match &self.options.target {
            Target::Service => {}
            Target::Binary => again.push_str(" --target binary"),
            Target::None => again.push_str(" --target none"),
            Target::Url(url) => again.push_str(&format!(" --target {url}")),
        }
        again.push_str(&format!(" --seed {}", self.seed));
        again
    }
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
