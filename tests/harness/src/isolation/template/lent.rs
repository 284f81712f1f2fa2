//! The template of another process, which lends a slot.

use sqlx::Connection as _;
use url::Url;

use super::{ClonedDatabase, Template, clones::oid_of};
use crate::{failure::Failure, process::random_name, server::Server};

impl Template {
    /// The template of another process, which lends one slot of it. A database without our marker is refused.
    pub async fn lent(
        owner_url: &str,
        service_url: &str,
        secret: &str,
        first_transaction: i64,
    ) -> Result<Self, Failure> {
        let (owner, service) = (Url::parse(owner_url)?, Url::parse(service_url)?);
        let server = Server::lent(owner).await.map_err(Failure::new)?;
        let name = service.path().trim_start_matches('/').to_owned();
        let mut connection = server.connect().await?;
        let marked = "select to_regclass('bdd_harness.marker') is not null";
        let marked: bool = sqlx::query_scalar(marked)
            .fetch_one(&mut connection)
            .await?;
        let mut found: Option<String> = None;
        if marked {
            found = sqlx::query_scalar("select secret from bdd_harness.marker")
                .fetch_optional(&mut connection)
                .await?;
        }
        if found.as_deref() != Some(secret) {
            return Err(Failure::new(format!(
                "the database {name} is no slot that `bdd lend` has lent: it isn't ours to reset. Nothing in it was changed"
            )));
        }
        let oid = oid_of(&mut connection, &name).await?;
        connection.close().await?;
        Ok(Self {
            server,
            marker: secret.to_owned(),
            role: service.username().to_owned(),
            password: service.password().unwrap_or_default().to_owned(),
            works_as_owner: owner_url == service_url,
            lent: Some(ClonedDatabase {
                name: name.clone(),
                oid,
            }),
            name,
            oid: None,
            first_transaction,
            reset_function: String::new(),
            lease: None,
            roles: None,
            run: random_name(),
        })
    }

    /// The slot that another process lends.
    pub fn lent_database(&self) -> Option<&ClonedDatabase> {
        self.lent.as_ref()
    }
}
