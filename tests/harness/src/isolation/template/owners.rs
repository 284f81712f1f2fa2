//! Roles that a schema refers to and doesn't create: a dump contains the owners and grants of its server.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use sqlx::PgConnection;

use crate::{
    failure::Failure,
    isolation::template::script::{Dialect, statements},
};

const NAME: &str = r#"("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)"#;

/// The roles that are named, but neither created by the texts nor present on the server.
pub async fn missing(
    connection: &mut PgConnection,
    texts: &[&str],
) -> Result<Vec<String>, Failure> {
    let (mut named, mut made) = (BTreeSet::new(), BTreeSet::new());
    for text in texts {
        // A later check refuses what can't be parsed, and names the place.
        for statement in statements(text, Dialect::Postgres).unwrap_or_default() {
            named.extend(roles_in(statement.sql));
        }
        // Also in a `do` block, which may create a role if it is missing.
        made.extend(MADE.captures_iter(text).map(|found| unquoted(&found[1])));
    }
    let wanted: Vec<String> = named.difference(&made).cloned().collect();
    let missing = sqlx::query_scalar(
        "select wanted
           from unnest($1) as wanted
          where not exists (select from pg_roles where rolname = wanted)
          order by wanted",
    )
    .bind(wanted)
    .fetch_all(connection)
    .await?;
    Ok(missing)
}

static MADE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\bcreate\s+(?:role|user|group)\s+{NAME}")));

/// The roles that a statement makes owners, or that it grants rights to or revokes them from.
fn roles_in(sql: &str) -> Vec<String> {
    static OWNER: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\bowner\s+to\s+{NAME}")));
    static FOR: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"\bfor\s+(?:role|user)\s+{NAME}")));
    static AUTHORIZATION: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"^create\s+schema\s.*\bauthorization\s+{NAME}")));
    static GRANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"\b(?:to|from)\s+(?:group\s+)?({NAME}(?:\s*,\s*{NAME})*)\s*(?:with\s+grant\s+option|granted\s+by\s.*|cascade|restrict)?\s*$"
        ))
    });
    let first = sql
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let found: Vec<String> = match first.as_str() {
        "alter" => {
            let rights = sql.to_lowercase().contains("default privileges");
            let granted = rights.then(|| GRANTED.captures(sql)).flatten();
            let listed = granted.map(|found| listed(&found[1])).unwrap_or_default();
            [&*OWNER, &*FOR]
                .into_iter()
                .flat_map(|pattern| pattern.captures_iter(sql))
                .map(|found| unquoted(&found[1]))
                .chain(listed)
                .collect()
        }
        "create" => AUTHORIZATION
            .captures_iter(sql)
            .map(|found| unquoted(&found[1]))
            .collect(),
        "grant" | "revoke" => GRANTED
            .captures(sql)
            .map(|found| listed(&found[1]))
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let known = ["public", "current_user", "current_role", "session_user"];
    found
        .into_iter()
        .filter(|role| !known.contains(&role.as_str()))
        .collect()
}

fn listed(names: &str) -> Vec<String> {
    static ONE: LazyLock<Regex> = LazyLock::new(|| pattern(NAME));
    ONE.captures_iter(names)
        .map(|found| unquoted(&found[1]))
        .collect()
}

fn unquoted(name: &str) -> String {
    match name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
    {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => name.to_lowercase(),
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?is){text}")).expect("a valid pattern")
}
