//! A server that the user names. Only databases that the harness created there are touched.

use sqlx::Row as _;
use url::Url;

use crate::server::{Origin, Server, masked};

/// The server at `url`, when its user may make databases and roles there.
pub async fn server(url: &str) -> Result<Server, String> {
    let parsed =
        Url::parse(url).map_err(|error| format!("external: the URL can't be read: {error}"))?;
    let shown = masked(url);
    let server = Server::at(parsed, Origin::External)
        .await
        .map_err(|error| format!("external: {shown} doesn't answer: {error}"))?;
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

async fn may_make_databases_and_roles(server: &Server) -> Result<(), String> {
    let mut connection = server.connect().await.map_err(|error| error.to_string())?;
    let row = sqlx::query(
        "select rolname, rolsuper or rolcreatedb as databases, rolsuper or rolcreaterole as roles
           from pg_roles
          where rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| error.to_string())?;
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
