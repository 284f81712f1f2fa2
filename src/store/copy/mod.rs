//! Copies one database into another, of the same engine or of the other one.
//!
//! The source is read in one snapshot. The target is filled in one transaction, which commits only if the rows that are
//! read back have the same checksums. `side` is a connection of either engine, `cell` the form of the copied values.

mod cell;
mod error;
mod side;

use std::{collections::BTreeSet, time::Duration};

use futures::StreamExt;

use super::migrate::{Access, Migrations};
use super::schema::{TABLES, Table};
use crate::config::Target;

use cell::Digest;
pub use error::CopyError;
use side::Side;

/// Rows per `insert`.
const BATCH: usize = 500;

/// A service that runs on an otherwise empty database may have filled these tables. Their rows are replaced.
const REPLACED: [&str; 3] = ["signing_keys", "attempts", "idempotency_keys"];

/// What was copied of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub table: &'static str,
    pub rows: u64,
    /// A checksum over all values of all rows, in any order of the rows.
    pub digest: String,
}

/// Receives the progress: the table, its rows copied so far, and its rows in total.
pub type Progress<'p> = &'p mut (dyn FnMut(&'static str, u64, u64) + Send);

/// Copies every row. If the future is dropped before it ends, the target stays empty: its connection is closed, which
/// rolls the transaction back.
pub async fn copy(
    from: &Target,
    to: &Target,
    timeout: Duration,
    progress: Progress<'_>,
) -> Result<Vec<Copied>, CopyError> {
    let mut source = connect(from, timeout, Access::Read).await?;
    let mut target = connect(to, timeout, Access::Create).await?;
    source.begin_reading().await?;
    target.begin_writing().await?;
    let copied = fill(&mut source, &mut target, progress).await;
    let end = if copied.is_ok() { "commit" } else { "rollback" };
    let ended = target.execute(end).await;
    source.close().await;
    target.close().await;
    // The first error is the one to report.
    let copied = copied?;
    ended?;
    Ok(copied)
}

/// Connects to a database of this program's schema version. A target without tables is migrated first.
async fn connect(target: &Target, timeout: Duration, access: Access) -> Result<Side, CopyError> {
    let wrong = |error| CopyError::Schema(target.to_string(), error);
    let mut migrations = Migrations::connect(target, timeout, access)
        .await
        .map_err(|error| CopyError::Unreachable(target.to_string(), error))?;
    let steps = migrations.steps().await.map_err(wrong)?;
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
        if REPLACED.contains(table) {
            target.execute(&format!("delete from {table}")).await?;
        } else if target.count(table).await? > 0 {
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
    // Last, because PostgreSQL does not roll back sequences.
    let numbered = pairs
        .iter()
        .filter(|(_, here, _)| here.columns.iter().any(|column| column.name == "id"));
    for (table, ..) in numbered {
        if let Some(last) = source.last_number(table).await? {
            target.set_last_number(table, last).await?;
        }
    }
    Ok(copied)
}

/// Every table, as both sides describe it, with its columns sorted by name. A table or column that only one side has, or
/// that this program does not know, is an error: its data would be lost.
fn pairs(
    source: Vec<Table>,
    target: Vec<Table>,
) -> Result<Vec<(&'static str, Table, Table)>, CopyError> {
    let unknown = |table: &&Table| !TABLES.contains(&table.name.as_str());
    if let Some(table) = source.iter().chain(&target).find(unknown) {
        return Err(CopyError::Different(format!("the table {}", table.name)));
    }
    let find = |tables: &[Table], name: &str| {
        let found = tables.iter().find(|table| table.name == name).cloned();
        found.ok_or_else(|| CopyError::Different(format!("the table {name}")))
    };
    let mut pairs = Vec::new();
    for name in TABLES {
        let (mut here, mut there) = (find(&source, name)?, find(&target, name)?);
        for table in [&mut here, &mut there] {
            table
                .columns
                .sort_by(|one, other| one.name.cmp(&other.name));
        }
        let names = |table: &Table| -> BTreeSet<String> {
            let columns = table.columns.iter();
            columns.map(|column| column.name.clone()).collect()
        };
        if let Some(column) = names(&here).symmetric_difference(&names(&there)).next() {
            return Err(CopyError::Different(format!("the column {name}.{column}")));
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
    let mut rows = source.rows(here, there);
    let mut batch = Vec::new();
    while let Some(row) = rows.next().await {
        let row = row?;
        digest.add(&row);
        batch.push(row);
        if batch.len() == BATCH {
            target.insert(there, std::mem::take(&mut batch)).await?;
            progress(table, digest.rows, total);
        }
    }
    drop(rows);
    if !batch.is_empty() {
        target.insert(there, batch).await?;
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

/// The number of rows of a table, and their checksum.
async fn digest(
    side: &mut Side,
    table: &'static str,
    own: &Table,
    other: &Table,
) -> Result<(u64, String), CopyError> {
    let mut digest = Digest::default();
    let mut rows = side.rows(own, other);
    while let Some(row) = rows.next().await {
        digest.add(&row?);
    }
    drop(rows);
    let count = side.count(table).await?;
    Ok((count, digest.to_string()))
}
