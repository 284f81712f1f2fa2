//! OAuth clients: programs, and what they may do.

use sqlx::FromRow;

use super::query::{Sort, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Scopes, Time};

/// A row of `oauth_clients`.
#[derive(Debug, Clone, FromRow)]
pub struct OauthClient {
    /// The id, which things that the client makes carry.
    pub id: Id,
    /// What the client calls itself when it asks for a token.
    pub client_id: String,
    /// SHA-256 of a secret that we made, argon2id in PHC form of one that people chose.
    pub client_secret_hash: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    #[sqlx(try_from = "String")]
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Time,
}

macro_rules! columns {
    () => {
        "id, client_id, client_secret_hash, name, scopes, created_at"
    };
}

impl OauthClient {
    /// A client made now.
    pub fn new(
        client_id: String,
        client_secret_hash: String,
        name: String,
        scopes: Scopes,
    ) -> Self {
        Self {
            id: Id::generate(),
            client_id,
            client_secret_hash,
            name,
            scopes,
            created_at: Time::now(),
        }
    }
}

/// Puts a client there unless there is one of that name; the answer tells whether it did.
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
    /// A page of the clients, and how many there are in all.
    pub async fn oauth_clients(
        &self,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<OauthClient>, i64), StoreError> {
        page!(
            self,
            columns!(),
            "from oauth_clients",
            sort.order("name"),
            window,
            []
        )
    }

    /// The client of that row.
    pub async fn oauth_client(&self, id: Id) -> Result<Option<OauthClient>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(concat!(
            "select ", columns!(), " from oauth_clients where id = $1"
        ))
        .bind(id)
        .fetch_optional(db))
    }

    /// The client that calls itself so.
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

    /// Makes a client; `false` when there is one of that name.
    pub async fn create_oauth_client(&self, client: OauthClient) -> Result<bool, StoreError> {
        in_transaction!(self, db => { Ok(insert_client!(db, client)) })
    }

    /// Makes a client whose secret nobody knows yet: it is there only when telling the secret succeeded. `None` when
    /// there is one of that name; replicas that try at the same moment wait for each other.
    pub async fn create_oauth_client_and_tell<E: Send + 'static>(
        &self,
        client: OauthClient,
        tell: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Result<Option<Result<(), E>>, StoreError> {
        let id = client.id;
        let told = in_transaction!(self, db => {
            if !insert_client!(db, client) {
                return Ok(None);
            }
            let told = tell();
            if told.is_err() {
                sqlx::query("delete from oauth_clients where id = $1").bind(id).execute(&mut *db).await?;
            }
            Ok(Some(told))
        })?;
        Ok(told)
    }

    /// Removes a client, and with it all its tokens; `false` when there is none.
    pub async fn delete_oauth_client(&self, client_id: &str) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query("delete from oauth_clients where client_id = $1")
            .bind(client_id)
            .execute(db))?;
        Ok(deleted == 1)
    }
}
