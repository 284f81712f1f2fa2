//! Where a template's tables come from.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    failure::Failure,
    service::{Environment, Program},
};

/// How a template gets its schema.
pub enum Schema<'a> {
    /// The program's own `migrate`.
    Program(&'a Arc<Program>),
    /// A folder of reversible migrations.
    Folder(PathBuf),
}

/// The program brings a database to its newest schema.
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

/// Applies a folder of migrations.
pub async fn apply<C>(folder: &Path, connection: &mut C) -> Result<(), Failure>
where
    C: sqlx::migrate::Migrate,
{
    let failed = |error: sqlx::migrate::MigrateError| {
        Failure::new(format!(
            "the migrations in {} can't be applied: {error}",
            folder.display()
        ))
    };
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "--migrations: {} is no folder",
            folder.display()
        )));
    }
    let migrator = sqlx::migrate::Migrator::new(folder).await.map_err(failed)?;
    if migrator.iter().next().is_none() {
        return Err(Failure::new(format!(
            "--migrations: {} holds no migration; they are named NNNN_name.up.sql and NNNN_name.down.sql",
            folder.display()
        )));
    }
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(failed)
}

/// Tells two schemas apart without looking into a database: the migrations' names and texts.
pub fn fingerprint(folder: &Path) -> Result<String, Failure> {
    let unread = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unread)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hash);
        std::fs::read(&file).map_err(unread)?.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}
