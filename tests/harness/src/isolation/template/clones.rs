//! Clones of the template: one database per slot.

use sqlx::{Connection as _, PgConnection};

use super::Template;
use crate::{
    failure::Failure,
    isolation::lease,
    sql::{execute, identifier},
};

/// A clone of the template.
#[derive(Clone, Debug)]
pub struct ClonedDatabase {
    pub name: String,
    pub(super) oid: i64,
}

impl Template {
    pub async fn clone_to(&self, database: &str) -> Result<ClonedDatabase, Failure> {
        let mut admin = self.server.connect().await?;
        // Copying files takes half as long as the default, but forces a checkpoint. That is cheap only if nothing is
        // synced to disk.
        let strategy = if self.server.is_throwaway() {
            " strategy file_copy"
        } else {
            ""
        };
        let statement = format!(
            "create database {} template {}{strategy}",
            identifier(database),
            identifier(&self.name)
        );
        execute(&mut admin, &statement).await?;
        let oid = oid_of(&mut admin, database).await?;
        execute(
            &mut admin,
            &lease::signature("database", database, &self.run),
        )
        .await?;
        copy_settings(&mut admin, self.oid.unwrap_or_default(), database).await?;
        admin.close().await?;
        Ok(ClonedDatabase {
            name: database.to_owned(),
            oid,
        })
    }

    /// Drops a clone and its connections, even if the clone was renamed.
    pub async fn drop_clone(&self, clone: &ClonedDatabase) -> Result<(), Failure> {
        let mut admin = self.server.connect().await?;
        drop_database(&mut admin, clone.oid).await?;
        admin.close().await?;
        Ok(())
    }

    /// The name of a clone. It is unique on a server that others use too.
    pub fn clone_name(&self, slot: usize, generation: usize) -> String {
        let base = if self.server.is_throwaway() {
            &self.name
        } else {
            &self.role
        };
        if generation == 0 {
            format!("{base}_{slot}")
        } else {
            format!("{base}_{slot}_{generation}")
        }
    }
}

/// A clone doesn't inherit the settings of `alter database … set`.
pub(super) async fn copy_settings(
    admin: &mut PgConnection,
    from: i64,
    database: &str,
) -> Result<(), Failure> {
    let statements: Vec<String> = sqlx::query_scalar(
        "select format('alter %s set %s to %s',
                       case s.setrole when 0 then format('database %I', $2)
                                      else format('role %I in database %I', pg_get_userbyid(s.setrole), $2) end,
                       split_part(setting, '=', 1),
                       case when split_part(setting, '=', 1) in ('search_path', 'DateStyle', 'temp_tablespaces')
                            then substr(setting, strpos(setting, '=') + 1)
                            else quote_literal(substr(setting, strpos(setting, '=') + 1)) end)
           from pg_db_role_setting s, unnest(s.setconfig) as setting
          where s.setdatabase = $1",
    )
    .bind(sqlx::postgres::types::Oid(u32::try_from(from).unwrap_or_default()))
    .bind(database)
    .fetch_all(&mut *admin)
    .await?;
    for statement in statements {
        execute(admin, &statement).await?;
    }
    Ok(())
}

pub(super) async fn oid_of(admin: &mut PgConnection, database: &str) -> Result<i64, Failure> {
    let oid = sqlx::query_scalar("select oid::int8 from pg_database where datname = $1")
        .bind(database)
        .fetch_one(admin)
        .await?;
    Ok(oid)
}

/// Drops the database with this object id, whatever its name is now.
pub(super) async fn drop_database(admin: &mut PgConnection, oid: i64) -> Result<(), Failure> {
    let name: Option<String> =
        sqlx::query_scalar("select datname::text from pg_database where oid::int8 = $1")
            .bind(oid)
            .fetch_optional(&mut *admin)
            .await?;
    if let Some(name) = name {
        execute(
            admin,
            &format!("drop database if exists {} with (force)", identifier(&name)),
        )
        .await?;
    }
    Ok(())
}
