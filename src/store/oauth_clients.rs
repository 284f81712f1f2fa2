//! OAuth clients: programs that use the API.

use sqlx::FromRow;

use super::query::{Filter, Window};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Scopes, Time};

/// A row of `oauth_clients`.
#[derive(Debug, Clone, FromRow)]
pub struct OauthClient {
    /// The id of the row. Rows that the client creates refer to it.
    pub id: Id,
    pub client_id: String,
    /// SHA-256 of a generated secret, argon2id in PHC form of a chosen one.
    pub client_secret_hash: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub scopes: Scopes,
    pub created_at: Time,
    /// The hash of the previous secret, which is valid until the time below.
    pub previous_secret_hash: Option<String>,
    pub previous_secret_expires_at: Option<Time>,
}

macro_rules! columns {
    () => {
        "id, client_id, client_secret_hash, name, scopes, created_at, previous_secret_hash,
         previous_secret_expires_at"
    };
}

impl OauthClient {
    /// A client that is not stored yet. Its id is its `client_id`, unless somebody chose another one.
    pub fn new(
        client_id: Option<String>,
        client_secret_hash: String,
        name: String,
        scopes: Scopes,
    ) -> Self {
        let id = Id::generate();
        Self {
            id,
            client_id: client_id.unwrap_or_else(|| id.to_string()),
            client_secret_hash,
            name,
            scopes,
            created_at: Time::now(),
            previous_secret_hash: None,
            previous_secret_expires_at: None,
        }
    }

    /// The hashes of the secrets that are valid now.
    pub fn secret_hashes(&self) -> impl Iterator<Item = &str> {
        let overlaps = self
            .previous_secret_expires_at
            .is_some_and(|expiry| expiry > Time::now());
        let previous = self.previous_secret_hash.as_deref().filter(|_| overlaps);
        [self.client_secret_hash.as_str()]
            .into_iter()
            .chain(previous)
    }
}

/// Inserts a client, unless its `client_id` is taken. The value is whether it was inserted.
macro_rules! insert_client {
    ($db:ident, $client:expr) => {
        sqlx::query(
            "insert into oauth_clients (id, client_id, client_secret_hash, name, scopes, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (client_id) do nothing",
        )
        .bind($client.id)
        .bind(&$client.client_id)
        .bind(&$client.client_secret_hash)
        .bind(&$client.name)
        .bind($client.scopes.to_string())
        .bind($client.created_at)
        .execute(&mut *$db)
        .await?
        .rows_affected()
            == 1
    };
}
pub(super) use insert_client;

impl Store {
    /// A page of the clients, and their total.
    pub async fn oauth_clients(&self, window: Window) -> Paged<OauthClient> {
        self.list(columns!(), "oauth_clients", &Filter::all(), "name", window)
            .await
    }

    /// The client whose row has this id.
    pub async fn oauth_client(&self, id: Id) -> Result<Option<OauthClient>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(concat!(
            "select ", columns!(), " from oauth_clients where id = $1"
        ))
        .bind(id)
        .fetch_optional(db))
    }

    /// The client with this `client_id`.
    pub async fn oauth_client_by_client_id(
        &self,
        client_id: &str,
    ) -> Result<Option<OauthClient>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(concat!(
            "select ", columns!(), " from oauth_clients where client_id = $1"
        ))
        .bind(client_id)
        .fetch_optional(db))
    }

    /// Creates a client; `false` if its `client_id` is taken.
    pub async fn create_oauth_client(&self, client: OauthClient) -> Result<bool, StoreError> {
        in_transaction!(self, db => { Ok(insert_client!(db, client)) })
    }

    /// Creates a client, and calls `publish` to write its secret. If that fails, the client is not created. `None` if
    /// its `client_id` is taken. Replicas that start at the same time wait for each other.
    pub async fn create_oauth_client_with<E: Send + 'static>(
        &self,
        client: OauthClient,
        publish: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Result<Option<Result<(), E>>, StoreError> {
        let id = client.id;
        in_transaction!(self, db => {
            if !insert_client!(db, client) {
                return Ok(None);
            }
            let published = publish();
            if published.is_err() {
                sqlx::query("delete from oauth_clients where id = $1").bind(id).execute(&mut *db).await?;
            }
            Ok(Some(published))
        })
    }

    /// Replaces a client's secret. The old one stays valid until the given time. `false` if there is no such client.
    pub async fn update_client_secret(
        &self,
        client_id: &str,
        secret_hash: &str,
        overlap: Option<Time>,
    ) -> Result<bool, StoreError> {
        let updated = affected!(self.write, db => sqlx::query(
            "update oauth_clients
                set previous_secret_hash       = case when $3 is null then null else client_secret_hash end,
                    previous_secret_expires_at = $3,
                    client_secret_hash         = $2
              where client_id = $1",
        )
        .bind(client_id)
        .bind(secret_hash)
        .bind(overlap)
        .execute(db))?;
        Ok(updated == 1)
    }

    /// Deletes a client, which invalidates its tokens; `false` if there is none.
    pub async fn delete_oauth_client(&self, client_id: &str) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query("delete from oauth_clients where client_id = $1")
            .bind(client_id)
            .execute(db))?;
        Ok(deleted == 1)
    }
}
