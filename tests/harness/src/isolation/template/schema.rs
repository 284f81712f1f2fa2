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

/// Tells two schemas apart without looking into a database: the migrations' names and texts.
pub fn fingerprint(folder: &Path) -> Result<String, Failure> {
    let mut hash = DefaultHasher::new();
    for (file, text) in files(folder)? {
        file.file_name().hash(&mut hash);
        text.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

/// The texts of all migrations.
pub fn text(folder: &Path) -> Result<String, Failure> {
    let texts = files(folder)?.into_iter().map(|(_, text)| text);
    Ok(String::from_utf8_lossy(&texts.collect::<Vec<_>>().join(&b'\n')).into_owned())
}

fn files(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let unread = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unread)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let read = |path: PathBuf| Ok((path.clone(), std::fs::read(path).map_err(unread)?));
    files.into_iter().map(read).collect()
}
