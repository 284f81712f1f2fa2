//! The suite's command line.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use clap::{ArgAction, ArgMatches, CommandFactory as _, Parser, parser::ValueSource};

use crate::{
    browser::Choice,
    duration::{Limit, Span},
    failure::Misuse,
    gherkin::{Filter, Order, TagExpression},
    isolation::reset::Strategy,
    report::Color,
    runner::RetryOptions,
    server::Provider,
    service::Store,
    slot::factory::Target,
};

/// Behaviour tests on a real database: every scenario has its own clean database.
///
/// Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 130 or 143 interrupted.
#[derive(Clone, Debug, Parser)]
#[command(name = "bdd", version, max_term_width = 110)]
pub struct Options {
    #[command(flatten)]
    pub filter: Filter,

    /// Where PostgreSQL comes from: auto, external, container, local, or a URL [default: auto]
    #[arg(long, value_name = "PROVIDER|URL")]
    pub database: Option<Provider>,

    /// Uses a role that may only create databases and roles, as on a shared server; for container and local
    #[arg(long)]
    pub plain_owner: bool,

    /// The kind of database that the service uses [default: postgres]
    #[arg(long, value_enum)]
    pub store: Option<Store>,

    /// What is tested: the service in this process, its built executable, no service, or one that runs at a URL
    #[arg(
        long,
        value_name = "service|binary|none|URL",
        default_value = "service"
    )]
    pub target: Target,

    /// Creates the template from another folder of migrations
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,

    /// How a slot is reset after each scenario [default: adaptive]
    #[arg(long, value_enum, value_name = "STRATEGY")]
    pub reset: Option<Strategy>,

    /// Compares everything in a slot's database with the template after every reset
    #[arg(long)]
    pub prove_isolation: bool,

    /// Number of scenarios that run at the same time, each in its own slot [default: one; then one per core, and up to three, as they are worth the service's start]
    #[arg(long, visible_alias = "concurrency", short = 'c', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub slots: Option<u16>,

    /// Runs the scenarios in a random order, which is the same for the same seed, or reversed
    #[arg(long, value_name = "SEED|reverse", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub shuffle: Option<Shuffle>,

    /// The seed of generated values; every run prints its own
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Matches every step; runs nothing
    #[arg(long)]
    pub dry_run: bool,

    /// How long one step may take [default: 2m]
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub step_timeout: Option<Duration>,

    /// How long the service may take to start [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub start_timeout: Option<Duration>,

    /// How long a run of the program's command line may take [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub program_timeout: Option<Duration>,

    /// The browser of scenarios tagged @browser; `none` leaves them out [default: CHROMIUM, or Chromium in PATH]
    #[arg(long, value_name = "none|PATH")]
    pub browser: Option<Choice>,

    /// How long a step waits until a page is as expected [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub browser_patience: Option<Duration>,

    /// Starts no further scenario after one has failed
    #[arg(long, visible_alias = "ff")]
    pub fail_fast: bool,

    /// Keeps the database of each scenario that fails, and prints a command that opens it; the project's next run removes it
    #[arg(long)]
    pub keep_db: bool,

    /// Runs a failed scenario again, at most this number of times
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16), allow_negative_numbers = true)]
    pub retry: u16,

    /// The pause before a retry
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "retry")]
    pub retry_after: Option<Duration>,

    /// Retries only scenarios whose tags match this expression, and those tagged @retry
    #[arg(long, value_name = "EXPRESSION", requires = "retry")]
    pub retry_tag_filter: Option<TagExpression>,

    /// Runs what changed and what failed last, each time a file is saved, until Ctrl-C
    #[arg(long, conflicts_with_all = ["shard", "rerun"])]
    pub watch: bool,

    /// Colours: auto, always, never
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,

    /// Also prints every scenario that passes; if given twice, also its steps and tables; three times, also docstrings
    #[arg(long, short = 'v', action = ArgAction::Count, value_parser = clap::value_parser!(u8).range(..=3))]
    pub verbose: u8,

    /// Where reports are written [default: target/bdd]
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,

    /// Merges the reports in these folders (of shards, for example) into one of each kind; runs nothing
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub merge: Vec<PathBuf>,

    /// Prints the scenarios in the format of test runners; runs nothing
    #[arg(long)]
    pub list: bool,

    /// Shows every step: its expression, what it does, where it is, and how often it is used; runs nothing
    #[arg(long)]
    pub steps: bool,

    /// Prints the SQL of the reset in every slot's database; runs nothing
    #[arg(long)]
    pub print_reset: bool,

    /// With --steps: only those that no feature uses
    #[arg(long, requires = "steps")]
    pub unused: bool,

    /// Output format of --list (pretty, terse) and --steps (text, json, markdown)
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Accepted because test runners pass them; they have no effect here
    #[command(flatten)]
    pub ignored: Ignored,

    /// The options that stand on the command line: how each is written, by its id.
    #[arg(skip)]
    pub given: BTreeMap<String, String>,
}

/// Options of other test runners, which `cargo test -- …` passes to every target.
#[derive(Clone, Debug, clap::Args)]
pub struct Ignored {
    #[arg(long, hide = true)]
    pub nocapture: bool,
    #[arg(long, hide = true)]
    pub no_capture: bool,
    #[arg(long, hide = true)]
    pub show_output: bool,
    #[arg(long, short = 'q', hide = true)]
    pub quiet: bool,
    #[arg(long, hide = true)]
    pub bench: bool,
    #[arg(long, hide = true)]
    pub include_ignored: bool,
    /// No scenario is ever ignored, so this option selects none.
    #[arg(long, hide = true)]
    pub ignored: bool,
    #[arg(long, hide = true)]
    pub test_threads: Option<usize>,
    #[arg(short = 'Z', hide = true)]
    pub unstable: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Pretty,
    Terse,
    Text,
    Json,
    Markdown,
}

/// The order, if one was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle(pub Option<Order>);

impl FromStr for Shuffle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let order = (!text.is_empty()).then(|| text.parse());
        order.transpose().map(Self)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<Span>().map(|Span(duration)| duration)
}

fn limit(text: &str) -> Result<Duration, String> {
    text.parse::<Limit>().map(|Limit(duration)| duration)
}

impl Options {
    /// Notes which options stand on the command line, except those that are accepted for test runners.
    #[must_use]
    pub fn noting_given(mut self, matches: &ArgMatches) -> Self {
        let options = Self::command();
        let given = options.get_arguments().filter(|argument| {
            let id = argument.get_id().as_str();
            !argument.is_hide_set() && matches.value_source(id) == Some(ValueSource::CommandLine)
        });
        let shown = given.map(|argument| {
            let shown = argument
                .get_long()
                .map_or_else(|| "a path or word".to_owned(), |long| format!("--{long}"));
            (argument.get_id().to_string(), shown)
        });
        self.given = shown.collect();
        self
    }

    /// The options of a pool: defaults, except the number of slots.
    pub fn pool(slots: u16) -> Self {
        let mut options = Self::parse_from(["bdd"]);
        options.slots = Some(slots);
        options.target = Target::None;
        options
    }

    pub fn retries(&self) -> RetryOptions {
        RetryOptions {
            most: self.retry.into(),
            after: self.retry_after.unwrap_or_default(),
            tags: self.retry_tag_filter.clone(),
        }
    }

    /// The folder for reports: `--report-dir`, the variable `…REPORT_DIR`, or the usual folder. `variables` is the
    /// prefix of the suite's variables.
    pub fn report_folder(&self, variables: &str, usual: &Path) -> PathBuf {
        let named = self.report_dir.clone();
        let named =
            named.or_else(|| std::env::var_os(format!("{variables}REPORT_DIR")).map(PathBuf::from));
        named.unwrap_or_else(|| usual.to_owned())
    }

    /// Fails if a format doesn't belong to the output.
    pub fn check_format(&self) -> Result<(), Misuse> {
        let fits = match self.format {
            None => true,
            Some(Format::Pretty | Format::Terse) => self.list,
            Some(Format::Text | Format::Json | Format::Markdown) => self.steps,
        };
        if fits {
            return Ok(());
        }
        Err(Misuse(
            "--format pretty or terse goes with --list; text, json or markdown with --steps".into(),
        ))
    }
}

/// Options that select scenarios or only print something. A scenario that is named by its place doesn't need them.
const NOT_REPEATED: [&str; 18] = [
    "merge",
    "report_dir",
    "shard",
    "times",
    "rerun",
    "watch",
    "print_reset",
    "steps",
    "unused",
    "selection",
    "seed",
    "tags",
    "name",
    "input",
    "list",
    "format",
    "exact",
    "dry_run",
];

/// The command that runs one scenario of this run again, without its place and the seed. It has every given option that
/// still matters.
pub fn rerun(command: &str, options: &clap::Command, matches: &ArgMatches) -> String {
    let mut line = command.to_owned();
    for argument in options.get_arguments() {
        let id = argument.get_id().as_str();
        let given = matches.value_source(id) == Some(ValueSource::CommandLine);
        let (true, false, Some(long)) = (given, NOT_REPEATED.contains(&id), argument.get_long())
        else {
            continue;
        };
        if argument.is_hide_set() {
            continue;
        }
        let values = matches
            .get_raw(id)
            .into_iter()
            .flatten()
            .map(|value| value.to_string_lossy());
        match argument.get_action() {
            ArgAction::SetTrue => line.push_str(&format!(" --{long}")),
            ArgAction::Count => {
                let count = matches.get_count(id).into();
                line.push_str(&format!(" --{long}").repeat(count));
            }
            _ => {
                for value in values {
                    if value.is_empty() && argument.is_require_equals_set() {
                        line.push_str(&format!(" --{long}"));
                        continue;
                    }
                    let glue = if argument.is_require_equals_set() {
                        '='
                    } else {
                        ' '
                    };
                    line.push_str(&format!(" --{long}{glue}{}", shell_words::quote(&value)));
                }
            }
        }
    }
    line
}

/// `cargo test --test NAME --`. The name is that of the executable, without the hash that cargo appends.
pub fn cargo_command() -> String {
    let executable = std::env::current_exe().unwrap_or_default();
    let name = executable.file_stem().unwrap_or_default().to_string_lossy();
    let name = name.rsplit_once('-').map_or(&*name, |(name, _)| name);
    format!("cargo test --test {name} --")
}
