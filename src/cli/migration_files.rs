//! `migrate create`: creates the four files of a new migration.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use super::failure::Failure;

const STORES: [(&str, &str); 2] = [("postgres", "PostgreSQL"), ("sqlite", "SQLite")];

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name: lower case letters, digits and underscores, such as lessons
    name: String,
    /// The folder with the subfolders postgres and sqlite
    #[arg(long, value_name = "FOLDER", default_value = "migrations")]
    folder: PathBuf,
}

impl Create {
    pub(super) fn run(self) -> Result<(), Failure> {
        let right_letters = self
            .name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !right_letters || !self.name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(Failure::Usage(format!(
                "the name {:?} must be lower case letters, digits and underscores, and begin with a letter",
                self.name
            )));
        }
        let mut last = 0;
        for (store, _) in STORES {
            last = last.max(last_version(&self.folder.join(store), &self.name)?);
        }
        for (store, title) in STORES {
            for direction in ["up", "down"] {
                let name = format!("{:04}_{}.{direction}.sql", last + 1, self.name);
                let path = self.folder.join(store).join(name);
                write_new(&path, &format!("-- {} {direction} on {title}\n", self.name))
                    .map_err(|error| failed(&path, &error))?;
                println!("created {}", path.display());
            }
        }
        Ok(())
    }
}

/// The highest version in the folder. An existing migration with the same name is an error.
fn last_version(folder: &Path, name: &str) -> Result<i64, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut last = 0;
    for entry in entries {
        let file = entry.map_err(|error| failed(folder, &error))?.file_name();
        let file = file.to_string_lossy();
        let Some((version, rest)) = file.split_once('_') else {
            continue;
        };
        if rest.split('.').next() == Some(name) {
            return Err(Failure::Failed(format!(
                "there is a migration {name} in {} already: {file}",
                folder.display()
            )));
        }
        last = last.max(version.parse().unwrap_or(0));
    }
    Ok(last)
}

/// Never overwrites a file.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!(
        "{}: {error}; run this in the folder that contains migrations, or set --folder",
        path.display()
    ))
}
