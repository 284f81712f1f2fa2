//! The shape of a table: its columns, foreign keys and checks.

mod checks;
mod sqlite;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;
use serde::Deserialize;

use crate::database::{
    Connection, Rows,
    name::{TableName, identifiers, postgres_literal},
    table::{texts, unknown},
    value::Value,
};
use crate::failure::Failure;
pub use checks::{Limits, limits};

/// The maximum number of reference rows that are considered as parents.
const REFERENCE_ROWS: usize = 100;

/// A table as the catalogs describe it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Shape {
    pub columns: Vec<Column>,
    pub references: Vec<Reference>,
    pub checks: Vec<Check>,
    /// The scenario hasn't changed the schema, so the template's table has the same shape.
    #[serde(default)]
    as_in_template: bool,
}

/// One column. Its type is the base type of a domain.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Column {
    pub name: String,
    /// With length or precision: `character varying(20)`.
    pub type_name: String,
    /// `pg_type.typcategory`: E is an enum, A an array, C a row type.
    #[serde(default)]
    pub category: String,
    pub required: bool,
    pub default: Option<String>,
    pub filled: Filled,
    /// Part of a unique index or an exclusion constraint.
    pub is_unique: bool,
    /// The labels of an enum type.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The number of fields of a row type.
    #[serde(default)]
    pub parts: usize,
}

/// What fills a column if the row doesn't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    #[default]
    ByTheRow,
    Generated,
    IdentityAlways,
    IdentityByDefault,
    /// The rowid in `SQLite`.
    RowNumber,
}

/// A foreign key.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    pub columns: Vec<String>,
    pub table: String,
    pub key: Vec<String>,
    /// The reset's copy of the parent's reference rows; `None` if the parent has none.
    copy: Option<String>,
    /// The keys of the parent's reference rows.
    #[serde(skip)]
    pub rows: Vec<Vec<String>>,
}

/// A condition on a row: a CHECK, a domain's, or the bounds of partitions.
#[derive(Clone, Debug, Deserialize)]
pub struct Check {
    pub name: String,
    pub columns: Vec<String>,
    pub expression: String,
}

/// Shapes of the template's tables, shared by all slots of a run.
#[derive(Debug, Default)]
pub struct Shapes {
    known: Mutex<HashMap<String, Arc<Shape>>>,
    /// The template file of `SQLite`.
    template: Option<PathBuf>,
    /// A function of the schema may change session state that `discard all` doesn't undo.
    pub outlasts_discard: OnceLock<bool>,
    /// Results of queries on that file, by query.
    reference_rows: Mutex<HashMap<String, Vec<Vec<String>>>>,
}

impl Shapes {
    pub fn of(template: Option<PathBuf>) -> Self {
        Self {
            template,
            ..Self::default()
        }
    }

    pub fn known(&self, table: &str) -> Option<Arc<Shape>> {
        self.known.lock().get(table).cloned()
    }

    fn keep(&self, table: &str, shape: &Arc<Shape>) {
        if shape.as_in_template {
            self.known
                .lock()
                .insert(table.to_owned(), Arc::clone(shape));
        }
    }
}

impl Shape {
    /// Reads the catalogs; `name` is quoted.
    pub async fn read(connection: &mut Connection, name: &str) -> Result<Arc<Self>, Failure> {
        let table = TableName::parse(name)?;
        let shape = if connection.is_postgres() {
            postgres(connection, name).await?
        } else {
            sqlite::shape(connection, &table).await?
        };
        if shape.columns.is_empty() {
            return Err(unknown(connection, &table).await);
        }
        let shape = Arc::new(shape);
        connection.shapes.keep(name, &shape);
        Ok(shape)
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

async fn postgres(connection: &mut Connection, name: &str) -> Result<Shape, Failure> {
    let sql = include_str!("shape.sql").replace("{relation}", &postgres_literal(name));
    let answer = texts(connection.fetch(&sql).await?)
        .pop()
        .unwrap_or_default();
    let mut shape: Shape = serde_json::from_str(&answer)
        .map_err(|error| Failure::new(format!("the shape of {name} can't be read: {error}")))?;
    for reference in &mut shape.references {
        if let Some(copy) = &reference.copy {
            let keys = identifiers(&reference.key);
            let sql = format!("select {keys} from {copy} order by {keys} limit {REFERENCE_ROWS}");
            reference.rows = keys_of(connection.fetch(&sql).await?);
        }
    }
    Ok(shape)
}

/// The rows without NULLs, as texts.
fn keys_of(rows: Rows) -> Vec<Vec<String>> {
    let texts = |row: Vec<Option<Value>>| {
        let texts = row.into_iter().map(|value| Some(value?.text));
        texts.collect::<Option<Vec<String>>>()
    };
    rows.rows.into_iter().filter_map(texts).collect()
}
