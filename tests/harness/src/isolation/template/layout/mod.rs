//! Migration folders: which tool they belong to, which parts of their files run, and in which order.

mod both_ways;
mod flyway;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

use crate::{
    failure::Failure,
    isolation::template::{migration_file::MigrationFile, sql_file::text_of},
};
use both_ways::TOOLS;

/// An entry of a folder.
struct Entry {
    path: PathBuf,
    name: String,
    is_folder: bool,
}

impl Entry {
    fn is_sql(&self) -> bool {
        !self.is_folder
            && self
                .path
                .extension()
                .is_some_and(|extension| extension == "sql")
    }

    fn has(&self, file: &str) -> bool {
        self.is_folder && self.path.join(file).is_file()
    }
}

/// The migrations in a folder, in the order in which they run.
pub fn read(folder: &Path) -> Result<Vec<MigrationFile>, Failure> {
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "migrations: {} isn't a folder",
            folder.display()
        )));
    }
    let entries = entries(folder)?;
    let files = if entries.iter().any(|entry| entry.has("migration.sql")) {
        in_folders(&entries, "migration.sql", &["migration_lock.toml"])?
    } else if entries.iter().any(|entry| entry.has("up.sql")) {
        in_folders(&entries, "up.sql", &[])?
    } else if let Some(only) = folder_of_folders(&entries, folder)? {
        return read(&only);
    } else {
        let below = all_below(&entries)?;
        if below
            .iter()
            .any(|path| flyway::is_migration(&name_of(path)))
        {
            flyway::read(below)?
        } else {
            numbered(&entries)?
        }
    };
    if files.is_empty() {
        return Err(Failure::new(format!(
            "{} contains no migrations in SQL, such as NNNN_name.sql, or NNNN_name.up.sql and NNNN_name.down.sql: {BY_ITS_TOOL}",
            folder.display()
        )));
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<Entry>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = name_of(&path);
        if !name.starts_with('.') {
            entries.push(Entry {
                is_folder: path.is_dir(),
                path,
                name,
            });
        }
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::new(format!(
        "the migrations can't be applied: {}: {why}",
        path.display()
    ))
}

/// Advice for a migration that isn't SQL.
const BY_ITS_TOOL: &str = "only SQL can run here. Let the migration tool create the schema: schema = { run = \"…\" } in bdd.toml";

/// The version in the name of a migration of Hasura.
static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\d+)_"));

/// One folder per migration, as Prisma, Hasura and Diesel use.
fn in_folders(
    entries: &[Entry],
    file: &str,
    known: &[&str],
) -> Result<Vec<MigrationFile>, Failure> {
    let mut files = Vec::new();
    let version = |entry: &Entry| -> Option<u64> { VERSION.captures(&entry.name)?[1].parse().ok() };
    let mut entries: Vec<&Entry> = entries.iter().collect();
    let mut folders = entries.iter().filter(|entry| entry.has(file));
    if file == "up.sql" && folders.all(|entry| version(entry).is_some()) {
        // Hasura's order: 10 comes after 9.
        entries.sort_by_key(|entry| version(entry));
    }
    for entry in entries {
        let path = entry.path.join(file);
        if entry.has(file) {
            let settings = entry.path.join("metadata.toml");
            let alone = settings.is_file()
                && text_of(&settings)?
                    .replace(' ', "")
                    .contains("run_in_transaction=false");
            files.push(MigrationFile::of_tool(&path, text_of(&path)?, alone));
        } else if entry.has("up.yaml") {
            return Err(refused(&entry.path.join("up.yaml"), BY_ITS_TOOL));
        } else if entry.is_folder || entry.is_sql() {
            return Err(refused(
                &entry.path,
                &format!(
                    "the other migrations here are folders with a file {file}, and this isn't"
                ),
            ));
        } else if !known.contains(&&*entry.name) && is_migration(&entry.name) {
            return Err(refused(&entry.path, BY_ITS_TOOL));
        }
    }
    Ok(files)
}

/// The only subfolder that contains migration folders. Hasura has one for each database, Prisma has one beside its
/// schema.
fn folder_of_folders(entries: &[Entry], folder: &Path) -> Result<Option<PathBuf>, Failure> {
    if entries.iter().any(Entry::is_sql) {
        return Ok(None);
    }
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_folder) {
        let below = self::entries(&entry.path)?;
        if below
            .iter()
            .any(|entry| entry.has("up.sql") || entry.has("migration.sql"))
        {
            found.push(entry.path.clone());
        }
    }
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        several => Err(refused(
            folder,
            &format!(
                "it holds the migrations of several databases; name one of {}",
                several
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )),
    }
}

fn all_below(entries: &[Entry]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for entry in entries {
        if entry.is_folder {
            paths.extend(all_below(&self::entries(&entry.path)?)?);
        } else {
            paths.push(entry.path.clone());
        }
    }
    Ok(paths)
}

/// Whether a name starts with a number, as names of migrations do.
fn is_migration(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_digit()) && name.contains('_')
}

/// Files whose names start with a number. Some tools write the down migration into the same file.
fn numbered(entries: &[Entry]) -> Result<Vec<MigrationFile>, Failure> {
    let mut read = Vec::new();
    for entry in entries {
        if entry.is_sql() {
            let text = text_of(&entry.path)?;
            let tool = TOOLS.iter().find(|tool| tool.is_of(&text));
            read.push((entry, text, tool));
        } else if entry.is_folder {
            if all_below(&self::entries(&entry.path)?)?
                .iter()
                .any(|path| path.extension().is_some_and(|extension| extension == "sql"))
            {
                return Err(refused(
                    &entry.path,
                    "it is a folder that contains SQL. Name the one folder whose files shall run. If only a \
                     migration tool knows which files run, let it create the schema: schema = { run = \"…\" } in bdd.toml",
                ));
            }
        } else if is_migration(&entry.name) {
            return Err(refused(&entry.path, BY_ITS_TOOL));
        }
    }
    let tool = read.iter().find_map(|(_, _, tool)| *tool);
    let mut files = Vec::new();
    for (entry, text, of_file) in read {
        let file = match (tool, of_file) {
            (None, _) => MigrationFile::numbered(&entry.path, text)?,
            (Some(tool), Some(same)) if tool.name == same.name => tool.file(&entry.path, &text)?,
            (Some(tool), _) => {
                return Err(refused(
                    &entry.path,
                    &format!(
                        "it has no `{}`; the other migrations of {} have one",
                        tool.shown, tool.name
                    ),
                ));
            }
        };
        files.extend(Some(file).filter(|file| !file.is_down()));
        if let [.., one, other] = files.as_slice()
            && one.number.is_some()
            && one.number == other.number
        {
            return Err(doubled(&one.path, &other.path));
        }
    }
    files.sort_by_key(|file| file.number);
    if let Some(pair) = files
        .windows(2)
        .find(|pair| pair[0].number == pair[1].number)
    {
        return Err(doubled(&pair[0].path, &pair[1].path));
    }
    Ok(files)
}

fn doubled(one: &Path, other: &Path) -> Failure {
    Failure::new(format!(
        "{} and {} have the same number. The files of a pair are named NNNN_name.up.sql and NNNN_name.down.sql. If your \
         migration tool uses other names, let it create the schema: schema = {{ run = \"…\" }} in bdd.toml",
        one.display(),
        other.display()
    ))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}
