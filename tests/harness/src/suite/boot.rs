//! The basis of a run: a server and a template, or an SQLite file, or a service that is already running.

use std::{path::Path, sync::Arc};

use crate::suite::{
    ending::Stop,
    file::File,
    run::{Definition, Run},
};
use crate::{
    browser::Browser,
    failure::Failure,
    isolation::{
        sqlite,
        template::{Schema, Template},
    },
    output::say,
    process::run_folder::{self, RunFolder},
    runner::cores,
    server::{self, NoServer},
    service::{Environment, SchemaSource, Store},
    slot::factory::{DatabaseSource, SlotContext, Target},
};

/// The maximum number of connections of a slot's service and of the harness for this slot.
const CONNECTIONS_A_SLOT: u32 = 14;

/// The default maximum. More slots than cores use the times in which scenarios wait for answers.
const SLOTS_PER_CORE: usize = 3;

impl Run {
    /// The requested number of slots.
    fn wanted_slots(&self) -> Option<usize> {
        let slots = self.options.slots.or(self.file.suite.slots);
        slots.map(usize::from)
    }

    /// The number of slots that start at once: the requested number, otherwise one.
    pub fn eager_slots(&self) -> usize {
        match self.lent {
            Some(_) => 1,
            None => self.wanted_slots().unwrap_or(1),
        }
    }

    /// Removes what killed runs have left, and prepares what this run needs.
    pub async fn prepare(&mut self) -> Result<(RunFolder, SlotContext, usize), Stop> {
        for swept in run_folder::sweep() {
            say(format_args!("swept what a killed run had left: {swept}"));
        }
        let folder = RunFolder::create().map_err(Stop::Failure)?;
        match self.context(&folder.path).await {
            Ok((context, slots)) => Ok((folder, context, slots)),
            Err(stop) => {
                folder.remove().await;
                Err(stop)
            }
        }
    }

    /// Prepares what the run needs. Returns the context, and the number of slots that there is room for.
    pub async fn context(&mut self, folder: &Path) -> Result<(SlotContext, usize), Stop> {
        let mut slots = self
            .wanted_slots()
            .unwrap_or_else(|| cores() * SLOTS_PER_CORE);
        let store = if let Some(lent) = &self.lent {
            slots = 1;
            let source = self.lent_source(lent).await?;
            self.options.target = self.lent_target().await?;
            source
        } else if let Target::Url(url) = &self.options.target {
            say(format_args!(
                "target: the service at {url}; its database isn't ours, so scenarios run one at a time and nothing is reset"
            ));
            slots = 1;
            DatabaseSource::NotOurs
        } else if self.wanted.store == Store::Sqlite {
            self.sqlite(folder, "as requested").await?
        } else {
            self.postgres(folder, &mut slots).await?
        };
        let mut context = SlotContext::new(
            Arc::clone(&self.definition.program),
            self.options.target.clone(),
            store,
            self.settings(),
            folder.to_owned(),
            self.isolation,
        );
        context.limits = self.file.limits(&self.options);
        context.browser = Browser::new(self.browser.clone());
        Ok((context, slots))
    }

    async fn postgres(&mut self, folder: &Path, slots: &mut usize) -> Result<DatabaseSource, Stop> {
        let found = match server::find(
            &self.wanted.server,
            &self.definition.cache,
            folder,
            &|line| say(line),
        )
        .await
        {
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
        let schema = match self.schema(Store::Postgres) {
            Ok(schema) => schema,
            Err(failure) => {
                found.server.stop().await;
                return Err(failure.into());
            }
        };
        let keeps = self.file.database.keep_schema;
        match Template::create(
            found.server,
            &self.definition.program,
            schema,
            keeps,
            &|line| {
                say(line);
            },
        )
        .await
        {
            Ok(template) => Ok(DatabaseSource::Postgres(Arc::new(template))),
            Err((server, failure)) => {
                server.stop().await;
                Err(failure.into())
            }
        }
    }

    /// On a machine that has only Rust, the suite runs on SQLite. If the user expects PostgreSQL, that would be wrong.
    async fn without_postgres(
        &mut self,
        folder: &Path,
        none: &NoServer,
    ) -> Result<DatabaseSource, Stop> {
        if self.file.is_a_projects {
            return Err(Stop::Failure(none.without_sqlite()));
        }
        if self.wanted.named || self.wanted.server.url.is_some() || std::env::var_os("CI").is_some()
        {
            return Err(Stop::Failure(none.to_string()));
        }
        say("╔══════════════════════════════════════════════════════════════════╗");
        say("║ No PostgreSQL can be had: the suite runs on SQLite.              ║");
        say("║ Scenarios tagged @postgres are left out; the summary counts them.║");
        say("╚══════════════════════════════════════════════════════════════════╝");
        for reason in &none.reasons {
            say(format_args!("  {reason}"));
        }
        self.wanted.store = Store::Sqlite;
        self.sqlite(folder, "because no PostgreSQL can be had")
            .await
    }

    async fn sqlite(&self, folder: &Path, why: &str) -> Result<DatabaseSource, Stop> {
        say(format_args!("database: SQLite, {why}"));
        let template = sqlite::Template::create(folder, self.schema(Store::Sqlite)?).await?;
        Ok(DatabaseSource::Sqlite(Arc::new(template)))
    }

    /// `--migrations` overrides the program's own command, which overrides its folder.
    fn schema(&self, store: Store) -> Result<Schema<'_>, Failure> {
        let program = &self.definition.program;
        if let (None, Some((source, surroundings))) = (&self.options.migrations, program.schema()) {
            return Ok(match source {
                SchemaSource::Files(folder) => Schema::Folder(folder.clone()),
                SchemaSource::Sql(files) => Schema::Sql(files.clone()),
                SchemaSource::Run { line, from } => Schema::Run {
                    line,
                    from,
                    surroundings,
                },
            });
        }
        Ok(match &self.options.migrations {
            Some(folder) if self.options.target == Target::None => Schema::Foreign(folder.clone()),
            Some(folder) => Schema::Folder(folder.clone()),
            None if program.migrate().is_empty() => Schema::Folder(program.migrations(store)?),
            None => Schema::Program(program),
        })
    }

    fn settings(&self) -> Environment {
        self.definition.settings(&self.file)
    }
}

impl Definition {
    /// The keys of `[service]` in the suite's file, as environment variables.
    pub(super) fn settings(&self, file: &File) -> Environment {
        let mut settings = Environment::new();
        for (key, value) in &file.service {
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
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
