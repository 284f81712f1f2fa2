//! The medians by the size of the schema.

use crate::measured::{Measured, rounded};

/// The times for a schema of one size, after writes to [`crate::USUAL`] tables.
pub struct Row {
    pub tables: usize,
    /// Ours first.
    pub ways: Vec<Measured>,
}

/// Prints each way's median and its ratio to ours, as a table for the README.
pub fn print(rows: &[Row]) {
    const COLUMNS: [(&str, &str); 4] = [
        ("TRUNCATE all", "TRUNCATE"),
        ("DELETE all", "DELETE"),
        ("a clone", "clone"),
        ("migrated", "create"),
    ];
    println!("\nThree tables written to; median in ms, and how many times ours:\n");
    let names: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
    println!("| tables | **ours** | {} |", names.join(" | "));
    println!("|{}", "---|".repeat(COLUMNS.len() + 2));
    for row in rows {
        let Some((ours, others)) = row.ways.split_first() else {
            continue;
        };
        let cells = COLUMNS.map(|(_, beginning)| {
            // The faster of the clones.
            others
                .iter()
                .filter(|way| way.label.starts_with(beginning))
                .min_by(|a, b| a.median().total_cmp(&b.median()))
                .map_or_else(String::new, |way| {
                    format!("{} ({:.0}×)", rounded(way.median()), way.ratio(ours))
                })
        });
        println!(
            "| {} | **{}** | {} |",
            row.tables,
            rounded(ours.median()),
            cells.join(" | ")
        );
    }
}
