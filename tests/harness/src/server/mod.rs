//! Provides a PostgreSQL server: a running one, a container, or a throwaway cluster.

mod container;
mod external;
mod find;
mod initdb;
pub mod local;
mod request;
mod unprivileged;

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use url::Url;

pub use find::{Found, NoServer, find};
pub use request::{IMAGE, Provider, ServerRequest, SettingNames};

use crate::{
    failure::database_error,
    sql::{connect, retain_parameters},
};

/// The rights of the user who creates our databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// It may create event triggers, and no row-level security applies to it.
    pub superuser: bool,
    /// It may set `session_replication_role`, so that no key, trigger or rule fires on the reset's connection.
    pub can_set_replica_role: bool,
}

/// The settings of a throwaway server. Each is checked with `SHOW` when the server runs.
const TUNING: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("max_connections", "300"),
    ("max_prepared_transactions", "10"),
    ("timezone", "UTC"),
];

/// A server on which databases are created.
#[derive(Debug)]
pub struct Server {
    /// The URL of an existing database, as the user who creates ours.
    url: Url,
    pub rights: Rights,
    /// The number of free connections.
    pub connections: u32,
    /// The major version: 15, 16, ….
    pub version: u32,
    origin: Origin,
    /// Where a local server listens in addition to its socket, and the password of its owner.
    network: Option<Network>,
}

/// A local server's port on 127.0.0.1. Over TCP every role needs its password, because other users of the machine can
/// connect.
#[derive(Clone, Debug)]
struct Network {
    port: u16,
    password: String,
}

/// Where a server came from, and what is stopped with it.
#[derive(Debug)]
enum Origin {
    External,
    Container(Box<container::Container>),
    Local(Box<local::Cluster>),
}

impl Server {
    /// Connects to a server and reads its version, rights and free connections.
    async fn at(url: Url, origin: Origin) -> Result<Self, sqlx::Error> {
        let mut connection = connect(&url).await?;
        let row = sqlx::query(
            "select current_setting('server_version_num')::int / 10000                       as version,
                    current_setting('is_superuser')::bool                                     as superuser,
                    current_setting('max_connections')::int
                        - current_setting('superuser_reserved_connections')::int
                        - (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as free",
        )
        .fetch_one(&mut connection)
        .await?;
        let superuser: bool = row.get("superuser");
        let version = u32::try_from(row.get::<i32, _>("version")).unwrap_or(0);
        let mut can_set_replica_role = superuser;
        if !superuser && version >= 15 {
            let may = "select has_parameter_privilege('session_replication_role', 'set')";
            can_set_replica_role = sqlx::query_scalar(may).fetch_one(&mut connection).await?;
        }
        let server = Self {
            url,
            rights: Rights {
                superuser,
                can_set_replica_role,
            },
            connections: u32::try_from(row.get::<i32, _>("free")).unwrap_or(0),
            version,
            origin,
            network: None,
        };
        connection.close().await?;
        Ok(server)
    }

    /// The server of a database that another process of ours created.
    pub async fn lent(url: Url) -> Result<Self, String> {
        Self::at(url, Origin::External).await.map_err(|error| {
            let why = database_error(&error);
            format!("the lent database doesn't answer: {why}")
        })
    }

    /// A server that we started. It is stopped if it doesn't have the settings it was given.
    async fn tuned(url: Url, origin: Origin) -> Result<Self, String> {
        let server = Self::at(url, origin)
            .await
            .map_err(|error| database_error(&error))?;
        if let Err(reason) = server.assert_tuned().await {
            server.stop().await;
            return Err(reason);
        }
        Ok(server)
    }

    /// The same server, used by a role that may only create databases and roles.
    async fn into_plain_owner(self) -> Result<Self, String> {
        if !self.is_throwaway() {
            return Err("--plain-owner is for servers that the suite starts. For your own server, name such a role in the URL".into());
        }
        let role =
            "create role bdd_plain_owner login createdb createrole password 'bdd_plain_owner'";
        let created = async {
            self.connect().await?.execute(role).await?;
            let url = self.url_as("postgres", "bdd_plain_owner", "bdd_plain_owner");
            connect(&url).await?.close().await?;
            Ok::<_, sqlx::Error>(url)
        };
        match created.await {
            Ok(url) => Ok(Self {
                url,
                rights: Rights {
                    superuser: false,
                    can_set_replica_role: false,
                },
                ..self
            }),
            Err(error) => {
                self.stop().await;
                Err(database_error(&error))
            }
        }
    }

    /// Runs a statement as the server's superuser.
    async fn set(&self, statement: &str) -> Result<(), String> {
        let failed = |error| database_error(&error);
        let mut connection = self.connect().await.map_err(failed)?;
        connection
            .execute(sqlx::AssertSqlSafe(statement.to_owned()))
            .await
            .map_err(failed)?;
        connection.close().await.map_err(failed)
    }

    /// Checks that each setting of [`TUNING`] is in force.
    async fn assert_tuned(&self) -> Result<(), String> {
        let failed = |error| database_error(&error);
        let mut connection = self.connect().await.map_err(failed)?;
        for (setting, expected) in TUNING {
            let found: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(&mut connection)
                .await
                .map_err(failed)?;
            if found != *expected {
                return Err(format!(
                    "the server runs with {setting} = {found} instead of {expected}"
                ));
            }
        }
        Ok(())
    }

    /// The URL of a database on this server, as the user who creates ours.
    pub fn url(&self, database: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(database);
        url
    }

    /// The URL of a database, as another role.
    pub fn url_as(&self, database: &str, role: &str, password: &str) -> Url {
        let mut url = self.url(database);
        // These can't fail, because the URL has a host.
        let _ = url.set_username(role);
        let _ = url.set_password(Some(password));
        url
    }

    /// The URL of the same database and role over TCP, or the reason why TCP doesn't work.
    pub fn over_tcp(&self, url: &Url) -> Result<Url, String> {
        let by_socket = url
            .query_pairs()
            .any(|(key, value)| key == "host" && value.starts_with('/'));
        if !by_socket {
            return Ok(url.clone());
        }
        let Some(network) = &self.network else {
            return Err(
                "the database's server is configured by its socket, but TCP is needed: name its host and port"
                    .to_owned(),
            );
        };
        let mut tcp = url.clone();
        retain_parameters(&mut tcp, |key, _| key != "host");
        // These can't fail, because the URL has a host.
        let _ = tcp.set_host(Some("127.0.0.1"));
        let _ = tcp.set_port(Some(network.port));
        if tcp.password().is_none() {
            let _ = tcp.set_password(Some(&network.password));
        }
        Ok(tcp)
    }

    /// A connection to the database of the server's URL. Nothing of ours is stored there.
    pub async fn connect(&self) -> sqlx::Result<PgConnection> {
        connect(&self.url).await
    }

    /// A connection to a database of this server.
    pub async fn connect_to(&self, database: &str) -> sqlx::Result<PgConnection> {
        connect(&self.url(database)).await
    }

    /// Whether the server and everything on it is removed with the run.
    pub fn is_throwaway(&self) -> bool {
        !matches!(self.origin, Origin::External)
    }

    /// Keeps the server until the next run removes it.
    pub async fn keep(self) {
        match self.origin {
            Origin::External => {}
            Origin::Container(container) => container.keep().await,
            Origin::Local(cluster) => cluster.keep().await,
        }
    }

    /// Stops the server if we started it.
    pub async fn stop(self) {
        match self.origin {
            Origin::External => {}
            Origin::Container(container) => container.remove().await,
            Origin::Local(cluster) => cluster.stop().await,
        }
    }
}

/// The URL without its password, for messages.
pub fn masked(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) => {
            if url.password().is_some() {
                let _ = url.set_password(Some("***"));
            }
            retain_parameters(&mut url, |key, _| !key.contains("password"));
            url.to_string()
        }
        Err(_) => "(a URL that can't be read)".to_owned(),
    }
}

/// Tries to connect until the server answers or `limit` is over. `ended` returns the reason if the server has ended.
async fn until_it_answers(
    url: &Url,
    limit: Duration,
    mut ended: impl FnMut() -> Option<String>,
) -> Result<(), String> {
    let start = std::time::Instant::now();
    loop {
        let last = match connect(url).await {
            Ok(mut connection) => match connection.execute("select 1").await {
                Ok(_) => {
                    return connection
                        .close()
                        .await
                        .map_err(|error| database_error(&error));
                }
                Err(error) => error,
            },
            Err(error) => error,
        };
        if let Some(why) = ended() {
            return Err(why);
        }
        if start.elapsed() > limit {
            return Err(format!(
                "no answer after {} s: {}",
                limit.as_secs(),
                database_error(&last)
            ));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
