//! What the harness has to know of this service.

use std::{net::SocketAddr, path::PathBuf};

use dance_lessons_coach::{
    config::{Config, Sources},
    server,
};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use bdd_harness::{
    program::{Environment, Program, Ready},
    suite::options::Store,
};

/// What an administrator runs with psql.
const ROLES: &str = include_str!("../../scripts/roles.sql");

pub struct DanceLessonsCoach;

impl Program for DanceLessonsCoach {
    fn database(&self) -> &'static str {
        "dance_lessons_coach_bdd_test"
    }

    fn executable(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_BIN_EXE_dance-lessons-coach"))
    }

    fn migrate(&self) -> &'static [&'static str] {
        &["migrate", "up"]
    }

    fn migrations(&self, store: Store) -> PathBuf {
        let folder = match store {
            Store::Postgres => "migrations/postgres",
            Store::Sqlite => "migrations/sqlite",
        };
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)
    }

    fn variable(&self, key: &str) -> String {
        // The names that people know, such as PORT, are variables already.
        if key.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            return key.to_owned();
        }
        format!("DLC_{}", key.replace('.', "_").to_uppercase())
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

    fn grants(&self, role: &str) -> Option<String> {
        // Lines with a backslash are psql's own: they stop at an error, as we do, and ask for the schema.
        let lines = ROLES.lines().filter(|line| !line.contains('\\'));
        let sql = lines.collect::<Vec<_>>().join("\n");
        Some(
            sql.replace(":\"role\"", role)
                .replace(":\"schema\"", "public"),
        )
    }

    fn serve(
        &self,
        env: Environment,
        ready: Ready,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(async move {
            let sources = Sources {
                env,
                ..Sources::default()
            };
            let config = Config::load(&sources).map_err(|error| error.to_string())?;
            let listens = |address| {
                let _ = ready.send(address);
            };
            server::run(config, None, listens, stop.cancelled_owned())
                .await
                .map_err(|error| error.to_string())
        })
    }

    fn readiness(&self) -> &'static str {
        "/api/ready"
    }

    fn listening(&self, line: &str) -> Option<SocketAddr> {
        let (_, address) = line.split_once("listening on http://")?;
        let end =
            address.find(|c: char| !c.is_ascii_hexdigit() && !matches!(c, '.' | ':' | '[' | ']'));
        address[..end.unwrap_or(address.len())].parse().ok()
    }
}
