//! A server that the user names. Only databases that the harness created on it are touched.

use sqlx::Row as _;
use url::Url;

use crate::{
    failure::database_error,
    server::{Origin, Server, masked},
    sql,
};

/// The server at `url`, if its user may create databases and roles.
pub async fn server(url: &str) -> Result<Server, String> {
    let shown = masked(url);
    let server = Server::at(written_out(url)?, Origin::External)
        .await
        .map_err(|error| {
            let what = match &error {
                sqlx::Error::Database(_) => "refuses the connection",
                _ => "doesn't answer",
            };
            format!("external: {shown} {what}: {}", database_error(&error))
        })?;
    if server.version < 15 {
        return Err(format!(
            "external: {shown} is PostgreSQL {}; version 15 is the oldest that works",
            server.version
        ));
    }
    may_make_databases_and_roles(&server)
        .await
        .map_err(|missing| format!("external: {shown}: {missing}"))?;
    Ok(server)
}

/// The URL with everything that PostgreSQL's clients would take from their environment. User, password and database are
/// in their usual places, where they can be replaced.
fn written_out(text: &str) -> Result<Url, String> {
    let unreadable =
        |error: &dyn std::fmt::Display| format!("external: the URL can't be read: {error}");
    let given = Url::parse(text)
        // A URL with a user but no host is allowed for PostgreSQL's own clients.
        .or_else(|_| Url::parse(&text.replacen("@/", "@localhost/", 1)))
        .map_err(|error| unreadable(&error))?;
    let options = sql::connect_options(&given).map_err(|error| unreadable(&error))?;
    let mut url = given.clone();
    let (mut user, mut password) = (None, None);
    let mut query: Vec<(String, String)> = Vec::new();
    for (key, value) in given.query_pairs() {
        match &*key {
            "user" => user = Some(value.into_owned()),
            "password" => password = Some(value.into_owned()),
            "dbname" => {}
            _ => query.push((key.into_owned(), value.into_owned())),
        }
    }
    if url.host_str().is_none_or(str::is_empty) {
        let _ = url.set_host(Some("localhost"));
        // sqlx has found a socket's folder, or uses its default.
        if !query.iter().any(|(key, _)| key.starts_with("host")) {
            query.push(("host".to_owned(), options.get_host().to_owned()));
        }
    }
    if user.is_none() && url.username().is_empty() {
        user = Some(own_name().map_err(|error| unreadable(&error))?);
    }
    // These can't fail, because the URL has a host.
    if let Some(user) = user {
        let _ = url.set_username(&user);
    }
    if let Some(password) = password {
        let _ = url.set_password(Some(&password));
    }
    let database = options.get_database().unwrap_or("postgres");
    url.set_path(database);
    url.set_query(None);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// The name of our own user: the default user of a client.
fn own_name() -> std::io::Result<String> {
    let output = std::process::Command::new("id").arg("-un").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

async fn may_make_databases_and_roles(server: &Server) -> Result<(), String> {
    let failed = |error| database_error(&error);
    let mut connection = server.connect().await.map_err(failed)?;
    let row = sqlx::query(
        "select rolname, rolsuper or rolcreatedb as databases, rolsuper or rolcreaterole as roles
           from pg_roles
          where rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(failed)?;
    let missing: Vec<_> = [("databases", "createdb"), ("roles", "createrole")]
        .into_iter()
        .filter(|(column, _)| !row.get::<bool, _>(*column))
        .map(|(_, right)| right)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let role: String = row.get("rolname");
    Err(format!(
        "the role {role} lacks {}; as a superuser: alter role \"{role}\" {}",
        missing.join(" and "),
        missing.join(" ")
    ))
}
