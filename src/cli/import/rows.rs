//! What the imports share: the rows of a file, checked one by one, and the report about them.

use std::{fmt::Display, path::Path};

use crate::cli::failure::Failure;
use crate::domain::Time;
use crate::store::{
    StoreError,
    import::{ForeignFile, ForeignTable, Row},
};

/// What an import has done, or would have done: one line per row, and the number of rows that can't be imported.
#[derive(Default)]
pub(super) struct Report {
    pub(super) lines: Vec<String>,
    pub(super) refused: usize,
}

impl Report {
    pub(super) fn line(&mut self, row: &str, text: &str) {
        self.lines.push(format!("{row}: {text}"));
    }

    pub(super) fn refuse(&mut self, row: &str, why: &str) {
        self.refused += 1;
        self.line(row, &format!("can't be imported: {why}"));
    }

    /// Fails if a row was refused.
    pub(super) fn check(&self, file: &Path) -> Result<(), Failure> {
        let rows = match self.refused {
            0 => return Ok(()),
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        let why = format!("{rows} can't be imported; nothing was imported");
        Err(failed(file, why))
    }
}

pub(super) fn failed(file: &Path, why: impl Display) -> Failure {
    Failure::Failed(format!("{}: {why}", file.display()))
}

pub(super) async fn rows(
    source: &mut ForeignFile,
    table: &ForeignTable,
    file: &Path,
) -> Result<Vec<Row>, Failure> {
    let rows = source.rows(table).await;
    rows.map_err(|error| failed(file, error))
}

/// The times in these columns. An empty text is none.
pub(super) fn times<const N: usize>(
    row: &Row,
    columns: [&str; N],
) -> Result<[Option<Time>; N], String> {
    let mut faults = Vec::new();
    let times = columns.map(|column| {
        let text = row.get(column).filter(|text| !text.is_empty())?;
        let read = time(text);
        if read.is_none() {
            faults.push(format!("{column} must be a time"));
        }
        read
    });
    if faults.is_empty() {
        Ok(times)
    } else {
        Err(faults.join(", "))
    }
}

/// Both values, or everything that is wrong with them.
pub(super) fn both<A, B>(
    one: Result<A, String>,
    other: Result<B, String>,
) -> Result<(A, B), String> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(format!("{one}, {other}")),
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
    }
}

/// A time as Go's drivers and SQLite itself write it: RFC 3339, also with a blank instead of the `T`, or without an
/// offset, which means UTC.
fn time(text: &str) -> Option<Time> {
    let text = text.trim().replacen(' ', "T", 1);
    // Go's own format ends with the name of the zone: `… +0000 UTC`.
    let text = text.strip_suffix(" UTC").unwrap_or(&text).replace(' ', "");
    let offset = text.get(19..).unwrap_or_default();
    let text = match offset.rfind(['+', '-']) {
        // `+0000` without a colon
        Some(at) if offset.len() - at == 5 => {
            let (start, minutes) = text.split_at(text.len() - 2);
            format!("{start}:{minutes}")
        }
        Some(_) => text,
        None if text.ends_with('Z') => text,
        None => format!("{text}Z"),
    };
    Time::parse(&text)
}

/// An error of the store, with nothing imported.
pub(super) fn not_imported(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict(what) => Failure::Failed(format!("{what}; nothing was imported")),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_of_other_programs_are_read() {
        for text in [
            "2026-01-31T18:30:00Z",
            "2026-01-31T18:30:00+00:00",
            "2026-01-31 18:30:00+00:00",
            "2026-01-31 19:30:00.000000000+01:00",
            "2026-01-31 18:30:00",
            "2026-01-31 18:30:00 +0000 UTC",
            "2026-01-31T18:30:00.000",
        ] {
            let read = time(text).map(|time| time.to_string());
            assert_eq!(
                read.as_deref(),
                Some("2026-01-31T18:30:00.000000Z"),
                "{text}"
            );
        }
        for text in ["", "yesterday", "2026-01-31", "2026-13-31 18:30:00"] {
            assert!(time(text).is_none(), "{text}");
        }
    }
}
