//! Exempts the harness's own objects from the schema's event triggers and default privileges.

use sqlx::PgConnection;

use crate::{failure::Failure, server::Rights, sql::execute};

/// Event triggers of the schema that are disabled while the harness creates its own objects.
pub struct EventTriggers {
    /// The statements that enable them in their earlier state.
    enable: Vec<String>,
}

impl EventTriggers {
    /// Disables them. Only a superuser may do that, and only a superuser's migrations can have created them.
    pub async fn silence(connection: &mut PgConnection, rights: Rights) -> Result<Self, Failure> {
        if !rights.superuser {
            return Ok(Self { enable: Vec::new() });
        }
        let triggers: Vec<(String, String)> = sqlx::query_as(
            "select format('alter event trigger %I disable', evtname),
                    format('alter event trigger %I enable %s', evtname,
                           case evtenabled when 'R' then 'replica' when 'A' then 'always' else '' end)
               from pg_event_trigger
              where evtenabled <> 'D'",
        )
        .fetch_all(&mut *connection)
        .await?;
        for (disable, _) in &triggers {
            execute(connection, disable).await?;
        }
        Ok(Self {
            enable: triggers.into_iter().map(|(_, enable)| enable).collect(),
        })
    }

    /// Enables them in their earlier state.
    pub async fn restore(self, connection: &mut PgConnection) -> Result<(), Failure> {
        for enable in &self.enable {
            execute(connection, enable).await?;
        }
        Ok(())
    }
}

/// Revokes the rights in the harness's objects that default privileges granted to others, and restores those that they
/// took from the owner.
pub async fn take_rights_back(connection: &mut PgConnection) -> Result<(), Failure> {
    execute(connection, include_str!("take_rights_back.sql")).await
}
