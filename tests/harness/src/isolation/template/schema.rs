//! Creates the tables of a template.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::PgConnection;
use tokio::io::AsyncReadExt as _;
use walkdir::{DirEntry, WalkDir};

use crate::{
    failure::Failure,
    output::without_colours,
    process::{group::Group, output_pipe},
    service::{Environment, Program, Store, address::DatabaseAddress, surroundings::Surroundings},
};

/// Where a template's schema comes from.
pub enum Schema<'a> {
    /// The service's own `migrate` command.
    Program(&'a Arc<Program>),
    /// The service's folder of migrations.
    Folder(PathBuf),
    /// A folder that the service doesn't know.
    Foreign(PathBuf),
    /// SQL files.
    Sql(Vec<PathBuf>),
    /// A command that the project configures, and the files that it reads.
    Run {
        line: &'a str,
        from: &'a [PathBuf],
        surroundings: &'a Surroundings,
    },
}

impl Schema<'_> {
    /// A hash of this package's version, names and contents, which identifies a schema without a database. For a command,
    /// it has its line, its environment and the files that it reads.
    pub fn fingerprint(&self) -> Result<String, Failure> {
        let mut hash = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hash);
        match self {
            Self::Program(program) => {
                program.migrate().hash(&mut hash);
                hash_files(&program.migrations(Store::Postgres)?, &mut hash)?;
            }
            Self::Folder(folder) | Self::Foreign(folder) => hash_files(folder, &mut hash)?,
            Self::Sql(paths) => {
                for path in paths {
                    hash_files(path, &mut hash)?;
                }
            }
            Self::Run {
                line,
                from,
                surroundings,
            } => {
                line.hash(&mut hash);
                surroundings.env.hash(&mut hash);
                for path in *from {
                    hash_files(path, &mut hash)?;
                }
            }
        }
        Ok(format!("{:016x}", hash.finish()))
    }
}

/// Runs the project's command on a database, as its owner.
pub async fn run(
    line: &str,
    surroundings: &Surroundings,
    database: &DatabaseAddress,
) -> Result<(), Failure> {
    let mut environment: Environment = database
        .variables()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    // No port, because nothing listens here.
    environment.extend(surroundings.environment(database, Some(0))?);
    let command = surroundings.command(line, database, None)?;
    let failed = |why: &str| {
        Failure::new(format!(
            "the template can't be created: schema.run in bdd.toml: `{line}` {why}"
        ))
    };
    let (mut reader, writer, errors) = output_pipe()?;
    let mut group = Group::start(&["/bin/sh", "-c", &command], |shell| {
        shell
            .env_clear()
            .envs(environment)
            .current_dir(&surroundings.folder)
            .stdout(writer)
            .stderr(errors);
    })
    .await
    .map_err(|error| failed(&format!("can't be started: {error}")))?;
    let mut output = Vec::new();
    let _ = reader.read_to_end(&mut output).await;
    let status = group.wait().await;
    group.end(true).await;
    let status = status.map_err(|error| failed(&error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output);
    Err(failed(&format!(
        "ended with {status}\n{}",
        indented(&without_colours(&output))
    )))
}

/// Fails if the command changed nothing: it may have read another URL, and changed a database that matters.
pub async fn has_made_something(line: &str, connection: &mut PgConnection) -> Result<(), Failure> {
    let made: bool = sqlx::query_scalar(
        "select exists (select
                          from pg_class c
                          join pg_namespace n on n.oid = c.relnamespace
                         where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'bdd_harness'))",
    )
    .fetch_one(connection)
    .await?;
    if made {
        return Ok(());
    }
    Err(Failure::new(format!(
        "schema.run in bdd.toml: `{line}` succeeded, but made nothing in the suite's database. It has to use the \
         database of DATABASE_URL, or of a variable in service.env. It may have changed another database"
    )))
}

/// The last lines of a command's output, for a message. There are many, because Alembic prints the database's error above
/// the whole SQL.
fn indented(output: &str) -> String {
    const SHOWN: usize = 400;
    let lines: Vec<&str> = output.trim_end().lines().collect();
    let left_out = lines.len().saturating_sub(SHOWN);
    let mut text = String::new();
    if left_out > 0 {
        text.push_str(&format!("    … {left_out} lines before these\n"));
    }
    for line in &lines[left_out..] {
        text.push_str(&format!("    {line}\n"));
    }
    text.trim_end().to_owned()
}

/// Runs the service's own migration of a database to the latest schema.
pub async fn migrate(program: &Arc<Program>, url: &str) -> Result<(), Failure> {
    let mut environment = Environment::new();
    environment.insert("DATABASE_URL".into(), url.to_owned());
    let executable = program.executable()?;
    let output = tokio::process::Command::new(&executable)
        .args(program.migrate())
        .env_clear()
        .envs(environment)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Failure::new(format!("{}: {error}", executable.display())))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the template can't be migrated: `{}` ended with {}\n{}{}",
        program.migrate().join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// A file, or all files in a folder.
fn hash_files(path: &Path, hash: &mut DefaultHasher) -> Result<(), Failure> {
    let files = if path.is_dir() {
        files(path)?
    } else {
        read(vec![path.to_owned()])?
    };
    for (file, text) in files {
        file.strip_prefix(path).unwrap_or(&file).hash(hash);
        text.hash(hash);
    }
    Ok(())
}

/// The texts of all migrations.
pub fn text(folder: &Path) -> Result<String, Failure> {
    let is_sql = |(path, _): &(PathBuf, _)| path.extension() == Some("sql".as_ref());
    let texts = files(folder)?.into_iter().filter(is_sql);
    let texts = texts.map(|(_, text)| text);
    Ok(String::from_utf8_lossy(&texts.collect::<Vec<_>>().join(&b'\n')).into_owned())
}

/// The files in a folder, without hidden ones and those that Python makes.
fn files(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let is_source = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !name.starts_with('.') && name != "__pycache__"
    };
    let walk = WalkDir::new(folder).follow_links(true).into_iter();
    let mut files = Vec::new();
    for entry in walk.filter_entry(is_source) {
        let entry = entry.map_err(std::io::Error::from)?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    files.sort();
    read(files)
}

fn read(files: Vec<PathBuf>) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let read = |path: PathBuf| match std::fs::read(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(Failure::new(format!("{}: {error}", path.display()))),
    };
    files.into_iter().map(read).collect()
}
