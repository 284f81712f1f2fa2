//! What a run stands on, from its options: a server and a template, or a file, or somebody else's service.

use std::{path::Path, sync::Arc};

use crate::suite::run::{Run, Stop};
use crate::{
    failure::Failure,
    isolation::{
        sqlite,
        template::{Schema, Template},
    },
    output::say,
    server::{self, NoServer},
    service::{Environment, Store},
    slot::factory::{DatabaseSource, SlotContext, Target},
};

/// A slot's service takes so many connections at most, with those of the harness.
const CONNECTIONS_A_SLOT: u32 = 14;

impl Run {
    /// Boots what is needed, and says how many slots there is room for.
    pub async fn context(&mut self, folder: &Path) -> Result<(SlotContext, usize), Stop> {
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
            DatabaseSource::NotOurs
        } else if self.wanted.store == Store::Sqlite {
            self.sqlite(folder, "as was asked for").await?
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
        Ok((context, slots))
    }

    async fn postgres(&mut self, folder: &Path, slots: &mut usize) -> Result<DatabaseSource, Stop> {
        let cache = crate::process::project_root().join("target/bdd");
        let found = match server::find(&self.wanted.server, &cache, folder, &|line| say(line)).await
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
                return Err(Stop::Failure(failure.to_string()));
            }
        };
        match Template::create(found.server, &self.definition.program, schema, &|line| {
            say(line);
        })
        .await
        {
            Ok(template) => Ok(DatabaseSource::Postgres(Arc::new(template))),
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
    ) -> Result<DatabaseSource, Stop> {
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
        let template = sqlite::Template::create(
            folder,
            self.schema(Store::Sqlite)
                .map_err(|failure| Stop::Failure(failure.to_string()))?,
        )
        .await;
        let template = template.map_err(|failure| Stop::Failure(failure.to_string()))?;
        Ok(DatabaseSource::Sqlite(Arc::new(template)))
    }

    /// `--migrations` first; then the program's own command, or the folder that it names.
    fn schema(&self, store: Store) -> Result<Schema<'_>, Failure> {
        let program = &self.definition.program;
        Ok(match &self.options.migrations {
            Some(folder) => Schema::Folder(folder.clone()),
            None if program.migrate().is_empty() => Schema::Folder(program.migrations(store)?),
            None => Schema::Program(program),
        })
    }

    /// The keys of `[service]` in the suite's file, as variables.
    fn settings(&self) -> Environment {
        let mut settings = Environment::new();
        for (key, value) in &self.file.service {
            match value {
                toml::Value::Table(section) => {
                    for (name, value) in section {
                        settings.insert(
                            self.definition.program.variable(&format!("{key}.{name}")),
                            plain(value),
                        );
                    }
                }
                value => {
                    settings.insert(self.definition.program.variable(key), plain(value));
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
