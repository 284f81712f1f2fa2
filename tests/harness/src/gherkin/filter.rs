//! The options that select scenarios.

use std::path::{Path, PathBuf};

use regex::Regex;

use super::{
    TagExpression,
    files::{file_and_lines, must_hold_scenarios},
    shard::Shard,
};
use crate::failure::Misuse;

/// The scenarios that the command line selects.
#[derive(Clone, Debug, clap::Args)]
pub struct Filter {
    /// A file, `file.feature:line`, a folder; or a bare word that scenarios' names must contain
    #[arg(value_name = "PATH or WORD", value_hint = clap::ValueHint::AnyPath)]
    pub selection: Vec<String>,

    /// Only scenarios whose tags match this expression, as in `@smoke and not @serial`
    #[arg(
        long,
        short = 't',
        value_name = "EXPRESSION",
        env = "CUCUMBER_FILTER_TAGS"
    )]
    pub tags: Option<TagExpression>,

    /// Only scenarios whose name matches this regular expression
    #[arg(
        long,
        short = 'n',
        visible_alias = "scenario-name",
        value_name = "REGEX"
    )]
    pub name: Option<Regex>,

    /// Only feature files that match this glob
    #[arg(long, short = 'i', value_name = "GLOB")]
    pub input: Option<String>,

    /// A word must be the whole name
    #[arg(long)]
    pub exact: bool,

    /// Only part I of N. Together the parts are all scenarios, and each takes about the same time
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Where the times of earlier runs are: a `timings.json`, or the folder of reports that has one
    #[arg(long, value_name = "PATH", requires = "shard")]
    pub times: Option<PathBuf>,

    /// Only the scenarios that failed in an earlier run, listed in the file that it wrote
    #[arg(long, value_name = "FILE")]
    pub rerun: Option<PathBuf>,

    /// The places in the file of `--rerun`; without a line it is the whole file.
    #[arg(skip)]
    pub failed: Vec<(PathBuf, Option<usize>)>,
}

impl Filter {
    /// Reads the file of `--rerun`; returns whether it has no places.
    pub fn read_rerun(&mut self) -> Result<bool, Misuse> {
        let Some(file) = &self.rerun else {
            return Ok(false);
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            let why = match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "there is no such file; a run writes it if a scenario has failed".to_owned()
                }
                _ => error.to_string(),
            };
            Misuse(format!("--rerun {}: {why}", file.display()))
        })?;
        let lines = text.lines().map(str::trim);
        let places = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (number, place) in (1..).zip(places) {
            let whole = Path::new(place);
            let named = if whole.is_file() {
                Some((whole.to_owned(), Vec::new()))
            } else {
                file_and_lines(place).filter(|(path, _)| path.is_file())
            };
            let Some((path, lines)) = named else {
                return Err(Misuse(format!(
                    "{}:{number}: `{place}` isn't the place of a scenario, such as features/x.feature:12, or the file doesn't exist",
                    file.display()
                )));
            };
            must_hold_scenarios(&path)?;
            if lines.is_empty() {
                self.failed.push((path.clone(), None));
            }
            let lines = lines.into_iter().map(|line| (path.clone(), Some(line)));
            self.failed.extend(lines);
        }
        Ok(self.failed.is_empty())
    }
}
