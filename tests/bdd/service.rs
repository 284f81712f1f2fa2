//! What the harness has to know of this service.

use bdd_harness::{BoxError, Service, Start, service::Environment};
use dance_lessons_coach::{
    config::{Config, Sources},
    server,
};

/// What an administrator runs with psql.
const ROLES: &str = include_str!("../../scripts/roles.sql");

pub struct DanceLessonsCoach;

impl Service for DanceLessonsCoach {
    async fn serve(&self, start: Start) -> Result<(), BoxError> {
        let sources = Sources {
            env: start.environment.clone(),
            ..Sources::default()
        };
        let config = Config::load(&sources)?;
        let stopped = start.stopped();
        server::run(config, None, |address| start.listening(address), stopped).await?;
        Ok(())
    }

    fn environment(&self, url: &str, owner_url: &str) -> Environment {
        let mut environment = Environment::from([
            ("DATABASE_URL".into(), url.to_owned()),
            ("DLC_SERVER_HOST".into(), "127.0.0.1".into()),
            ("DLC_SERVER_PORT".into(), "0".into()),
        ]);
        if url != owner_url {
            environment.insert("DATABASE_MIGRATION_URL".into(), owner_url.to_owned());
        }
        environment
    }

    fn variable(&self, key: &str) -> String {
        // The names that people know, such as PORT, are variables already.
        if key.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            return key.to_owned();
        }
        format!("DLC_{}", key.replace('.', "_").to_uppercase())
    }

    fn grants(&self, role: &str) -> Option<String> {
        // Lines with a backslash are psql's own: they stop at an error, as we do, and ask for the schema.
        let lines = ROLES.lines().filter(|line| !line.contains('\\'));
        let sql = lines.collect::<Vec<_>>().join("\n");
        Some(
            sql.replace(":\"role\"", role)
                .replace(":\"schema\"", "public"),
        )
    }

    fn readiness(&self) -> &'static str {
        "/api/ready"
    }
}
