//! The command `bdd`: a suite for a service in any language, described by a file.

mod completions;
mod file;
mod init;
mod pool;
pub mod project;
mod reference;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, ValueHint, parser::ValueSource,
};

use crate::{
    failure::Misuse,
    output::complain,
    process::environment,
    server::Provider,
    suite::{
        self,
        options::{self, Format, Options},
        reports::Reports,
    },
};
use project::Project;

/// Behaviour tests on a real database, for a service in any language: every scenario has a clean database of its own.
///
/// Without a subcommand it runs the named scenarios, or all. bdd.toml describes the project; it is searched for in the
/// current folder and its parents.
///
/// Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 130 or 143 interrupted.
#[derive(Debug, Parser)]
#[command(name = "bdd", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    options: Options,

    /// Runs scenarios against the process that uses the slot of `bdd lend`
    #[arg(long)]
    lent: bool,

    /// The project's file [default: bdd.toml in this folder or a parent]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Writes a first bdd.toml for a project's folder, and a first feature; overwrites nothing
    Init {
        /// The project's folder [default: this one]
        folder: Option<PathBuf>,
    },
    /// Lends one slot to a process of yours: `bdd lend -- flask run --debug`
    ///
    /// The command runs in this terminal and in your own environment, with the additional variables of service.env in
    /// bdd.toml. Placeholders in its arguments are filled in. Without a command, the database's URL is printed, and the
    /// slot stays until Ctrl-C. `bdd --lent` runs scenarios against the process: it finds the port on which the command
    /// or its child processes listen. bdd exits with the command's exit code: 127 if there is no such command, 126 if it
    /// can't be run.
    Lend {
        /// Where PostgreSQL comes from: auto, external, container, local, or a URL [default: auto]
        #[arg(long, value_name = "PROVIDER|URL")]
        database: Option<Provider>,
        /// Uses a role that may only create databases and roles; for container and local
        #[arg(long)]
        plain_owner: bool,
        /// The command, after `--`
        #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::AnyPath)]
        command: Vec<String>,
    },
    /// Shows every step: its expression, what it does, where it is, and how often it is used
    Steps {
        /// Only those that no feature uses
        #[arg(long)]
        unused: bool,
        /// Output format: text, json, markdown
        #[arg(long, value_enum)]
        format: Option<Format>,
    },
    /// Runs a command with a pool of databases: any test runner leases and resets them over HTTP
    Pool(pool::Pool),
    /// Explains every key of bdd.toml, as Markdown
    Config,
    /// Prints a script that completes this command's options in a shell
    Completions { shell: clap_complete::Shell },
}

pub fn main() -> ExitCode {
    completions::answer();
    if let Err(error) = environment::take_out_foreign_variables() {
        complain(format_args!("error: {error}"));
        return ExitCode::FAILURE;
    }
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match cli.run(&matches) {
        Ok(code) => code,
        Err(misuse) => {
            complain(format_args!("error: {misuse}"));
            ExitCode::from(2)
        }
    }
}

impl Cli {
    fn run(mut self, matches: &ArgMatches) -> Result<ExitCode, Misuse> {
        if let Some((name, _)) = matches.subcommand() {
            nothing_before(name, matches)?;
            if self.lent {
                return Err(Misuse(format!("--lent has no effect before `{name}`")));
            }
        }
        match self.command.take() {
            None => self.suite(matches),
            Some(Command::Steps { unused, format }) => {
                self.options.steps = true;
                self.options.unused = unused;
                self.options.format = format;
                self.suite(matches)
            }
            Some(Command::Pool(pool)) => {
                let project = Project::find(self.config.as_deref())?;
                Ok(project
                    .suite()?
                    .pool_with(pool.options(), pool.slots, &pool.command))
            }
            Some(Command::Lend {
                database,
                plain_owner,
                command,
            }) => {
                self.options.database = database;
                self.options.plain_owner = plain_owner;
                let suite = Project::find(self.config.as_deref())?.suite()?;
                Ok(suite.lend(self.options, command))
            }
            Some(Command::Init { folder }) => {
                if self.config.is_some() {
                    return Err(Misuse(
                        "--config has no effect on `init`, which writes bdd.toml".into(),
                    ));
                }
                let folder = std::path::absolute(folder.unwrap_or_else(|| ".".into()))
                    .map_err(|error| Misuse(format!("there is no such folder: {error}")))?;
                if !folder.is_dir() {
                    return Err(Misuse(format!("there is no folder {}", folder.display())));
                }
                init::init(&folder)?;
                Ok(ExitCode::SUCCESS)
            }
            Some(Command::Config) => Ok(if reference::print() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }),
            Some(Command::Completions { shell }) => {
                completions::print(shell).map_err(|error| Misuse(format!("{shell}: {error}")))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    fn suite(mut self, matches: &ArgMatches) -> Result<ExitCode, Misuse> {
        let file = Project::place(self.config.as_deref())?;
        let read = Project::read(&file).and_then(|project| Ok((project.suite()?, project)));
        let (suite, project) = read.inspect_err(|misuse| {
            let folder = file.parent().filter(|_| file.is_file());
            let reports = folder.and_then(|folder| {
                Reports::of(&self.options, suite::VARIABLES, &folder.join(suite::CACHE))
            });
            if let Some(reports) = reports {
                reports.stopped(&misuse.0);
            }
        })?;
        let suite = suite.lent(self.lent);
        self.work_in(&project.folder)?;
        let command = match &self.config {
            None => "bdd".to_owned(),
            Some(file) => format!(
                "bdd --config {}",
                shell_words::quote(&file.display().to_string())
            ),
        };
        let command = if self.lent {
            format!("{command} --lent")
        } else {
            command
        };
        let again = options::rerun(&command, &Options::command(), matches);
        Ok(suite.run_with(self.options.noting_given(matches), again))
    }

    /// Changes to the project's folder. Arguments that were relative to the earlier folder keep their meaning. A path
    /// that is relative to the project's folder, as in messages, works from everywhere.
    fn work_in(&mut self, folder: &Path) -> Result<(), Misuse> {
        let failed = |error| Misuse(format!("{}: {error}", folder.display()));
        let here = std::env::current_dir().map_err(failed)?;
        std::env::set_current_dir(folder).map_err(failed)?;
        let from_here = |named: &str| {
            let path = named.split(".feature:").next().unwrap_or_default();
            let path = if path.len() < named.len() {
                format!("{path}.feature")
            } else {
                path.to_owned()
            };
            let there = here.join(&path);
            let is_meant = here != folder && there.exists() && !folder.join(&path).exists();
            is_meant.then(|| {
                let there = format!("{}{}", there.display(), &named[path.len()..]);
                match there.strip_prefix(&format!("{}/", folder.display())) {
                    Some(below) => below.to_owned(),
                    None => there,
                }
            })
        };
        for named in &mut self.options.filter.selection {
            if let Some(path) = from_here(named) {
                *named = path;
            }
        }
        if let Some(migrations) = &mut self.options.migrations {
            *migrations = here.join(&*migrations);
        }
        Ok(())
    }
}

/// Options of the suite before a subcommand have no effect, so they are refused.
fn nothing_before(name: &str, matches: &ArgMatches) -> Result<(), Misuse> {
    for argument in Options::command().get_arguments() {
        let id = argument.get_id().as_str();
        let is_given = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if is_given {
            let shown = argument
                .get_long()
                .map_or_else(|| "a path or word".to_owned(), |long| format!("--{long}"));
            return Err(Misuse(format!(
                "{shown} has no effect before `{name}`: `bdd {name} --help` lists its options"
            )));
        }
    }
    Ok(())
}
