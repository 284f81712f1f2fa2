//! `import pizza`: pizzas of gin-pizza-api.

use std::{collections::HashMap, path::Path};

use serde::de::IgnoredAny;

use super::members::Members;
use super::rows::{Report, both, failed, not_imported, rows, times};
use crate::cli::failure::Failure;
use crate::domain::{Id, Time};
use crate::store::{
    Store,
    import::{ForeignFile, ForeignTable, ImportedPizza, Row},
};

const PIZZAS: ForeignTable = ForeignTable {
    name: "pizzas",
    columns: &["id", "name", "ingredients", "price", "created_by"],
};
const USERS: ForeignTable = ForeignTable {
    name: "users",
    columns: &["id", "email"],
};
pub(super) const TABLES: [ForeignTable; 2] = [PIZZAS, USERS];

/// Imports all pizzas, and returns a summary. The report has a line for each.
pub(super) async fn import(
    store: &Store,
    source: &mut ForeignFile,
    file: &Path,
    owner: Option<&str>,
    report: &mut Report,
) -> Result<String, Failure> {
    let owner = match owner {
        None => None,
        Some(name) => {
            let user = store.user_by_username(name).await?;
            let missing = || failed(file, format!("there is no user {name} to get the pizzas"));
            Some(user.ok_or_else(missing)?.id)
        }
    };
    let mut emails = HashMap::new();
    let mut creators = HashMap::new();
    for row in rows(source, &USERS, file).await? {
        let (id, email) = (row.get("id"), row.get("email"));
        let (id, email) = (id.cloned().unwrap_or_default(), email.cloned());
        let email = email.unwrap_or_default().to_lowercase();
        if let Some(user) = store.user_by_email(&email).await? {
            creators.insert(id.clone(), user.id);
        }
        emails.insert(id, email);
    }
    let mut pizzas: Vec<(String, ImportedPizza)> = Vec::new();
    let mut names = HashMap::new();
    for row in rows(source, &PIZZAS, file).await? {
        let value = |column: &str| row.get(column).map_or("", String::as_str);
        let label = format!("pizza {} {}", value("id"), value("name"));
        let creator = creators.get(value("created_by")).copied().or(owner);
        let read = match creator {
            Some(creator) => pizza(&row, creator),
            None => Err(no_creator(emails.get(value("created_by")))),
        };
        match read {
            Ok(pizza) if pizza.deleted_at.is_some() => pizzas.push((label, pizza)),
            Ok(pizza) => {
                let name = pizza.pizza.name.clone();
                if let Some(other) = names.insert(name.clone(), label.clone()) {
                    report.refuse(&label, &format!("{other} has the same name"));
                } else if store.has_pizza(&name).await? {
                    report.refuse(&label, "a pizza here has the same name");
                }
                pizzas.push((label, pizza));
            }
            Err(why) => report.refuse(&label, &why),
        }
    }
    report.check(file)?;
    for (label, pizza) in &pizzas {
        let done = match pizza.deleted_at {
            Some(_) => "imported, deleted",
            None => "imported",
        };
        report.line(label, done);
    }
    let count = pizzas.len();
    let pizzas = pizzas.into_iter().map(|(_, pizza)| pizza).collect();
    store.import_pizzas(pizzas).await.map_err(|error| {
        report.lines.clear();
        not_imported(error)
    })?;
    Ok(format!("imported {count} pizzas"))
}

fn no_creator(email: Option<&String>) -> String {
    let who = match email {
        Some(email) => format!("its creator {email} has no account here"),
        None => "the file doesn't say who its creator is".to_owned(),
    };
    format!("{who}; create the user, or name another one with --created-by")
}

/// Checks a row by the rules of a pizza's body.
fn pizza(row: &Row, created_by: Id) -> Result<ImportedPizza, String> {
    let mut fields = Members::default();
    for field in ["name", "description", "price"] {
        if let Some(value) = row.get(field).filter(|value| !value.is_empty()) {
            fields.text(field, value);
        }
    }
    if let Some(ingredients) = row.get("ingredients") {
        if serde_json::from_str::<IgnoredAny>(ingredients).is_err() {
            return Err("ingredients must be a JSON array".to_owned());
        }
        fields.json("ingredients", ingredients);
    }
    let times = times(row, ["created_at", "updated_at", "deleted_at"]);
    let (pizza, [created_at, updated_at, deleted_at]) = both(fields.read(), times)?;
    let created_at = created_at.unwrap_or_else(Time::now);
    Ok(ImportedPizza {
        pizza,
        created_by,
        created_at,
        updated_at: updated_at.unwrap_or(created_at),
        deleted_at,
    })
}
