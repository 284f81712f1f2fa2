//! A suite: its definition, its options, boot and teardown.

mod boot;
mod borrow;
mod choice;
mod drive;
mod ending;
mod file;
mod lend;
mod lent;
mod merge;
mod needs;
mod neighbours;
pub mod options;
mod pool;
pub mod reports;
mod run;
mod unused;
mod watch;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::{
    failure::Outcome,
    process::{environment, project_root},
    runner::hooks::Hooks,
    service::{Migrations, Program, Service},
    world::World,
};

pub use file::{File, FileBrowser, FileDatabase, FileSuite};
use options::Options;

/// The folder that outlives runs, relative to the project's folder.
pub const CACHE: &str = "target/bdd";
/// The usual prefix of a suite's environment variables.
pub const VARIABLES: &str = "BDD_";

/// A behaviour suite: `Suite::new("features").migrations("migrations").service(MyService).main()`.
///
/// Paths are relative to the package's folder.
pub struct Suite {
    features: PathBuf,
    program: Program,
    root: Option<PathBuf>,
    lent: bool,
    config: PathBuf,
    settings: Option<File>,
    variables: String,
    rerun: Option<String>,
    hooks: Hooks,
    tags: Vec<String>,
}

impl Suite {
    /// A suite of the feature files in a folder.
    pub fn new(features: impl Into<PathBuf>) -> Self {
        Self {
            features: features.into(),
            program: Program::default(),
            root: None,
            lent: false,
            settings: None,
            config: PathBuf::from("bdd.toml"),
            variables: VARIABLES.to_owned(),
            rerun: None,
            hooks: Hooks::default(),
            tags: Vec::new(),
        }
    }

    /// The source of the database's schema: a folder, or more options by [`Migrations`].
    #[must_use]
    pub fn migrations(mut self, migrations: impl Into<Migrations>) -> Self {
        self.program = self.program.with_migrations(migrations.into());
        self
    }

    /// The service that every slot starts. Without a service, scenarios can only use the database.
    #[must_use]
    pub fn service(mut self, service: impl Service) -> Self {
        self.program = self.program.with_service(service);
        self
    }

    /// The service's executable, for `--target binary` and `When I run …`.
    #[must_use]
    pub fn executable(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = self.program.with_executable(path.into());
        self
    }

    /// A service that this service calls. The harness plays it in each slot, and scenarios define its answers. The
    /// service learns its address from this environment variable. The same as a key in `[neighbours]` of the suite's
    /// file.
    #[must_use]
    pub fn neighbour(mut self, name: &str, variable: &str) -> Self {
        self.program.add_neighbour(name, variable);
        self
    }

    /// The name of the template database. Slots and parallel runs get a suffix. The default is `bdd_test`.
    #[must_use]
    pub fn database(mut self, name: &str) -> Self {
        self.program = self.program.with_database(name);
        self
    }

    /// The folder that paths are relative to. The default is the package's folder.
    #[must_use]
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.root = Some(folder.into());
        self
    }

    /// Runs against the process that uses a slot of [`Self::lend`].
    #[must_use]
    pub(crate) fn lent(mut self, lent: bool) -> Self {
        self.lent = lent;
        self
    }

    /// The whole program under test, instead of its parts.
    #[must_use]
    pub(crate) fn program(mut self, program: Program) -> Self {
        self.program = program;
        self
    }

    /// The settings of a file that has already been read.
    #[must_use]
    pub(crate) fn settings(mut self, file: File) -> Self {
        self.settings = Some(file);
        self
    }

    /// The suite's settings file. The default is `bdd.toml`, which may be missing.
    #[must_use]
    pub fn config(mut self, file: impl Into<PathBuf>) -> Self {
        self.config = file.into();
        self
    }

    /// The prefix of the suite's environment variables. The default is `BDD_`, as in `BDD_DATABASE_URL`.
    #[must_use]
    pub fn variables(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.variables);
        self
    }

    /// The command that runs this suite again, without its arguments. The default is the command for `cargo test`.
    #[must_use]
    pub fn rerun(mut self, command: &str) -> Self {
        self.rerun = Some(command.to_owned());
        self
    }

    /// Uses only the steps and parameter types of this source file: none of the harness, and none of other suites in
    /// the same program.
    #[must_use]
    pub fn only_steps_in(self, file: &str) -> Self {
        crate::registry::only(file);
        self
    }

    /// Selects scenarios whose tags match the expression, such as `not @slow`. It adds up with further calls and with the
    /// filters of the command line: a scenario runs if all of them select it.
    #[must_use]
    pub fn tags(mut self, expression: &str) -> Self {
        self.tags.push(expression.to_owned());
        self
    }

    /// Runs before each scenario whose tags match the expression, such as `@admin and not @slow`. An empty expression
    /// matches all. If the hook fails, the scenario fails.
    #[must_use]
    #[track_caller]
    pub fn before(
        mut self,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_before(None, tags, hook);
        self
    }

    /// The same with a name for reports.
    #[must_use]
    #[track_caller]
    pub fn before_named(
        mut self,
        name: &str,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_before(Some(name), tags, hook);
        self
    }

    /// Runs after each scenario whose tags match, also if it failed, and before its database is reset.
    #[must_use]
    #[track_caller]
    pub fn after(
        mut self,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_after(None, tags, hook);
        self
    }

    /// The same with a name for reports.
    #[must_use]
    #[track_caller]
    pub fn after_named(
        mut self,
        name: &str,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_after(Some(name), tags, hook);
        self
    }

    /// Runs once before the first scenario, in a world without a slot: it has no database and no service. Attachments go
    /// to the reports; state in `world.ext()` stays until the hooks of [`Self::after_all`]. If it fails, the run fails
    /// without a scenario.
    #[must_use]
    #[track_caller]
    pub fn before_all(mut self, hook: impl AsyncFn(&mut World) -> Outcome + 'static) -> Self {
        self.hooks.add_before_all(None, hook);
        self
    }

    /// The same with a name for reports.
    #[must_use]
    #[track_caller]
    pub fn before_all_named(
        mut self,
        name: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_before_all(Some(name), hook);
        self
    }

    /// Runs once after the last scenario, also if something failed or the run was interrupted. If it fails, the run
    /// fails.
    #[must_use]
    #[track_caller]
    pub fn after_all(mut self, hook: impl AsyncFn(&mut World) -> Outcome + 'static) -> Self {
        self.hooks.add_after_all(None, hook);
        self
    }

    /// The same with a name for reports.
    #[must_use]
    #[track_caller]
    pub fn after_all_named(
        mut self,
        name: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_after_all(Some(name), hook);
        self
    }

    /// Reads the command line, runs the suite, and returns the exit code: 0 all passed, 1 something failed, 2 wrong
    /// usage, 130 or 143 interrupted.
    pub fn main(self) -> ExitCode {
        if let Err(error) = environment::take_out_foreign_variables() {
            crate::output::complain(format_args!("error: {error}"));
            return ExitCode::FAILURE;
        }
        let matches = Options::command().get_matches();
        let options = match Options::from_arg_matches(&matches) {
            Ok(options) => options.noting_given(&matches),
            Err(error) => error.exit(),
        };
        let command = self.rerun.clone().unwrap_or_else(options::cargo_command);
        let again = options::rerun(&command, &Options::command(), &matches);
        self.run_with(options, again)
    }

    /// The same with options that have already been read. `again` is the command that runs a scenario again.
    pub(crate) fn run_with(self, options: Options, again: String) -> ExitCode {
        if let Err(misuse) = unused::check_mode(&options) {
            crate::output::complain(format_args!("error: {misuse}"));
            return ExitCode::from(ending::MISUSED);
        }
        if !options.watch {
            return in_runtime(run::run(self.into_run(again), options));
        }
        let root = self.root.unwrap_or_else(project_root);
        let reports = options.report_folder(&self.variables, &root.join(CACHE));
        let watch = watch::Watch::new(
            root,
            &self.features,
            &self.config,
            &reports,
            options.filter.selection,
        );
        in_runtime(watch.run())
    }

    /// Lends one slot to a command that the user starts, or until a signal arrives.
    pub(crate) fn lend(self, options: Options, command: Vec<String>) -> ExitCode {
        let definition = self.into_run(String::new());
        in_runtime(lend::lend(definition, options, command))
    }

    fn into_run(self, again: String) -> run::Definition {
        let root = self.root.unwrap_or_else(project_root);
        run::Definition {
            cache: root.join(CACHE),
            root: root.clone(),
            settings: self.settings,
            lent: self.lent,
            features: root.join(self.features),
            config: root.join(self.config),
            variables: self.variables,
            program: Arc::new(self.program.below(&root)),
            hooks: self.hooks,
            tags: self.tags,
            again,
        }
    }
}

fn in_runtime(work: impl Future<Output = u8>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            // `--watch` has a thread that waits for input from the terminal.
            runtime.shutdown_background();
            ExitCode::from(code)
        }
        Err(error) => {
            crate::output::complain(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
