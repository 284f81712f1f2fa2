//! A server that the user names. Only databases that the harness created there are touched.

use sqlx::Row as _;
use url::Url;

use crate::{
    failure::database_error,
    server::{Origin, Server, masked},
    sql,
};

/// The server at `url`, when its user may make databases and roles there.
pub async fn server(url: &str) -> Result<Server, String> {
    let shown = masked(url);
    let server = Server::at(written_out(url)?, Origin::External)
        .await
        .map_err(|error| {
            format!(
                "external: {shown} doesn't answer: {}",
                database_error(&error)
            )
        })?;
    if server.version < 15 {
        return Err(format!(
            "external: {shown} is PostgreSQL {}; 15 is the oldest that is served",
            server.version
        ));
    }
    may_make_databases_and_roles(&server)
        .await
        .map_err(|missing| format!("external: {shown}: {missing}"))?;
    Ok(server)
}

/// The URL with all that clients of PostgreSQL would take from their surroundings, and with user, password and database
/// where others can be put in their place.
fn written_out(text: &str) -> Result<Url, String> {
    let unread =
        |error: &dyn std::fmt::Display| format!("external: the URL can't be read: {error}");
    let given = Url::parse(text)
        // A user without a host is a URL for PostgreSQL's own clients.
        .or_else(|_| Url::parse(&text.replacen("@/", "@localhost/", 1)))
        .map_err(|error| unread(&error))?;
    let options = sql::connect_options(&given).map_err(|error| unread(&error))?;
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
        // sqlx has found the folder of a socket, or knows no better either.
        if !query.iter().any(|(key, _)| key.starts_with("host")) {
            query.push(("host".to_owned(), options.get_host().to_owned()));
        }
    }
    if user.is_none() && url.username().is_empty() {
        user = Some(own_name().map_err(|error| unread(&error))?);
    }
    // None of these fails: the URL has a host.
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

/// The name of the user who runs us, which is a client's where none is given.
fn own_name() -> std::io::Result<String> {
    let said = std::process::Command::new("id").arg("-un").output()?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

async fn may_make_databases_and_roles(server: &Server) -> Result<(), String> {
    let told = |error| database_error(&error);
    let mut connection = server.connect().await.map_err(told)?;
    let row = sqlx::query(
        "select rolname, rolsuper or rolcreatedb as databases, rolsuper or rolcreaterole as roles
           from pg_roles
          where rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(told)?;
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
