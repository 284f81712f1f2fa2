//! The suite's command line.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{ArgAction, ArgMatches, CommandFactory as _, Parser, parser::ValueSource};

use crate::{
    duration::Span,
    failure::Misuse,
    gherkin::{Filter, TagExpression},
    isolation::reset::Strategy,
    report::Color,
    runner::RetryOptions,
    server::Provider,
    service::Store,
    slot::factory::Target,
};

/// Behaviour tests on a real database: every scenario has a clean one of its own.
///
/// Exit codes: 0 all passed, 1 something failed, 2 used wrongly, 130 or 143 interrupted.
#[derive(Clone, Debug, Parser)]
#[command(name = "bdd", version, max_term_width = 110)]
pub struct Options {
    #[command(flatten)]
    pub filter: Filter,

    /// Where PostgreSQL comes from: auto, external, container, local, or a URL [default: auto]
    #[arg(long, value_name = "PROVIDER|URL")]
    pub database: Option<Provider>,

    /// Works as a role that owns its databases and no more, as on a server of somebody else; for container and local
    #[arg(long)]
    pub plain_owner: bool,

    /// Which store the service runs on [default: postgres]
    #[arg(long, value_enum)]
    pub store: Option<Store>,

    /// What answers: the service in this process, its built executable, nothing, or one that runs at a URL
    #[arg(
        long,
        value_name = "service|binary|none|URL",
        default_value = "service"
    )]
    pub target: Target,

    /// Makes the template from another folder of reversible migrations
    #[arg(long, value_name = "DIR")]
    pub migrations: Option<PathBuf>,

    /// How a slot is made clean after each scenario [default: adaptive]
    #[arg(long, value_enum, value_name = "STRATEGY")]
    pub reset: Option<Strategy>,

    /// Compares everything in a slot's database with the template after every reset
    #[arg(long)]
    pub prove_isolation: bool,

    /// How many scenarios run at the same time, each in a slot of its own [default: two a core]
    #[arg(long, visible_alias = "concurrency", short = 'c', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub slots: Option<u16>,

    /// Runs the scenarios in a random order; the same for the same seed
    #[arg(long, value_name = "SEED", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub shuffle: Option<Shuffle>,

    /// What made values are made from; every run prints its own
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Matches every step, runs nothing
    #[arg(long)]
    pub dry_run: bool,

    /// How long one step may take [default: 2m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub step_timeout: Option<Duration>,

    /// How long the service may take to start [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub start_timeout: Option<Duration>,

    /// How long a run of the program's command line may take [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub program_timeout: Option<Duration>,

    /// Starts no further scenario once one has failed
    #[arg(long)]
    pub fail_fast: bool,

    /// Runs a failing scenario again, so many times at most
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub retry: usize,

    /// Waits so long before it does
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "retry")]
    pub retry_after: Option<Duration>,

    /// Runs only failing scenarios again whose tags fit this expression, and those with a tag @retry
    #[arg(long, value_name = "EXPRESSION", requires = "retry")]
    pub retry_tag_filter: Option<TagExpression>,

    /// Colours: auto, always, never
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,

    /// Also names every scenario that passes; twice, also its steps with their tables and texts
    #[arg(long, short = 'v', action = ArgAction::Count, value_parser = clap::value_parser!(u8).range(..=2))]
    pub verbose: u8,

    /// Names the scenarios and runs nothing, as test runners ask
    #[arg(long)]
    pub list: bool,

    /// Shows every step: its expression, what it does, where it is, and how often it is used; runs nothing
    #[arg(long, conflicts_with_all = ["list", "dry_run"])]
    pub steps: bool,

    /// Prints the reset as it is installed in every slot's database; runs nothing
    #[arg(long, conflicts_with_all = ["list", "steps", "dry_run"])]
    pub print_reset: bool,

    /// With --steps: only those that no feature uses
    #[arg(long, requires = "steps")]
    pub unused: bool,

    /// How --list (pretty, terse) and --steps (text, json, markdown) are written
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Accepted because test runners pass them; they change nothing here
    #[command(flatten)]
    pub ignored: Ignored,
}

/// Options of other test runners, which `cargo test -- …` hands to every target.
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
    /// There are no ignored scenarios, so only those means none.
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

/// The order's seed, when one was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffle(pub Option<u64>);

impl FromStr for Shuffle {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            Ok(Self(None))
        } else {
            text.parse().map(|seed| Self(Some(seed)))
        }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<Span>().map(|Span(duration)| duration)
}

impl Options {
    pub fn retries(&self) -> RetryOptions {
        RetryOptions {
            most: self.retry,
            after: self.retry_after.unwrap_or_default(),
            tags: self.retry_tag_filter.clone(),
        }
    }

    /// A format belongs to what it formats.
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

/// What narrows a run down or only looks at it; a scenario that is named by its place needs none of it.
const NOT_REPEATED: [&str; 12] = [
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

/// The command that runs one scenario of this run again, but for its place and the seed: with every option that was
/// given and that still matters then.
pub fn rerun(command: Option<&str>, matches: &ArgMatches) -> String {
    let mut line = command.map_or_else(cargo_command, str::to_owned);
    for argument in Options::command().get_arguments() {
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

/// `cargo test --test NAME --`, by the name of the executable, which cargo ends with a hash.
fn cargo_command() -> String {
    let executable = std::env::current_exe().unwrap_or_default();
    let name = executable.file_stem().unwrap_or_default().to_string_lossy();
    let name = name.rsplit_once('-').map_or(&*name, |(name, _)| name);
    format!("cargo test --test {name} --")
}
