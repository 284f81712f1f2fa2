//! How the harness starts and configures this service.

use bdd_harness::{BoxError, Service, Start, service::Environment};
use dance_lessons_coach::{
    config::{Config, Sources},
    server,
};

/// The variable with host and port of a PgBouncer in front of the suite's server; `scripts/try-pgbouncer` sets it.
/// Variables whose names begin with PG don't reach the suite.
const PGBOUNCER: &str = "POOLER_ADDRESS";

/// The script that an administrator runs with psql.
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
        if let Ok(address) = std::env::var(PGBOUNCER) {
            environment.insert("DATABASE_URL".into(), at_address(url, &address));
            environment.insert("DLC_DATABASE_PGBOUNCER".into(), "true".into());
            environment.insert("DATABASE_MIGRATION_URL".into(), owner_url.to_owned());
        } else if url != owner_url {
            environment.insert("DATABASE_MIGRATION_URL".into(), owner_url.to_owned());
        }
        environment
    }

    fn variable(&self, key: &str) -> String {
        // Well-known names such as PORT are variables already.
        if key.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            return key.to_owned();
        }
        format!("DLC_{}", key.replace('.', "_").to_uppercase())
    }

    fn grants(&self, role: &str) -> Option<String> {
        // Lines with a backslash are commands of psql. They stop at an error and set the schema, as this function does.
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

/// The same database on another host and port.
fn at_address(url: &str, address: &str) -> String {
    let mut url = url::Url::parse(url).expect("the harness makes valid URLs");
    let (host, port) = address.rsplit_once(':').expect("an address has a port");
    url.set_host(Some(host)).expect("the host is valid");
    url.set_port(port.parse().ok()).expect("the URL has a host");
    url.set_query(None);
    url.into()
}
