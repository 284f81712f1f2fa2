//! `copy`: copies one database into another.

use std::io::{IsTerminal, Write};

use clap::Args;

use super::failure::Failure;
use super::runtime::{runtime, signals};
use super::settings::Settings;
use crate::config::{Config, EnvVars, Target, url_error};
use crate::store::copy::{self, Copied, CopyError};

/// The width of the progress bar.
const BAR: usize = 30;

/// Copy everything from one database into an empty one
///
/// Either side can be PostgreSQL or SQLite, so this also moves from one to the other, or makes a backup of a database
/// that is in use: the source is read in one snapshot. The target must be empty; a missing SQLite file is created.
/// Everything is written in one transaction and verified before it commits, so a copy that fails or is interrupted
/// leaves the target empty.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The database to read: postgres://… or sqlite:…
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database to fill
    #[arg(long, value_name = "URL")]
    to: String,
}

impl Copy {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        if settings.database.is_some() {
            return Err(Failure::Usage(
                "copy takes --from and --to, and no --database".into(),
            ));
        }
        let from = side("--from", self.from, settings.clone(), env.clone())?;
        let to = side("--to", self.to, settings, env)?;
        if same(&from.target, &to.target) {
            return Err(Failure::Usage(format!(
                "--from and --to are the same: {}",
                to.target
            )));
        }
        let copied = runtime()?.block_on(copy_unless_interrupted(&from, &to))?;
        for Copied {
            table,
            rows,
            digest,
        } in copied
        {
            println!("{table:<16} {rows:>10} rows  {digest}");
        }
        println!(
            "copied {} to {}; counts and digests agree",
            from.target, to.target
        );
        Ok(())
    }
}

fn side(flag: &str, url: String, settings: Settings, env: EnvVars) -> Result<Config, Failure> {
    if let Some(fault) = url_error(&url) {
        return Err(Failure::Usage(format!("{flag} {fault}")));
    }
    settings.load_only(url, env)
}

fn same(one: &Target, other: &Target) -> bool {
    match (one, other) {
        (Target::Sqlite(one), Target::Sqlite(other)) => {
            let real = |path: &std::path::Path| path.canonicalize().ok();
            let (one, other) = (one.get_filename(), other.get_filename());
            one == other || real(one).is_some_and(|one| Some(one) == real(other))
        }
        (Target::Postgres(_), Target::Postgres(_)) => one.to_string() == other.to_string(),
        _ => false,
    }
}

pub(super) async fn copy_unless_interrupted(
    from: &Config,
    to: &Config,
) -> Result<Vec<Copied>, Failure> {
    let interrupted = signals()?;
    let mut bar = Bar::default();
    let mut progress = |table: &'static str, done, total| bar.draw(table, done, total);
    let timeout = from.database.attempt_timeout;
    // A copy needs a direct connection, and may have to create tables.
    let (source, target) = (&from.migration_target, &to.migration_target);
    let copying = copy::copy(source, target, timeout, &mut progress);
    tokio::select! {
        done = copying => done.map_err(|error| match error {
            CopyError::Store(_) | CopyError::Unequal(_) => Failure::Failed(format!("{error}; the target is empty")),
            _ => Failure::Failed(error.to_string()),
        }),
        () = interrupted => Err(Failure::Failed("interrupted; the target is empty".into())),
    }
}

/// Progress: a bar on a terminal, elsewhere one line per table.
struct Bar {
    terminal: bool,
    finished: Option<String>,
}

impl Default for Bar {
    fn default() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            finished: None,
        }
    }
}

impl Bar {
    fn draw(&mut self, table: &str, done: u64, total: u64) {
        if self.finished.as_deref() == Some(table) {
            return;
        }
        // A progress bar that can't be drawn is no reason to fail.
        let mut screen = std::io::stderr();
        if done == total {
            self.finished = Some(table.to_owned());
        }
        if !self.terminal {
            if done == total {
                let _ = writeln!(screen, "{table}: {done} of {total} rows");
            }
            return;
        }
        let width = (done * BAR as u64).checked_div(total).map(usize::try_from);
        let full = width.and_then(Result::ok).unwrap_or(BAR).min(BAR);
        let (full, empty) = ("█".repeat(full), "·".repeat(BAR - full));
        let _ = write!(screen, "\r{table:<16} {full}{empty} {done} of {total}");
        if done == total {
            let _ = writeln!(screen);
        }
        let _ = screen.flush();
    }
}
