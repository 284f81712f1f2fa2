//! The template's role and database, before the migrations.

use sqlx::PgConnection;

use super::{Template, clones::oid_of, kept::Kept};
use crate::{
    failure::{Failure, Outcome},
    isolation::lease,
    sql::{execute, identifier, literal},
};

impl Template {
    /// Creates the role of the services.
    pub(super) async fn create_role(&self, admin: &mut PgConnection) -> Outcome {
        execute(
            admin,
            &format!(
                "create role {} login password {}; {}",
                identifier(&self.role),
                literal(&self.password),
                lease::signature("role", &self.role, &self.run)
            ),
        )
        .await?;
        if !self.server.rights.superuser {
            // Without membership, a plain owner can't see what the role's connections are doing.
            execute(
                admin,
                &format!("grant {} to current_user", identifier(&self.role)),
            )
            .await?;
        }
        Ok(())
    }

    /// Creates the database: a clone of the kept one, or empty. Returns the kept one if it was used.
    pub(super) async fn create_database(
        &mut self,
        admin: &mut PgConnection,
        mut kept: Option<Kept>,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Option<Kept>, Failure> {
        // Until the database is signed, its name leads to the role.
        let unsigned = format!("{}_new", self.role);
        if let Some(found) = &kept {
            // A parallel run may have dropped it.
            self.oid = found.clone_to(admin, &unsigned).await.ok();
        }
        if self.oid.is_none() {
            kept = None;
            // template1 may contain tables, and others may be connected to it.
            let create = format!(
                "create database {} template template0",
                identifier(&unsigned)
            );
            execute(admin, &create).await?;
            self.oid = Some(oid_of(admin, &unsigned).await?);
        }
        let signed = lease::signature("database", &unsigned, &self.run);
        let rename = |name: &str| {
            format!(
                "{signed}; alter database {} rename to {}",
                identifier(&unsigned),
                identifier(name)
            )
        };
        // Two runs may create the database at the same time. Only one of them gets the name.
        if execute(admin, &rename(&self.name)).await.is_err() {
            let other = format!("{}_{}", self.name, self.run);
            say(&format!(
                "the server has a database \"{}\" that this run didn't create. It stays untouched; this run uses \"{other}\"",
                self.name
            ));
            self.name = other;
            execute(admin, &rename(&self.name)).await?;
        }
        Ok(kept)
    }
}
