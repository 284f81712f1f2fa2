//! Compares the text of a cell with a found value, by the rules of the column's type.
//!
//! Most cells are equal as text, or by rules that this file knows: `1.50` is `1.5`. Otherwise `PostgreSQL` is asked,
//! because only the server knows when two texts are the same interval or range. It casts all texts of a column to the
//! column's type and ranks them. Texts with the same rank are equal.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use crate::database::{
    Connection, Rows, Sent,
    name::postgres_literal,
    sqlite,
    table::texts,
    value::{Column, Kind, Value, instant},
};
use crate::{
    failure::{Failure, database_error},
    json::{Json, number},
};

/// The object ids of built-in types, which never change.
const BIGINT: u32 = 20;
const SMALLINT: u32 = 21;
const INTEGER: u32 = 23;
const TEXT: u32 = 25;
const OID: u32 = 26;
const JSON: u32 = 114;
const DOUBLE: u32 = 701;
const VARCHAR: u32 = 1043;
const TIMESTAMPTZ: u32 = 1184;
const NUMERIC: u32 = 1700;
const UUID: u32 = 2950;
const JSONB: u32 = 3802;

/// How the values of one column are compared.
pub enum Sameness {
    /// By the rules in this file.
    Known,
    /// By rank, in the server's sort order.
    Ranked(HashMap<String, Class>),
}

/// How the server reads a text.
pub enum Class {
    Rank(String),
    Invalid(String),
}

impl Sameness {
    /// Whether an expected text means the found value.
    pub fn same(&self, expected: &str, column: &Column, found: &Value) -> bool {
        match self {
            Self::Known if found.kind == Kind::Json => {
                let (expected, found) = (Json::parse(expected), Json::parse(&found.text));
                matches!((expected, found), (Ok(expected), Ok(found)) if expected == found)
            }
            Self::Known => expected == found.text || known_same(expected, column, found),
            Self::Ranked(classes) => match (classes.get(expected), classes.get(&found.text)) {
                (Some(Class::Rank(expected)), Some(Class::Rank(found))) => expected == found,
                _ => false,
            },
        }
    }

    /// Why the expected text can't be a value of the column, or what is wrong with the found value.
    pub fn flaw(&self, expected: &str, found: Option<&Value>) -> Option<String> {
        match (self, found) {
            (Self::Ranked(classes), _) => match classes.get(expected) {
                Some(Class::Invalid(why)) => Some(why.clone()),
                _ => None,
            },
            (Self::Known, Some(value)) if value.kind == Kind::Json => {
                let flaw = |text: &str| Json::parse(text).err().map(|flaw| flaw.to_string());
                flaw(expected)
                    .or_else(|| Some(format!("in the found value {}", flaw(&value.text)?)))
            }
            _ => None,
        }
    }
}

/// Whether two texts certainly mean the same value. `false` may also mean that only the server knows.
fn known_same(expected: &str, column: &Column, found: &Value) -> bool {
    let Some(type_id) = column.type_id else {
        return sqlite::same(expected, found);
    };
    match type_id {
        NUMERIC => number::order(expected, &found.text) == Some(Ordering::Equal),
        BIGINT | SMALLINT | INTEGER | OID => {
            let whole = |text: &str| text.trim().parse::<i64>().ok();
            whole(expected).is_some_and(|expected| whole(&found.text) == Some(expected))
        }
        DOUBLE => expected
            .trim()
            .parse::<f64>()
            .is_ok_and(|expected| found.text.parse() == Ok(expected)),
        TIMESTAMPTZ => {
            let moment = instant(expected);
            moment.is_some() && moment == instant(&found.text)
        }
        UUID => expected.eq_ignore_ascii_case(&found.text),
        _ => {
            found.kind == Kind::Boolean
                && sqlite::boolean(expected).is_some_and(|value| value.to_string() == found.text)
        }
    }
}

/// Asks the server about every column whose type this file doesn't fully know.
pub async fn ask(
    connection: &mut Connection,
    found: &Rows,
    expected: &[Vec<&str>],
) -> Result<Vec<Sameness>, Failure> {
    // A failed cast must not end a transaction that the scenario has open.
    let guarded = connection.in_transaction().await?;
    if guarded {
        connection.fetch("savepoint bdd_words").await?;
    }
    let mut result = Vec::new();
    for (index, texts) in expected.iter().enumerate() {
        let type_id = found.columns[index].type_id.unwrap_or_default();
        let found = found.rows.iter().filter_map(|row| row[index].as_ref());
        let found: BTreeSet<&str> = found.map(|value| value.text.as_str()).collect();
        let texts: BTreeSet<&str> = texts.iter().copied().collect();
        let is_known = [TEXT, VARCHAR, JSON, JSONB].contains(&type_id);
        result.push(if is_known || found.is_empty() || texts.is_empty() {
            Sameness::Known
        } else {
            Sameness::Ranked(classes(connection, guarded, type_id, &found, &texts).await?)
        });
    }
    if guarded {
        let end = "rollback to savepoint bdd_words; release savepoint bdd_words";
        connection.fetch(end).await?;
    }
    Ok(result)
}

/// Runs a statement that may fail, without ending an open transaction.
async fn attempt(
    connection: &mut Connection,
    guarded: bool,
    sql: &str,
) -> Result<Rows, sqlx::Error> {
    let Sent { mut answers, error } = connection.send(sql).await;
    let Some(error) = error else {
        return Ok(answers.pop().unwrap_or_default());
    };
    if guarded {
        connection.send("rollback to savepoint bdd_words").await;
    }
    Err(error)
}

async fn classes(
    connection: &mut Connection,
    guarded: bool,
    type_id: u32,
    found: &BTreeSet<&str>,
    expected: &BTreeSet<&str>,
) -> Result<HashMap<String, Class>, Failure> {
    let type_name = type_name(connection, type_id).await?;
    let mut all: BTreeSet<&str> = found.union(expected).copied().collect();
    if let Some(ranks) = ranks(connection, guarded, &type_name, &all).await? {
        return Ok(ranks);
    }
    let mut classes = HashMap::new();
    for text in expected.difference(found) {
        let sql = format!("select {}", cast(&postgres_literal(text), &type_name));
        if let Err(error) = attempt(connection, guarded, &sql).await {
            all.remove(text);
            classes.insert((*text).to_owned(), Class::Invalid(database_error(&error)));
        }
    }
    if let Some(ranks) = ranks(connection, guarded, &type_name, &all).await? {
        classes.extend(ranks);
        return Ok(classes);
    }
    // The type has no order: compare the texts that the server writes for the values.
    for text in all {
        let sql = format!("select {}::text", cast(&postgres_literal(text), &type_name));
        let written = attempt(connection, guarded, &sql).await.map(texts);
        let rank = written.ok().and_then(|mut written| written.pop());
        let rank = Class::Rank(rank.unwrap_or_else(|| text.to_owned()));
        classes.insert(text.to_owned(), rank);
    }
    Ok(classes)
}

/// The rank of each text after a cast to the type; `None` if the type has no order or a text can't be cast.
async fn ranks(
    connection: &mut Connection,
    guarded: bool,
    type_name: &str,
    texts: &BTreeSet<&str>,
) -> Result<Option<HashMap<String, Class>>, Failure> {
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
        Err(error) => return Err(error.into()),
    };
    let ranked = rows.rows.into_iter().filter_map(|row| {
        let [Some(text), Some(rank)] = <[_; 2]>::try_from(row).ok()? else {
            return None;
        };
        Some((text.text, Class::Rank(rank.text)))
    });
    Ok(Some(ranked.collect()))
}

/// A cast of a text to a type that keeps different values different. The server would ignore a time zone in a text for
/// a `timestamp`; here it counts.
fn cast(text: &str, type_name: &str) -> String {
    match type_name {
        "timestamp without time zone" => format!("({text})::timestamptz::timestamp"),
        _ => format!("({text})::{type_name}"),
    }
}

async fn type_name(connection: &mut Connection, type_id: u32) -> Result<String, Failure> {
    let sql = format!(
        "select case when typtype = 'p' or oid = 705 then 'text' else pg_catalog.format_type(oid, -1) end
           from pg_catalog.pg_type
          where oid = {type_id}"
    );
    let name = texts(connection.fetch(&sql).await?).pop();
    Ok(name.unwrap_or_else(|| "text".to_owned()))
}
