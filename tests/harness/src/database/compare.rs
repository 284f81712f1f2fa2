//! Whether a cell's text and a found value are the same, asked of the column's own type.
//!
//! `PostgreSQL` alone knows when two texts are the same `numeric`, `interval`, enum or range, so it is asked: all
//! texts of a column are cast to the column's type and ranked, and what has the same rank is the same.

use std::collections::{BTreeSet, HashMap};

use crate::database::{
    Connection, Rows, explain, name::postgres_literal, sqlite, table::texts, value::Value,
};
use crate::failure::Failure;

/// The types whose equality is that of their text: text, varchar.
const PLAIN: [u32; 2] = [25, 1043];

/// The types that the server always writes in one way: bool, integers, oid, date, timestamps, uuid.
const CANONICAL: [u32; 9] = [16, 20, 21, 23, 26, 1082, 1114, 1184, 2950];

/// How the values of one column are compared.
pub enum Sameness {
    Plain,
    Local,
    Ranked(HashMap<String, Class>),
}

/// What the server made of a text.
pub enum Class {
    Rank(String),
    Invalid(String),
}

impl Sameness {
    /// Prepares to compare the expected texts of each column with what was found in it.
    pub async fn of(
        connection: &mut Connection,
        found: &Rows,
        expected: &[Vec<&str>],
    ) -> Result<Vec<Self>, Failure> {
        if !connection.is_postgres() {
            return Ok(expected.iter().map(|_| Self::Local).collect());
        }
        let mut guarded = None;
        let mut result = Vec::new();
        for (index, texts) in expected.iter().enumerate() {
            let found_texts: BTreeSet<&str> = found
                .rows
                .iter()
                .filter_map(|row| row[index].as_ref())
                .map(|value| value.text.as_str())
                .collect();
            let texts: BTreeSet<&str> = texts.iter().copied().collect();
            let type_id = found.columns[index].type_id.unwrap_or_default();
            let known = CANONICAL.contains(&type_id) && texts.is_subset(&found_texts);
            if known || PLAIN.contains(&type_id) || found_texts.is_empty() {
                result.push(Self::Plain);
                continue;
            }
            if guarded.is_none() {
                guarded = Some(guard(connection).await?);
            }
            let classes = classes(
                connection,
                guarded == Some(true),
                type_id,
                &found_texts,
                &texts,
            )
            .await;
            result.push(Self::Ranked(
                classes.map_err(|error| explain(&error, None))?,
            ));
        }
        if guarded == Some(true) {
            release(connection)
                .await
                .map_err(|error| explain(&error, None))?;
        }
        Ok(result)
    }

    /// Whether the text means this value.
    pub fn same(&self, expected: &str, found: &Value) -> bool {
        match self {
            Self::Plain => expected == found.text,
            Self::Local => sqlite::same(expected, found),
            Self::Ranked(classes) => match (classes.get(expected), classes.get(&found.text)) {
                (Some(Class::Rank(expected)), Some(Class::Rank(found))) => expected == found,
                _ => false,
            },
        }
    }

    /// Why a text can't be a value of the column at all.
    pub fn invalid(&self, expected: &str) -> Option<&str> {
        match self {
            Self::Ranked(classes) => match classes.get(expected) {
                Some(Class::Invalid(why)) => Some(why),
                _ => None,
            },
            Self::Plain | Self::Local => None,
        }
    }
}

/// A failed cast must not end a transaction that the scenario has open: inside one, a savepoint is set first.
pub async fn guard(connection: &mut Connection) -> Result<bool, Failure> {
    let open = async {
        let open = connection.in_transaction().await?;
        if open {
            connection.fetch("savepoint bdd_words").await?;
        }
        Ok(open)
    };
    open.await
        .map_err(|error: sqlx::Error| explain(&error, None))
}

async fn release(connection: &mut Connection) -> Result<(), sqlx::Error> {
    connection
        .fetch("rollback to savepoint bdd_words; release savepoint bdd_words")
        .await
        .map(|_| ())
}

/// One statement that may fail without harm.
pub async fn attempt(
    connection: &mut Connection,
    guarded: bool,
    sql: &str,
) -> Result<Rows, sqlx::Error> {
    let answer = connection.fetch(sql).await;
    if guarded && answer.is_err() {
        connection.fetch("rollback to savepoint bdd_words").await?;
    }
    answer
}

async fn classes(
    connection: &mut Connection,
    guarded: bool,
    type_id: u32,
    found: &BTreeSet<&str>,
    expected: &BTreeSet<&str>,
) -> Result<HashMap<String, Class>, sqlx::Error> {
    let type_name = type_name(connection, type_id).await?;
    let mut all: BTreeSet<&str> = found.union(expected).copied().collect();
    let mut classes = HashMap::new();
    if let Some(ranks) = ranks(connection, guarded, &type_name, &all).await? {
        return Ok(ranks);
    }
    for text in expected.difference(found) {
        let sql = format!("select {}", cast(&postgres_literal(text), &type_name));
        if let Err(error) = attempt(connection, guarded, &sql).await {
            all.remove(text);
            classes.insert((*text).to_owned(), Class::Invalid(said(&error)));
        }
    }
    match ranks(connection, guarded, &type_name, &all).await? {
        Some(ranks) => classes.extend(ranks),
        // The type has no order: what the server writes for it decides.
        None => {
            for text in all {
                let sql = format!("select {}::text", cast(&postgres_literal(text), &type_name));
                let written = attempt(connection, guarded, &sql).await.map(texts);
                let rank = written.ok().and_then(|mut written| written.pop());
                classes.insert(
                    text.to_owned(),
                    Class::Rank(rank.unwrap_or_else(|| text.to_owned())),
                );
            }
        }
    }
    Ok(classes)
}

/// The rank of each text among all, read as the type; none when the type has no order or a text isn't one of it.
async fn ranks(
    connection: &mut Connection,
    guarded: bool,
    type_name: &str,
    texts: &BTreeSet<&str>,
) -> Result<Option<HashMap<String, Class>>, sqlx::Error> {
    let values: Vec<String> = texts
        .iter()
        .map(|text| format!("({}::text)", postgres_literal(text)))
        .collect();
    if values.is_empty() {
        return Ok(Some(HashMap::new()));
    }
    let sql = format!(
        "select v, dense_rank() over (order by {})
           from (values {}) as expected_and_found (v)",
        cast("v", type_name),
        values.join(", ")
    );
    let rows = match attempt(connection, guarded, &sql).await {
        Ok(rows) => rows,
        Err(sqlx::Error::Database(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let ranked = rows
        .rows
        .into_iter()
        .filter_map(|row| match <[_; 2]>::try_from(row) {
            Ok([Some(text), Some(rank)]) => Some((text.text, Class::Rank(rank.text))),
            _ => None,
        });
    Ok(Some(ranked.collect()))
}

/// A cast of a text to a type, such that equal means equal: a zone in a text for a `timestamp` counts, where the
/// server alone would drop it.
fn cast(text: &str, type_name: &str) -> String {
    match type_name {
        "timestamp without time zone" => format!("({text})::timestamptz::timestamp"),
        _ => format!("({text})::{type_name}"),
    }
}

/// The type's name in a cast; json has no equality, jsonb has.
async fn type_name(connection: &mut Connection, type_id: u32) -> Result<String, sqlx::Error> {
    let sql = format!(
        "select case when typtype = 'p' or oid = 705 then 'text'
                     when oid = 114 then 'jsonb'
                     else pg_catalog.format_type(oid, -1)
                 end
           from pg_catalog.pg_type
          where oid = {type_id}"
    );
    Ok(texts(connection.fetch(&sql).await?)
        .pop()
        .unwrap_or_else(|| "text".to_owned()))
}

fn said(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
