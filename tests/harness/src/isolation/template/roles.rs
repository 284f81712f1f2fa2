//! Roles that the migrations create. They belong to the whole server: on one that stays they go with the run.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::{
    failure::{Failure, Outcome},
    isolation::lease,
    sql::{execute, identifier},
};

/// Watches a server for roles that are ours.
#[derive(Debug)]
pub struct Roles {
    /// Sees what is committed, and no more.
    outside: PgConnection,
    run: String,
    before: BTreeSet<String>,
    /// In the order of their creation.
    pub made: Vec<String>,
}

impl Roles {
    /// Begins to watch, before the first migration.
    pub async fn watch(mut outside: PgConnection, run: &str) -> Result<Self, Failure> {
        Ok(Self {
            before: names(&mut outside).await?,
            outside,
            run: run.to_owned(),
            made: Vec::new(),
        })
    }

    /// Claims the roles that the open transaction has created: it sees them, and others don't yet.
    pub async fn claim_uncommitted(&mut self, connection: &mut PgConnection) -> Outcome {
        let here = names(connection).await?;
        let outside = names(&mut self.outside).await?;
        let made = here.difference(&outside).cloned().collect();
        self.claim(connection, made).await
    }

    /// Claims the roles that are new and that the migrations mention: others may have created some meanwhile.
    pub async fn claim_mentioned(&mut self, connection: &mut PgConnection, text: &str) -> Outcome {
        let now = names(connection).await?;
        let new = now.difference(&self.before);
        let made = new.filter(|role| mentions(text, role)).cloned().collect();
        self.claim(connection, made).await
    }

    /// Signs them, so that the next run drops them when this one is killed.
    async fn claim(&mut self, connection: &mut PgConnection, made: Vec<String>) -> Outcome {
        for role in made {
            if self.made.contains(&role) {
                continue;
            }
            let comment: Option<String> = sqlx::query_scalar(
                "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = $1",
            )
            .bind(&role)
            .fetch_one(&mut *connection)
            .await?;
            match comment {
                None => execute(connection, &lease::migrated_signature(&role, &self.run)).await?,
                // A run beside this one was faster.
                Some(comment) if lease::is_signature(&comment) => continue,
                // The migrations' own words stay.
                Some(_) => {}
            }
            self.made.push(role);
        }
        Ok(())
    }

    /// Drops them; what they had rights in is gone by now.
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

/// Whether the text has this name as a word.
fn mentions(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let name = name.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}
