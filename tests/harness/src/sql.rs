//! SQL text, and the harness's connections.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};
use url::{Host, Url};

use crate::failure::Failure;

/// The application name of the harness's connections.
pub const HARNESS: &str = "bdd_harness";
/// The application name of a scenario's own connection. The reset recognises it by this name.
pub const SCENARIO: &str = "bdd_scenario";

/// Settings that our SQL and the reading of results rely on. A server, a database or a role may have other defaults.
/// sqlx sets the time zone and the formats of dates and numbers. The search path stays the database's own, because it
/// decides which table a name means.
const PINNED: [(&str, &str); 12] = [
    // With an older snapshot, a reset wouldn't see what was committed while it waited.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("standard_conforming_strings", "on"),
    ("backslash_quote", "safe_encoding"),
    ("bytea_output", "hex"),
    ("intervalstyle", "postgres"),
    ("row_security", "on"),
    ("transform_null_equals", "off"),
    ("lock_timeout", "0"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("idle_session_timeout", "0"),
];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs one or more statements unchanged.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    Ok(())
}

/// A name, quoted for SQL.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An array of object ids as an SQL literal.
pub fn oid_array(oids: impl IntoIterator<Item = i64>) -> String {
    let oids: Vec<_> = oids.into_iter().map(|oid| oid.to_string()).collect();
    format!("'{{{}}}'::oid[]", oids.join(","))
}

/// The text of an `.sql` file with its `{placeholders}` filled. Values aren't searched for placeholders, because a
/// table's name may look like one.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let value = values.iter().find_map(|(name, value)| {
            let after = rest[1..].strip_prefix(name)?.strip_prefix('}')?;
            Some((*value, after))
        });
        if let Some((value, after)) = value {
            filled.push_str(value);
            rest = after;
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled + rest
}

/// The options of the harness's connections. Statements aren't logged.
pub fn connect_options(url: &Url) -> sqlx::Result<PgConnectOptions> {
    let options = PgConnectOptions::from_url(url)?
        .application_name(HARNESS)
        .options(PINNED)
        .disable_statement_logging();
    let has_other_host = url
        .query_pairs()
        .any(|(key, _)| key == "host" || key == "hostaddr");
    Ok(match url.host() {
        // sqlx would look up the bracketed address as a host name.
        Some(Host::Ipv6(address)) if !has_other_host => options.host(&address.to_string()),
        _ => options,
    })
}

/// Removes the parameters of a URL that `keeps` doesn't want.
pub fn retain_parameters(url: &mut Url, keeps: impl Fn(&str, &str) -> bool) {
    let parameters = url.query_pairs().into_owned();
    let kept: Vec<_> = parameters
        .filter(|(key, value)| keeps(key, value))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
}

/// A connection of the harness. The attempt is given up after 10 s.
pub async fn connect(url: &Url) -> sqlx::Result<PgConnection> {
    connect_as(url, HARNESS).await
}

/// A connection with another application name.
pub async fn connect_as(url: &Url, name: &str) -> sqlx::Result<PgConnection> {
    let options = connect_options(url)?.application_name(name);
    let connection = PgConnection::connect_with(&options);
    tokio::time::timeout(CONNECT_TIMEOUT, connection)
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)?
}
