//! One run of a suite: what it is made of, its options, boot and teardown.

mod boot;
mod file;
pub mod options;
mod run;
mod unused;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::{
    failure::Outcome,
    process::{environment, project_root},
    runner::hooks::Hooks,
    service::{Migrations, Program, Service},
    world::World,
};

use options::Options;

/// A behaviour suite: `Suite::new("features").migrations("migrations").service(MyService).main()`.
///
/// Paths are relative to the package's folder.
pub struct Suite {
    features: PathBuf,
    program: Program,
    config: PathBuf,
    variables: String,
    rerun: Option<String>,
    hooks: Hooks,
}

impl Suite {
    /// A suite of the feature files in a folder.
    pub fn new(features: impl Into<PathBuf>) -> Self {
        Self {
            features: features.into(),
            program: Program::default(),
            config: PathBuf::from("bdd.toml"),
            variables: "BDD_".to_owned(),
            rerun: None,
            hooks: Hooks::default(),
        }
    }

    /// Where the database's schema comes from: a folder, or more by [`Migrations`].
    #[must_use]
    pub fn migrations(mut self, migrations: impl Into<Migrations>) -> Self {
        self.program = self.program.with_migrations(migrations.into());
        self
    }

    /// The service that every slot starts. Without one, only the database can be spoken to.
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

    /// The name of the template database; slots and other runs get a suffix. Without one it is `bdd_test`.
    #[must_use]
    pub fn database(mut self, name: &str) -> Self {
        self.program = self.program.with_database(name);
        self
    }

    /// The suite's file of settings. Without this call it is `bdd.toml`; it may be missing.
    #[must_use]
    pub fn config(mut self, file: impl Into<PathBuf>) -> Self {
        self.config = file.into();
        self
    }

    /// How the suite's environment variables begin: `BDD_` unless said otherwise, as in `BDD_DATABASE_URL`.
    #[must_use]
    pub fn variables(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.variables);
        self
    }

    /// The command that runs this suite again, up to its arguments. Without this call it is what `cargo test` needs.
    #[must_use]
    pub fn rerun(mut self, command: &str) -> Self {
        self.rerun = Some(command.to_owned());
        self
    }

    /// Runs before each scenario whose tags match the expression, as in `@admin and not @slow`; an empty one matches
    /// all. A failure fails the scenario.
    #[must_use]
    pub fn before(
        mut self,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_before(tags, hook);
        self
    }

    /// Runs after each scenario whose tags match, passed or failed, before its database is reset.
    #[must_use]
    pub fn after(
        mut self,
        tags: &str,
        hook: impl AsyncFn(&mut World) -> Outcome + 'static,
    ) -> Self {
        self.hooks.add_after(tags, hook);
        self
    }

    /// Reads the command line, runs the suite, and answers the exit code: 0 all passed, 1 something failed, 2 used
    /// wrongly, 130 or 143 interrupted.
    pub fn main(self) -> ExitCode {
        if let Err(error) = environment::take_out_foreign_variables() {
            crate::output::complain(format_args!("error: {error}"));
            return ExitCode::FAILURE;
        }
        let matches = Options::command().get_matches();
        let options = match Options::from_arg_matches(&matches) {
            Ok(options) => options,
            Err(error) => error.exit(),
        };
        let again = options::rerun(self.rerun.as_deref(), &matches);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        match runtime {
            Ok(runtime) => {
                ExitCode::from(runtime.block_on(run::run(self.into_run(again), options)))
            }
            Err(error) => {
                crate::output::complain(format_args!("error: {error}"));
                ExitCode::FAILURE
            }
        }
    }

    fn into_run(self, again: String) -> run::Definition {
        let root = project_root();
        run::Definition {
            features: root.join(self.features),
            config: root.join(self.config),
            variables: self.variables,
            program: Arc::new(self.program.below(&root)),
            hooks: self.hooks,
            again,
        }
    }
}
