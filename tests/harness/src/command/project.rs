//! A project's `bdd.toml`: found, parsed strictly, and turned into a suite.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use regex::Regex;

use crate::{
    command::file::{Keys, ReadyKeys, RoleKey, SchemaKeys, ServiceKeys},
    duration::Span,
    failure::Misuse,
    service::{
        Program, SchemaSource,
        process::{ProcessService, Ready, Role},
        surroundings::{self, Surroundings},
    },
    suite::{File, Suite},
};

pub const FILE: &str = "bdd.toml";

#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of its file. Paths in the file are relative to it.
    pub folder: PathBuf,
    /// The file itself.
    pub file: PathBuf,
    keys: Keys,
}

impl Project {
    pub fn find(named: Option<&Path>) -> Result<Self, Misuse> {
        Self::read(&Self::place(named)?)
    }

    /// The named file, or the nearest one in this folder and its parents.
    pub fn place(named: Option<&Path>) -> Result<PathBuf, Misuse> {
        let here = std::env::current_dir()
            .map_err(|error| Misuse(format!("there is no current folder: {error}")))?;
        Ok(match named {
            Some(file) => here.join(file),
            None => here
                .ancestors()
                .map(|folder| folder.join(FILE))
                .find(|file| file.is_file())
                .ok_or_else(|| {
                    Misuse(format!(
                        "there is no {FILE} in {} or above: `bdd init` writes one, --config FILE names another",
                        here.display()
                    ))
                })?,
        })
    }

    pub fn read(file: &Path) -> Result<Self, Misuse> {
        let failed = |error: &dyn std::fmt::Display| Misuse(format!("{}: {error}", file.display()));
        let file = std::fs::canonicalize(file).map_err(|error| failed(&error))?;
        let text = std::fs::read_to_string(&file).map_err(|error| failed(&error))?;
        let keys = Keys::parse(&text, &file)?;
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        let project = Self { folder, file, keys };
        // Everything is checked, whatever the command uses.
        project.program()?;
        Ok(project)
    }

    /// The suite of its features.
    pub fn suite(&self) -> Result<Suite, Misuse> {
        let features = self.keys.features.clone();
        let suite = Suite::new(features.unwrap_or_else(|| "features".into()))
            .root(&self.folder)
            .config(&self.file)
            .settings(self.settings())
            .program(self.program()?);
        Ok(suite)
    }

    fn settings(&self) -> File {
        File {
            database: self.keys.database.clone(),
            suite: self.keys.suite.clone(),
            browser: self.keys.browser.clone(),
            neighbours: self.keys.neighbours.clone(),
            is_a_projects: true,
            ..File::default()
        }
    }

    fn program(&self) -> Result<Program, Misuse> {
        let mut program = Program::default();
        if let Some(name) = &self.keys.database.name {
            program = program.with_database(name);
        }
        if let Some(service) = &self.keys.service {
            for (name, variable) in &self.keys.neighbours {
                if service.env.contains_key(variable) {
                    return Err(self.refused(&format!(
                        "neighbours.{name}: {variable} is in service.env too; remove it there"
                    )));
                }
            }
            program = program.with_process(self.process(service)?);
        }
        if !program.has_service() && !self.keys.neighbours.is_empty() {
            return Err(
                self.refused("neighbours has no effect without service.run: no service calls them")
            );
        }
        // Without a schema the database is empty, for a service that creates its tables itself.
        let schema = self.keys.schema.as_ref().map(|keys| self.schema(keys));
        let schema = schema.transpose()?.unwrap_or(SchemaSource::Sql(Vec::new()));
        program = program.with_schema(schema, self.surroundings()?);
        Ok(program)
    }

    fn process(&self, keys: &ServiceKeys) -> Result<ProcessService, Misuse> {
        let process = ProcessService {
            run: self.filled("service.run", keys.run.as_deref().unwrap_or_default())?,
            ready: self.ready(keys.ready.as_ref())?,
            within: keys.ready.as_ref().and_then(ReadyKeys::within),
            surroundings: self.surroundings()?,
            role: role(keys),
            grants: keys.grants.as_ref().map(|file| self.folder.join(file)),
            forget: keys.forget.clone().unwrap_or_default(),
            program: keys.program.clone(),
        };
        if let Some(program) = &process.program {
            self.filled("service.program", program)?;
            shell_words::split(program).map_err(|error| {
                self.refused(&format!(
                    "service.program can't be split as a shell does: {error}"
                ))
            })?;
        }
        if let (Role::Owner, Some(_)) = (process.role, &process.grants) {
            return Err(self.refused(
                "service.grants has no effect with role = \"owner\", which may do everything",
            ));
        }
        if let Some(file) = process.grants.as_ref().filter(|file| !file.is_file()) {
            return Err(self.refused(&format!(
                "service.grants: there is no file {}",
                file.display()
            )));
        }
        if process.run.trim().is_empty() {
            return self.without_server(keys).map(|()| process);
        }
        let has_group =
            matches!(&process.ready, Ready::Line(pattern) if pattern.captures_len() > 1);
        if !process.takes_port() && !has_group {
            return Err(self.refused(
                "nobody knows the service's port: add {port} to service.run or service.env if the service takes it from there, \
                 or a group in the line that contains it (ready = { line = \"listening on (\\\\S+)\" })",
            ));
        }
        Ok(process)
    }

    /// A project may have only a program, which steps run.
    fn without_server(&self, keys: &ServiceKeys) -> Result<(), Misuse> {
        let of_a_server = [
            (keys.ready.is_some(), "ready"),
            (keys.forget.is_some(), "forget"),
        ];
        match of_a_server.iter().find(|(given, _)| *given) {
            _ if keys.program.is_none() => Err(self.refused(
                "service.run is missing: the command that starts the service, as in run = \"node server.js\"",
            )),
            Some((_, key)) => {
                Err(self.refused(&format!("service.{key} has no effect without service.run")))
            }
            None => Ok(()),
        }
    }

    fn ready(&self, keys: Option<&ReadyKeys>) -> Result<Ready, Misuse> {
        let Some(keys) = keys else {
            return Ok(Ready::Connects);
        };
        match (&keys.get, &keys.line) {
            (Some(path), None) if path.starts_with('/') => Ok(Ready::Get(path.clone())),
            (Some(path), None) => Err(self.refused(&format!(
                "service.ready.get is a path of the service and starts with a slash: \"/{path}\""
            ))),
            (None, Some(line)) => Regex::new(line).map(Ready::Line).map_err(|error| {
                self.refused(&format!(
                    "service.ready.line isn't a regular expression: {error}"
                ))
            }),
            (None, None) => Ok(Ready::Connects),
            (Some(_), Some(_)) => {
                Err(self.refused("service.ready has get and line: keep one of them"))
            }
        }
    }

    fn schema(&self, keys: &SchemaKeys) -> Result<SchemaSource, Misuse> {
        let below = |path: &PathBuf| self.folder.join(path);
        let there = |path: PathBuf, is_there: bool, kind: &str| {
            if is_there {
                Ok(path)
            } else {
                Err(self.refused(&format!("schema: there is no {kind} {}", path.display())))
            }
        };
        let keeps = self.keys.database.keep_schema;
        match (keys.run.is_some(), keys.from.is_empty(), keeps) {
            (true, true, true) => {
                return Err(self.refused(
                    "database.keep_schema needs schema.from, the files and folders that schema.run reads: if they change, it runs \
                     again",
                ));
            }
            (false, false, _) | (_, false, false) => {
                return Err(self.refused(
                    "schema.from has no effect without schema.run and keep_schema = true in [database]",
                ));
            }
            _ => {}
        }
        match (&keys.run, &keys.files, keys.sql.as_slice()) {
            (Some(line), None, []) => {
                let from = keys.from.iter().map(|path| {
                    let path = below(path);
                    let is_there = path.exists();
                    there(path, is_there, "file or folder")
                });
                Ok(SchemaSource::Run {
                    line: self.filled("schema.run", line)?,
                    from: from.collect::<Result<_, _>>()?,
                })
            }
            (None, Some(folder), []) => {
                let folder = below(folder);
                let is_there = folder.is_dir();
                Ok(SchemaSource::Files(there(folder, is_there, "folder")?))
            }
            (None, None, [_, ..]) => {
                let files = keys.sql.iter().map(|path| {
                    let path = below(path);
                    if path.is_dir() {
                        return Err(self.refused(&format!(
                            "schema.sql: {} is a folder: for migrations, schema = {{ files = \"…\" }}; for pg_dump's directory \
                             format, schema = {{ run = \"pg_restore --no-owner --dbname {{url}} …\" }}",
                            path.display()
                        )));
                    }
                    let is_there = path.is_file();
                    there(path, is_there, "file")
                });
                Ok(SchemaSource::Sql(files.collect::<Result<_, _>>()?))
            }
            _ => Err(self.refused(
                "schema has exactly one of run (a command), files (a folder of migrations) and sql (a file)",
            )),
        }
    }

    /// The surroundings of commands. Without a service, those that a service would have.
    fn surroundings(&self) -> Result<Surroundings, Misuse> {
        let keys = self.keys.service.clone().unwrap_or_default();
        for (name, text) in &keys.env {
            self.filled(&format!("service.env.{name}"), text)?;
        }
        surroundings::check_ports(&keys.env)
            .map_err(|Misuse(why)| self.refused(&format!("service.env.{why}")))?;
        for name in keys.pass.iter().flatten() {
            let why = if name.starts_with("PG") {
                "variables of PostgreSQL's clients aren't passed to the service: set them in service.env with a placeholder, \
                 as in PGHOST = \"{host}\""
            } else if name == "DATABASE_URL" {
                "your own DATABASE_URL never reaches the service, because it may lead to a database that matters; \
                 the slot's is set without this key"
            } else if name.is_empty() || name == "*" {
                "name the variables: with all of them, results would depend on the machine"
            } else {
                continue;
            };
            return Err(self.refused(&format!("service.pass names \"{name}\": {why}")));
        }
        let usual = || Surroundings::PASSED.map(str::to_owned).to_vec();
        Ok(Surroundings {
            folder: self.folder.clone(),
            env: keys.env,
            pass: keys.pass.unwrap_or_else(usual),
        })
    }

    /// The text, if all its placeholders are known.
    fn filled(&self, key: &str, text: &str) -> Result<String, Misuse> {
        match surroundings::check(text) {
            Ok(()) => Ok(text.to_owned()),
            Err(Misuse(why)) => Err(self.refused(&format!("{key}: {why}"))),
        }
    }

    fn refused(&self, why: &str) -> Misuse {
        Misuse(format!("{}: {why}", self.file.display()))
    }
}

impl ReadyKeys {
    fn within(&self) -> Option<Duration> {
        self.within.map(|Span(limit)| limit)
    }
}

/// `rows` by default. A file of grants with an explicit `rows` adds to these rights.
fn role(keys: &ServiceKeys) -> Role {
    match (keys.role, &keys.grants) {
        (None, Some(_)) => Role::Granted,
        (Some(RoleKey::Owner), _) => Role::Owner,
        (None | Some(RoleKey::Rows), _) => Role::Rows,
    }
}
