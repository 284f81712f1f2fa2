//! A copy of one database into another, of the same engine or of the other one.
//!
//! The source is read as it was at one moment, the target is filled in one transaction, and that ends well only when
//! what was written there can be read again. `side` is a connection of either engine, `cell` the form in which a
//! value travels.

mod cell;
mod side;

use std::{fmt, time::Duration};

use futures::StreamExt;

use super::{
    StoreError,
    migrate::{Access, MigrationError, Migrations},
    schema::{TABLES, Table},
};
use crate::config::Target;

use cell::Digest;
use side::Side;

/// Rows that are written by one statement.
const BATCH: usize = 500;

/// What was copied of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The table.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// Over all values of all rows, in any order of the rows.
    pub digest: String,
}

/// Why nothing was copied.
#[derive(Debug)]
pub enum CopyError {
    /// A database can't be reached.
    Unreachable(String, StoreError),
    /// A database isn't ours, or isn't at the version of this program.
    Schema(String, MigrationError),
    /// A database has another version than this program.
    Version(String),
    /// The target holds rows.
    NotEmpty(&'static str),
    /// The two databases have different columns.
    Different(String),
    /// A value isn't what its column is for.
    Value(String),
    /// What was written isn't what was read.
    Unequal(&'static str),
    /// A database says no.
    Store(StoreError),
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(target, error) => write!(f, "{target} can't be reached: {error}"),
            Self::Schema(target, error) => write!(f, "{target}: {error}"),
            Self::Version(target) => write!(
                f,
                "{target} isn't at the version of this program; run `migrate up` on it, or use the program of its version"
            ),
            Self::NotEmpty(table) => {
                write!(
                    f,
                    "the target isn't empty: it has rows in {table}; it was left untouched"
                )
            }
            Self::Different(what) => {
                write!(
                    f,
                    "{what} is in one of the two databases only; nothing was copied"
                )
            }
            Self::Value(what) => write!(f, "{what}; nothing was copied"),
            Self::Unequal(table) => write!(
                f,
                "what was written to {table} isn't what was read; all of it was taken back"
            ),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for CopyError {}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Hears how far the copy is: the table, rows that are done, rows there are.
pub type Progress<'p> = &'p mut (dyn FnMut(&'static str, u64, u64) + Send);

/// Copies every row. A future that is dropped half-way leaves the target as empty as it was: the connection ends, and
/// the transaction with it.
pub async fn copy(
    from: &Target,
    to: &Target,
    timeout: Duration,
    progress: Progress<'_>,
) -> Result<Vec<Copied>, CopyError> {
    let mut source = ready(from, timeout, Access::Look).await?;
    let mut target = ready(to, timeout, Access::Create).await?;
    source.begin_reading().await?;
    target.begin_writing().await?;
    match fill(&mut source, &mut target, progress).await {
        Ok(copied) => {
            target.execute("commit").await?;
            source.close().await;
            target.close().await;
            Ok(copied)
        }
        Err(error) => {
            // The first error is the one to tell.
            let _ = target.execute("rollback").await;
            source.close().await;
            target.close().await;
            Err(error)
        }
    }
}

/// A connection to a database of this program's version; an empty one is brought to it first.
async fn ready(target: &Target, timeout: Duration, access: Access) -> Result<Side, CopyError> {
    let wrong = |error| CopyError::Schema(target.to_string(), error);
    let mut migrations = Migrations::connect(target, timeout, access)
        .await
        .map_err(|error| CopyError::Unreachable(target.to_string(), error))?;
    let steps = migrations.look().await.map_err(wrong)?;
    let is_new = steps.iter().all(|step| step.applied_at.is_none());
    if access == Access::Create && is_new {
        migrations.up(None).await.map_err(wrong)?;
    } else if steps.iter().any(|step| step.applied_at.is_none()) {
        return Err(CopyError::Version(target.to_string()));
    }
    Ok(Side::new(migrations))
}

async fn fill(
    source: &mut Side,
    target: &mut Side,
    progress: Progress<'_>,
) -> Result<Vec<Copied>, CopyError> {
    let pairs = pairs(source.tables().await?, target.tables().await?)?;
    for (table, ..) in &pairs {
        if target.count(table).await? > 0 {
            return Err(CopyError::NotEmpty(table));
        }
    }
    let mut copied = Vec::new();
    for (table, here, there) in &pairs {
        copied.push(copy_table(source, target, (table, here, there), progress).await?);
    }
    for (done, (_, here, there)) in copied.iter().zip(&pairs) {
        let written = digest(target, done.table, there, here).await?;
        if written != (done.rows, done.digest.clone()) {
            return Err(CopyError::Unequal(done.table));
        }
    }
    // Last, because PostgreSQL doesn't take this back.
    for (table, ..) in &pairs {
        if let Some(last) = source.last_number(table).await? {
            target.set_last_number(table, last).await?;
        }
    }
    Ok(copied)
}

/// Every table of both sides; a table or a column that only one of them has, or that nobody told this program of,
/// would get lost.
fn pairs(
    source: Vec<Table>,
    target: Vec<Table>,
) -> Result<Vec<(&'static str, Table, Table)>, CopyError> {
    let strange = |table: &&Table| !TABLES.contains(&table.name.as_str());
    if let Some(table) = source.iter().chain(&target).find(strange) {
        return Err(CopyError::Different(format!("the table {}", table.name)));
    }
    let find = |tables: &[Table], name: &str| {
        let found = tables.iter().find(|table| table.name == name).cloned();
        found.ok_or_else(|| CopyError::Different(format!("the table {name}")))
    };
    let mut pairs = Vec::new();
    for name in TABLES {
        let (here, there) = (find(&source, name)?, find(&target, name)?);
        let has = |table: &Table, name: &str| table.columns.iter().any(|other| other.name == name);
        let more = here
            .columns
            .iter()
            .find(|column| !has(&there, &column.name));
        let more = more.or_else(|| {
            there
                .columns
                .iter()
                .find(|column| !has(&here, &column.name))
        });
        if let Some(column) = more {
            return Err(CopyError::Different(format!(
                "the column {name}.{}",
                column.name
            )));
        }
        pairs.push((name, here, there));
    }
    Ok(pairs)
}

async fn copy_table(
    source: &mut Side,
    target: &mut Side,
    (table, here, there): (&'static str, &Table, &Table),
    progress: Progress<'_>,
) -> Result<Copied, CopyError> {
    let total = source.count(table).await?;
    progress(table, 0, total);
    let mut digest = Digest::default();
    let mut rows = source.rows(here, here, there);
    let mut batch = Vec::new();
    while let Some(row) = rows.next().await {
        let row = row?;
        digest.add(&row);
        batch.push(row);
        if batch.len() == BATCH {
            target
                .insert(here, there, std::mem::take(&mut batch))
                .await?;
            progress(table, digest.rows, total);
        }
    }
    drop(rows);
    if !batch.is_empty() {
        target.insert(here, there, batch).await?;
    }
    progress(table, digest.rows, total);
    if digest.rows != total {
        return Err(CopyError::Unequal(table));
    }
    Ok(Copied {
        table,
        rows: digest.rows,
        digest: digest.to_string(),
    })
}

/// How many rows a side has, and their digest; the columns in the order of the other side.
async fn digest(
    side: &mut Side,
    table: &'static str,
    own: &Table,
    order: &Table,
) -> Result<(u64, String), CopyError> {
    let mut digest = Digest::default();
    let mut rows = side.rows(order, own, order);
    while let Some(row) = rows.next().await {
        digest.add(&row?);
    }
    drop(rows);
    let count = side.count(table).await?;
    Ok((count, digest.to_string()))
}
