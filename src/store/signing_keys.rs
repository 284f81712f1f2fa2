//! The keys that sign tokens, if the configuration has none. All replicas share them.

use sqlx::FromRow;

use super::engine::lock::{self, lock};
use super::{Store, StoreError};
use crate::domain::Time;

/// A row of `signing_keys`.
#[derive(Clone, FromRow)]
pub struct SigningKey {
    /// The id of the key, which is in the header of every token.
    pub kid: String,
    pub secret: String,
    pub created_at: Time,
    /// `None` for a key that may sign.
    pub expires_at: Option<Time>,
}

/// The keys that have not expired. The first one signs.
const VALID: &str = "select kid, secret, created_at, expires_at
                       from signing_keys
                      where expires_at is null
                         or expires_at > $1
                      order by expires_at is not null, created_at desc, kid";

macro_rules! insert_key {
    ($db:ident, $key:expr) => {
        sqlx::query("insert into signing_keys (kid, secret, created_at) values ($1, $2, $3)")
            .bind(&$key.kid)
            .bind(&$key.secret)
            .bind($key.created_at)
            .execute(&mut *$db)
            .await?
    };
}

impl SigningKey {
    pub fn new(kid: String, secret: String) -> Self {
        Self {
            kid,
            secret,
            created_at: Time::now(),
            expires_at: None,
        }
    }
}

impl Store {
    /// The keys that have not expired. The first one signs, unless it has an expiry.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(VALID).bind(Time::now()).fetch_all(db))
    }

    /// Stores the key, unless there is one that signs. Replicas that do this at the same time wait for each other.
    pub async fn ensure_signing_key(&self, key: SigningKey) -> Result<Vec<SigningKey>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::SIGNING_KEYS);
            let now = Time::now();
            let keys: Vec<SigningKey> = sqlx::query_as(VALID).bind(now).fetch_all(&mut *db).await?;
            if keys.first().is_some_and(|first| first.expires_at.is_none()) {
                return Ok(keys);
            }
            insert_key!(db, key);
            Ok(sqlx::query_as(VALID).bind(now).fetch_all(&mut *db).await?)
        })
    }

    /// Stores a key that signs from now on. The others verify until the given time, and are deleted at a later
    /// rotation.
    pub async fn rotate_signing_key(
        &self,
        key: SigningKey,
        expiry: Time,
    ) -> Result<(), StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::SIGNING_KEYS);
            sqlx::query("delete from signing_keys where expires_at <= $1")
                .bind(key.created_at)
                .execute(&mut *db)
                .await?;
            sqlx::query("update signing_keys set expires_at = $1 where expires_at is null or expires_at > $1")
                .bind(expiry)
                .execute(&mut *db)
                .await?;
            insert_key!(db, key);
            Ok(())
        })
    }

    /// Deletes a key, which makes its tokens invalid; `false` if there is none.
    pub async fn delete_signing_key(&self, kid: &str) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query("delete from signing_keys where kid = $1")
            .bind(kid)
            .execute(db))?;
        Ok(deleted == 1)
    }
}
