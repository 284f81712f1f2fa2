//! `backup` and `restore`: the whole database in one file that either engine can be restored from.
//!
//! The file is a line with the checksum of the rest, and the rest is an SQLite database, compressed with gzip.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::Args;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use tracing::info;

use super::copy::copy_unless_interrupted;
use super::failure::Failure;
use super::runtime::runtime;
use super::settings::Settings;
use crate::auth::tokens::sha256;
use crate::config::{Config, EnvVars};
use crate::domain::{Id, Time};
use crate::store::migrate::{Access, Migrations};

const PREFIX: &str = "dance-lessons-coach-";
const SUFFIX: &str = ".backup";
/// The first line of a backup, before the SHA-256 of the rest.
const HEAD: &str = "dance-lessons-coach backup 1 sha256 ";

/// Write a backup of the database to a new file, while it is in use
///
/// The backup is compressed, has a checksum, and can be restored to PostgreSQL and to SQLite.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The folder for the file; it is created if missing
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// How many backups to keep in the folder; older ones are deleted. All by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

/// Restore a backup into an empty database
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that `backup` has written
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

impl Backup {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.clone().for_operator(env.clone())?;
        fs::create_dir_all(&self.to).map_err(at(&self.to))?;
        let plain = Temporary::new(&self.to)?;
        let file = plain.config(settings, env)?;
        let copied = runtime()?.block_on(copy_unless_interrupted(&config, &file))?;
        let time = Time::now().to_string().replace(':', "-");
        let path = self.to.join(format!("{PREFIX}{time}{SUFFIX}"));
        pack(&plain.0, &path).map_err(at(&path))?;
        let rows: u64 = copied.iter().map(|table| table.rows).sum();
        info!(target: "audit", act = "backup", who, from = "command line", file = %path.display());
        println!("{rows} rows in {}", path.display());
        self.delete_older()
    }

    fn delete_older(&self) -> Result<(), Failure> {
        let Some(keep) = self.keep else { return Ok(()) };
        let entries = fs::read_dir(&self.to).map_err(at(&self.to))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut backups: Vec<_> = names
            .filter(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
            .collect();
        // Their names sort by time.
        backups.sort();
        let surplus = backups.len().saturating_sub(keep as usize);
        for name in &backups[..surplus] {
            let path = self.to.join(name);
            fs::remove_file(&path).map_err(at(&path))?;
            println!("deleted {}", path.display());
        }
        Ok(())
    }
}

impl Restore {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.clone().for_operator(env.clone())?;
        let plain = Temporary::new(&std::env::temp_dir())?;
        unpack(&self.from, &plain.0)?;
        let file = plain.config(settings, env)?;
        let copied = runtime()?.block_on(async {
            // A backup of an older version is brought up to date first.
            let failed =
                |error: String| Failure::Failed(format!("{}: {error}", self.from.display()));
            let timeout = config.database.attempt_timeout;
            let opened = Migrations::connect(&file.target, timeout, Access::Change).await;
            let mut migrations = opened.map_err(|error| failed(error.to_string()))?;
            migrations
                .up(None)
                .await
                .map_err(|error| failed(error.to_string()))?;
            migrations.close().await;
            copy_unless_interrupted(&file, &config).await
        })?;
        let rows: u64 = copied.iter().map(|table| table.rows).sum();
        info!(target: "audit", act = "restore", who, from = "command line", file = %self.from.display());
        println!("{rows} rows restored to {}", config.target);
        Ok(())
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::Failed(format!("{}: {error}", path.display()))
}

/// A file that is deleted at the end. Nobody else can read it.
struct Temporary(PathBuf);

impl Temporary {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(format!(".{PREFIX}{}", Id::generate()));
        private_file(&path).map_err(at(&path))?;
        Ok(Self(path))
    }

    /// The configuration with the file as its only database.
    fn config(&self, settings: Settings, env: EnvVars) -> Result<Config, Failure> {
        settings.load_only(format!("sqlite:{}", self.0.display()), env)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            let _ = fs::remove_file(name);
        }
    }
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Compresses a file. The new one gets its name when it is complete.
fn pack(plain: &Path, path: &Path) -> io::Result<()> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    io::copy(&mut File::open(plain)?, &mut packed)?;
    let packed = packed.finish()?;
    let part = path.with_extension("part");
    let mut file = private_file(&part)?;
    let part = Part(part);
    writeln!(file, "{HEAD}{}", sha256(&packed))?;
    file.write_all(&packed)?;
    file.sync_all()?;
    fs::rename(&part.0, path)
}

/// A file that is deleted unless it was renamed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Checks and decompresses a backup.
fn unpack(path: &Path, plain: &Path) -> Result<(), Failure> {
    let damaged = |what: &str| Failure::Failed(format!("{}: {what}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(at(path))?);
    let mut head = Vec::new();
    let mut first_line = (&mut file).take(200);
    first_line.read_until(b'\n', &mut head).map_err(at(path))?;
    let head = String::from_utf8_lossy(&head).trim_end().to_owned();
    let expected = head.strip_prefix(HEAD);
    let expected = expected.ok_or_else(|| damaged("is no backup of this program"))?;
    let mut packed = Vec::new();
    file.read_to_end(&mut packed).map_err(at(path))?;
    if sha256(&packed) != expected {
        return Err(damaged("the file is damaged: its checksum is wrong"));
    }
    let mut target = File::create(plain).map_err(at(plain))?;
    io::copy(&mut GzDecoder::new(packed.as_slice()), &mut target).map_err(at(plain))?;
    Ok(())
}
