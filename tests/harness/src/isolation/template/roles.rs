//! Roles that the migrations create. Roles belong to the whole server, so they are dropped with the run.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    failure::{Failure, Outcome},
    isolation::lease,
    sql::{execute, identifier},
};

/// Finds out which of a server's roles are ours.
#[derive(Debug)]
pub struct Roles {
    /// Sees only what is committed.
    outside: PgConnection,
    run: String,
    before: BTreeSet<String>,
    /// In order of creation.
    pub made: Vec<String>,
}

impl Roles {
    /// Notes the existing roles, before the first migration.
    pub async fn watch(mut outside: PgConnection, run: &str) -> Result<Self, Failure> {
        Ok(Self {
            before: names(&mut outside).await?,
            outside,
            run: run.to_owned(),
            made: Vec::new(),
        })
    }

    /// Claims the roles that the open transaction has created: only this transaction sees them.
    pub async fn claim_uncommitted(&mut self, connection: &mut PgConnection) -> Outcome {
        let here = names(connection).await?;
        let outside = names(&mut self.outside).await?;
        let made = here.difference(&outside).cloned().collect();
        self.claim(connection, made).await
    }

    /// Claims new roles that the migrations mention. Others may have created roles in the meantime.
    pub async fn claim_mentioned(&mut self, connection: &mut PgConnection, text: &str) -> Outcome {
        let now = names(connection).await?;
        let new = now.difference(&self.before);
        let made = new.filter(|role| mentions(text, role)).cloned().collect();
        self.claim(connection, made).await
    }

    /// Claims a role that the harness created for the migrations.
    pub async fn claim_made(&mut self, connection: &mut PgConnection, role: String) -> Outcome {
        self.claim(connection, vec![role]).await
    }

    /// Claims new roles that own something in this database or have rights in it. Used for commands, whose SQL is
    /// unknown.
    pub async fn claim_concerned(&mut self, connection: &mut PgConnection) -> Outcome {
        let concerned: Vec<String> = sqlx::query_scalar(
            "select distinct r.rolname::text
               from pg_shdepend d
               join pg_roles r on r.oid = d.refobjid
              where d.refclassid = 'pg_authid'::regclass
                and d.dbid = (select oid from pg_database where datname = current_database())",
        )
        .fetch_all(&mut *connection)
        .await?;
        let made = concerned
            .into_iter()
            .filter(|role| !self.before.contains(role))
            .collect();
        self.claim(connection, made).await
    }

    /// Signs roles, so that the next run drops them if this run is killed.
    async fn claim(&mut self, connection: &mut PgConnection, made: Vec<String>) -> Outcome {
        for role in made {
            if self.made.contains(&role) {
                continue;
            }
            let comment: Option<Option<String>> = sqlx::query_scalar(
                "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = $1",
            )
            .bind(&role)
            .fetch_optional(&mut *connection)
            .await?;
            // A parallel run created it, and has ended.
            let Some(comment) = comment else {
                continue;
            };
            match comment {
                None => execute(connection, &lease::migrated_signature(&role, &self.run)).await?,
                // A parallel run was faster.
                Some(comment) if lease::is_signature(&comment) => continue,
                // A comment that the migrations wrote stays.
                Some(_) => {}
            }
            self.made.push(role);
        }
        Ok(())
    }

    /// Drops the roles. The databases in which they had rights are gone by now.
    pub async fn drop_all(&self, admin: &mut PgConnection) {
        for role in self.made.iter().rev() {
            let statement = format!("drop role if exists {}", identifier(role));
            let _ = execute(admin, &statement).await;
        }
    }
}

async fn names(connection: &mut PgConnection) -> Result<BTreeSet<String>, Failure> {
    let names: Vec<String> = sqlx::query_scalar("select rolname::text from pg_roles")
        .fetch_all(connection)
        .await?;
    Ok(names.into_iter().collect())
}

/// Whether the text contains this name as a word.
fn mentions(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let name = name.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}
