//! Spans of a request's statements, and of its waiting for a connection.

use sqlx::error::DatabaseError;
use tracing::{Span, debug_span, field::Empty};

use super::{request::current, target::TARGET};

/// The name of a database in spans.
pub struct DatabaseName {
    /// The engine.
    pub system: &'static str,
    /// The database on that server, or the file.
    pub namespace: String,
    pub address: Option<String>,
    pub port: Option<u16>,
}

/// The span of one statement, until it is dropped. It has the statement's text, without values: they are bound.
#[derive(Clone)]
pub struct StatementSpan(Span);

impl StatementSpan {
    /// Begins the span. Outside requests it is disabled.
    pub fn begin(database: &DatabaseName) -> Self {
        let parent = current();
        if parent.is_disabled() {
            return Self(Span::none());
        }
        Self(debug_span!(
            target: TARGET,
            parent: &parent,
            "statement",
            otel.name = Empty,
            otel.kind = "client",
            otel.status_code = Empty,
            "error.type" = Empty,
            db.system.name = database.system,
            db.namespace = database.namespace,
            server.address = database.address,
            server.port = database.port,
            db.operation.name = Empty,
            db.collection.name = Empty,
            db.query.summary = Empty,
            db.query.text = Empty,
            db.response.status_code = Empty,
        ))
    }

    pub fn is_disabled(&self) -> bool {
        self.0.is_disabled()
    }

    /// Names the span by what the statement does, and to which table.
    pub fn text(&self, sql: &str) {
        if self.is_disabled() {
            return;
        }
        let words: Vec<_> = sql.split_whitespace().take(400).collect();
        let operation = words.first().map_or_else(String::new, |word| {
            word.trim_end_matches(';').to_ascii_uppercase()
        });
        let table = table(&operation, &words);
        let summary = match table {
            Some(table) => format!("{operation} {table}"),
            None => operation.clone(),
        };
        self.0.record("otel.name", summary.as_str());
        self.0.record("db.query.summary", summary.as_str());
        self.0.record("db.operation.name", operation);
        if let Some(table) = table {
            self.0.record("db.collection.name", table);
        }
        self.0.record("db.query.text", words.join(" "));
    }

    pub fn failed(&self, error: &sqlx::Error) {
        self.0.record("otel.status_code", "ERROR");
        let code = error.as_database_error().and_then(DatabaseError::code);
        if let Some(code) = &code {
            self.0.record("db.response.status_code", code.as_ref());
        }
        let kind = code.as_deref().unwrap_or("unavailable");
        self.0.record("error.type", kind);
    }
}

/// The name of the table: the word after `from`, `into` or `update`.
fn table<'w>(operation: &str, words: &[&'w str]) -> Option<&'w str> {
    let before = match operation {
        "SELECT" | "DELETE" => "from",
        "INSERT" => "into",
        "UPDATE" => "update",
        _ => return None,
    };
    let place = words
        .iter()
        .position(|word| word.eq_ignore_ascii_case(before))?;
    let name = words.get(place + 1)?;
    let name = name.trim_end_matches([',', ';', ')']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// The span of waiting for a connection of the pool, until it is dropped.
pub fn waiting_for_connection() -> Span {
    let parent = current();
    if parent.is_disabled() {
        return parent;
    }
    debug_span!(
        target: TARGET,
        parent: &parent,
        "wait for a database connection",
        otel.status_code = Empty,
        "error.type" = Empty,
    )
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_statement_names_its_table() {
        for (sql, expected) in [
            ("select a, b from pizzas where id = $1", Some("pizzas")),
            ("insert into products (id) values ($1)", Some("products")),
            ("update users set name = $1", Some("users")),
            ("delete from tags where id = $1", Some("tags")),
            ("select 1", None),
            ("select id from (select 1) as t", None),
        ] {
            let words: Vec<_> = sql.split_whitespace().collect();
            assert_eq!(table(&words[0].to_uppercase(), &words), expected, "{sql}");
        }
    }
}
