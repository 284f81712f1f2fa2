//! The schema's own rules don't apply to what is the harness's: neither its event triggers nor its default privileges.

use sqlx::PgConnection;

use crate::{failure::Failure, server::Rights, sql::execute};

/// Event triggers of the schema that are disabled while the harness adds its own objects.
pub struct EventTriggers {
    /// The statements that enable them as they were.
    enable: Vec<String>,
}

impl EventTriggers {
    /// Disables them. Only a superuser may, and only a superuser's migrations can have created them.
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

    /// Enables them as they were.
    pub async fn restore(self, connection: &mut PgConnection) -> Result<(), Failure> {
        for enable in &self.enable {
            execute(connection, enable).await?;
        }
        Ok(())
    }
}

/// Takes back what default privileges gave to others in the harness's objects, or took from their owner.
pub async fn take_rights_back(connection: &mut PgConnection) -> Result<(), Failure> {
    execute(connection, include_str!("take_rights_back.sql")).await
}
