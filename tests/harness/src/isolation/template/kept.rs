//! A migrated database that stays on a server between runs, so that an unchanged schema isn't migrated again.
//!
//! It contains only what the migrations made. Nothing can connect to it; runs only clone and drop it.

use sqlx::{PgConnection, Row as _};

use super::{
    Template,
    clones::{copy_settings, drop_database, oid_of},
};
use crate::{
    failure::Failure,
    sql::{execute, identifier, literal},
};

/// The start of the comment on such a database. The template's name, the fingerprint and the first transaction follow.
const SIGN: &str = "kept by bdd_harness for ";

/// A kept database that was found.
#[derive(Debug)]
pub struct Kept {
    pub name: String,
    oid: i64,
    /// A transaction that is older than everything in it.
    pub first_transaction: i64,
}

/// The start of the comment for a schema.
fn sign(database: &str, fingerprint: &str) -> String {
    format!("{SIGN}{database} {fingerprint} ")
}

/// The kept database of a schema.
pub async fn find(
    admin: &mut PgConnection,
    database: &str,
    fingerprint: &str,
) -> Result<Option<Kept>, Failure> {
    let sign = sign(database, fingerprint);
    let found = all(admin, &sign).await?.into_iter().find_map(|row| {
        let comment: String = row.get("comment");
        Some(Kept {
            name: row.get("name"),
            oid: row.get("oid"),
            first_transaction: comment.strip_prefix(&sign)?.parse().ok()?,
        })
    });
    Ok(found)
}

/// Drops the kept databases of a template, except the one with this fingerprint. Returns their names.
pub async fn sweep(
    admin: &mut PgConnection,
    database: &str,
    fingerprint: Option<&str>,
) -> Result<Vec<String>, Failure> {
    let kept = fingerprint.map(|fingerprint| sign(database, fingerprint));
    let mut dropped = Vec::new();
    for row in all(admin, &format!("{SIGN}{database} ")).await? {
        let comment: String = row.get("comment");
        let stays = kept.as_ref().is_some_and(|sign| comment.starts_with(sign));
        // A parallel run may be cloning it, or may have dropped it.
        if !stays && drop_database(admin, row.get("oid")).await.is_ok() {
            dropped.push(row.get("name"));
        }
    }
    Ok(dropped)
}

/// Our databases whose comment starts like this.
async fn all(admin: &mut PgConnection, sign: &str) -> Result<Vec<sqlx::postgres::PgRow>, Failure> {
    let rows = sqlx::query(
        "select datname::text as name, oid::int8 as oid, shobj_description(oid, 'pg_database') as comment
           from pg_database
          where starts_with(shobj_description(oid, 'pg_database'), $1)
            and not datallowconn
            and pg_has_role(datdba, 'usage')
          order by oid",
    )
    .bind(sign)
    .fetch_all(admin)
    .await?;
    Ok(rows)
}

impl Kept {
    /// Clones it, with its settings.
    pub async fn clone_to(&self, admin: &mut PgConnection, database: &str) -> Result<i64, Failure> {
        let create = format!(
            "create database {} template {}",
            identifier(database),
            identifier(&self.name)
        );
        execute(admin, &create).await?;
        copy_settings(admin, self.oid, database).await?;
        oid_of(admin, database).await
    }
}

impl Template {
    /// Keeps a copy of the migrated database for later runs. Nothing is connected to it.
    pub(super) async fn keep_schema(
        &self,
        admin: &mut PgConnection,
        database: &str,
        fingerprint: &str,
    ) -> Result<(), Failure> {
        if find(admin, database, fingerprint).await?.is_some() {
            return Ok(());
        }
        let Some(oid) = self.oid else {
            return Ok(());
        };
        // Until it is signed, its name leads to the role of this run.
        let unsigned = format!("{}_kept", self.role);
        let create = format!(
            "create database {} template {}",
            identifier(&unsigned),
            identifier(&self.name)
        );
        execute(admin, &create).await?;
        copy_settings(admin, oid, &unsigned).await?;
        let (old, new) = (
            identifier(&unsigned),
            identifier(&format!("{database}_kept_{fingerprint}")),
        );
        let comment = format!("{}{}", sign(database, fingerprint), self.first_transaction);
        let finish = format!(
            "comment on database {old} is {}; alter database {old} with allow_connections false; \
             alter database {old} rename to {new}",
            literal(&comment)
        );
        if execute(admin, &finish).await.is_err() {
            // A parallel run was faster.
            let unsigned = oid_of(admin, &unsigned).await?;
            drop_database(admin, unsigned).await?;
        }
        Ok(())
    }
}
