//! The rows that a scenario wrote, as text for reports.

use crate::{
    http::masked_body,
    isolation::written::{WrittenRow, WrittenTable},
    json::Json,
    output::shortened,
};

/// The maximum number of characters of a row, and of one of its values.
const ROW: usize = 300;
const VALUE: usize = 80;

/// A line for each row: `+` means added, `-` removed, `~` changed.
pub fn lines(tables: &[WrittenTable]) -> Vec<String> {
    let mut lines = Vec::new();
    for table in tables {
        lines.push(format!("{}:", table.name));
        if let Some(why) = &table.unreadable {
            lines.push(format!("  (its rows can't be shown: {why})"));
        }
        lines.extend(table.rows.iter().map(|row| format!("  {}", line(row))));
        if table.is_cut {
            lines.push("  … and more rows".to_owned());
        }
    }
    lines
}

fn line(row: &WrittenRow) -> String {
    match row {
        WrittenRow::Added(row) => format!("+ {}", shortened(&masked_body(row), ROW)),
        WrittenRow::Removed(row) => format!("- {}", shortened(&masked_body(row), ROW)),
        WrittenRow::Changed { before, after } => changed(&masked_body(before), &masked_body(after)),
    }
}

/// `~ {"id": 1}: price 1.50 → 2.00, name "a" → "b"`. The first column identifies the row.
fn changed(before: &str, after: &str) -> String {
    let (Ok(Json::Object(old)), Ok(Json::Object(new))) = (Json::parse(before), Json::parse(after))
    else {
        return format!("~ {before} → {after}");
    };
    let differ = old
        .iter()
        .zip(&new)
        .filter(|((_, old), (_, new))| old != new);
    let differ: Vec<_> = differ
        .map(|((name, old), (_, new))| {
            let short = |value: &Json| shortened(&value.to_string(), VALUE);
            format!("{name} {} → {}", short(old), short(new))
        })
        .collect();
    let first = new
        .first()
        .map(|(name, value)| format!("{{\"{name}\": {value}}}"));
    // Masked values look equal even if they differ.
    let differ = if differ.is_empty() {
        "a masked value".to_owned()
    } else {
        differ.join(", ")
    };
    format!("~ {}: {differ}", first.unwrap_or_default())
}
