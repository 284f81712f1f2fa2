//! `import diun`: image updates, tags and acknowledgements of DiunDashboard.

use std::{collections::HashMap, path::Path};

use super::members::Members;
use super::rows::{Report, both, not_imported, rows, times};
use crate::cli::failure::Failure;
use crate::domain::Time;
use crate::http::NewTag;
use crate::store::{
    Store,
    image_updates::ImageReport,
    import::{ForeignFile, ForeignTable, ImportedUpdate, Row},
};

const UPDATES: ForeignTable = ForeignTable {
    name: "updates",
    columns: &["image"],
};
const TAGS: ForeignTable = ForeignTable {
    name: "tags",
    columns: &["id", "name"],
};
const TAG_ASSIGNMENTS: ForeignTable = ForeignTable {
    name: "tag_assignments",
    columns: &["image", "tag_id"],
};
pub(super) const TABLES: [ForeignTable; 3] = [UPDATES, TAGS, TAG_ASSIGNMENTS];

/// Columns with fields of the same name.
const FIELDS: [&str; 11] = [
    "diun_version",
    "hostname",
    "status",
    "provider",
    "image",
    "hub_link",
    "mime_type",
    "digest",
    "created",
    "platform",
    "metadata",
];

/// Imports everything, and returns a summary. The report has a line for each row.
pub(super) async fn import(
    store: &Store,
    source: &mut ForeignFile,
    file: &Path,
    report: &mut Report,
) -> Result<String, Failure> {
    let mut tags = HashMap::new();
    for row in rows(source, &TAGS, file).await? {
        let name = row.get("name").map_or("", String::as_str);
        match tag(name) {
            Ok(name) => {
                report.line(&format!("tag {name}"), "read");
                tags.insert(row.get("id").cloned().unwrap_or_default(), name);
            }
            Err(why) => report.refuse(&format!("tag {name}"), &why),
        }
    }
    let mut assigned = HashMap::new();
    for row in rows(source, &TAG_ASSIGNMENTS, file).await? {
        let (image, id) = (row.get("image"), row.get("tag_id"));
        let (image, id) = (image.cloned().unwrap_or_default(), id.cloned());
        match id.and_then(|id| tags.get(&id)) {
            Some(tag) => {
                assigned.insert(image, tag.clone());
            }
            None => report.refuse(&format!("tag of {image}"), "there is no such tag"),
        }
    }
    let mut updates = Vec::new();
    for (number, row) in (1..).zip(rows(source, &UPDATES, file).await?) {
        match update(&row) {
            Ok(mut update) => {
                update.tag = assigned.remove(&update.report.image);
                updates.push(update);
            }
            Err(why) => {
                let image = row.get("image").map_or("", String::as_str);
                report.refuse(&format!("update {number} {image}"), &why);
            }
        }
    }
    if report.refused == 0 {
        for (image, tag) in assigned {
            report.line(
                &format!("tag of {image}"),
                &format!("{tag}, left out: there is no update of this image"),
            );
        }
    }
    report.check(file)?;
    let names: Vec<_> = tags.into_values().collect();
    let images: Vec<_> = updates
        .iter()
        .map(|update| update.report.image.clone())
        .collect();
    let count = names.len();
    let imported = store.import_image_updates(names, updates).await;
    let imported = imported.map_err(not_imported)?;
    for (image, is_new) in images.iter().zip(&imported) {
        let done = if *is_new {
            "imported"
        } else {
            "left as it is: it was reported here"
        };
        report.line(&format!("update {image}"), done);
    }
    let new = imported.iter().filter(|is_new| **is_new).count();
    Ok(format!(
        "imported {new} of {} image updates, and {count} tags",
        imported.len()
    ))
}

fn tag(name: &str) -> Result<String, String> {
    let mut fields = Members::default();
    fields.text("name", name);
    fields.read::<NewTag>().map(|tag| tag.name)
}

/// Checks a row by the rules of a report. A column that is no field of a report becomes a member of `metadata`.
fn update(row: &Row) -> Result<ImportedUpdate, String> {
    let mut fields = Members::default();
    let mut metadata = Members::default();
    // DiunDashboard stores an empty text for what Diun didn't report.
    for (column, value) in row.iter().filter(|(_, value)| !value.is_empty()) {
        match column.as_str() {
            "received_at" | "acknowledged_at" => {}
            "metadata" => {
                if !metadata.extend(value) {
                    return Err("metadata must be a JSON object".to_owned());
                }
            }
            field if FIELDS.contains(&field) => fields.text(field, value),
            // What Diun's metadata calls `ctn_names`.
            "ctn_name" => metadata.text("ctn_names", value),
            other => metadata.text(other, value),
        }
    }
    if !metadata.is_empty() {
        fields.json("metadata", &metadata.object());
    }
    let report = fields.read::<ImageReport>();
    let times = times(row, ["received_at", "acknowledged_at"]);
    let (report, [reported_at, acknowledged_at]) = both(report, times)?;
    Ok(ImportedUpdate {
        report,
        tag: None,
        reported_at: reported_at.unwrap_or_else(Time::now),
        acknowledged_at,
    })
}
