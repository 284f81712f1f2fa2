//! The first admin, whom the configuration names.

use sqlx::FromRow;

use super::users::{NewUser, User, end_sessions, insert_user, or_taken};
use super::{Store, StoreError};
use crate::domain::{Id, Role, Time};

/// The user with the name of the first admin.
#[derive(Debug, Clone, FromRow)]
pub struct FirstAdmin {
    pub id: Id,
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// The configured password that was adopted last. `None` if the configuration has not named this user before.
    pub bootstrap_password_hash: Option<String>,
}

impl Store {
    /// The user with this name in any case, unless deleted.
    pub async fn first_admin(&self, username: &str) -> Result<Option<FirstAdmin>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            "select id, role, bootstrap_password_hash
               from users
              where lower(username) = $1
                and deleted_at is null",
        )
        .bind(username.to_ascii_lowercase())
        .fetch_optional(db))
    }

    /// Whether there is an admin.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select exists (select 1 from users where role = 'admin' and deleted_at is null)",
        )
        .fetch_one(db))
    }

    /// Creates the first admin, and calls `publish` to write its password. If that fails, the admin is not created. A
    /// name that is taken is a conflict. Replicas that start at the same time wait for each other.
    pub async fn create_first_admin<E: Send + 'static>(
        &self,
        new: NewUser,
        publish: impl Fn() -> Result<(), E> + Send + Sync + 'static,
    ) -> Result<Result<Id, E>, StoreError> {
        let user = User::new(new);
        in_transaction!(self, db => {
            insert_user!(db, user).await.map_err(or_taken)?;
            if let Err(error) = publish() {
                sqlx::query("delete from users where id = $1").bind(user.id).execute(&mut *db).await?;
                return Ok(Err(error));
            }
            sqlx::query("update users set bootstrap_password_hash = password_hash where id = $1")
                .bind(user.id)
                .execute(&mut *db)
                .await?;
            Ok(Ok(user.id))
        })
    }

    /// Remembers the configured password. If another one was adopted before, it also becomes the admin's password, and
    /// all sessions end. Returns the number of ended sessions, or `None` if the password stays.
    pub async fn adopt_admin_password(
        &self,
        admin: FirstAdmin,
        hash: String,
    ) -> Result<Option<u64>, StoreError> {
        in_transaction!(self, db => {
            let is_known = admin.bootstrap_password_hash.is_some();
            sqlx::query(
                "update users
                    set bootstrap_password_hash = $2,
                        password_hash           = case when $3 then $2 else password_hash end,
                        updated_at              = case when $3 then $4 else updated_at end
                  where id = $1",
            )
            .bind(admin.id)
            .bind(&hash)
            .bind(is_known)
            .bind(Time::now())
            .execute(&mut *db)
            .await?;
            if !is_known {
                return Ok(None);
            }
            Ok(Some(end_sessions!(db, admin.id, None::<Id>)))
        })
    }
}
