//! Where a PostgreSQL server comes from: one that runs already, a container, or a throwaway cluster.

mod container;
mod external;
pub mod local;
mod request;

use std::{fmt, path::Path, time::Duration};

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use url::Url;

pub use request::{IMAGE, Provider, ServerRequest, SettingNames};

use crate::{failure::database_error, sql::connect};

/// What the user who creates our databases may do in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Event triggers can be created, and no row-level security applies.
    pub superuser: bool,
    /// `session_replication_role` can be set: no key, trigger or rule fires on the reset's connection.
    pub can_set_replica_role: bool,
}

/// The settings of a throwaway server, each asserted with `SHOW` once it runs.
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

/// A server to make databases on.
#[derive(Debug)]
pub struct Server {
    /// Leads to a database that exists, as the user who creates ours.
    url: Url,
    pub rights: Rights,
    /// How many connections are free.
    pub connections: u32,
    /// The major version: 15, 16, ….
    pub version: u32,
    origin: Origin,
}

/// Where it came from, and what ends with it.
#[derive(Debug)]
enum Origin {
    External,
    Container(Box<container::Container>),
    Local(Box<local::Cluster>),
}

/// A server, and in one line why it is this one.
pub struct Found {
    pub server: Server,
    pub why: String,
}

/// Why no server can be had, a reason for each provider.
#[derive(Debug)]
pub struct NoServer {
    pub reasons: Vec<String>,
    image_setting: String,
}

impl NoServer {
    fn new(request: &ServerRequest, reasons: Vec<String>) -> Self {
        Self {
            reasons,
            image_setting: request.setting_names.image.clone(),
        }
    }
}

impl fmt::Display for NoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "No PostgreSQL can be had:")?;
        for reason in &self.reasons {
            writeln!(f, "  - {reason}")?;
        }
        write!(
            f,
            "Ways out, any of them:\n\
             \x20 - install PostgreSQL's programs (Debian: apt install postgresql; macOS: brew install postgresql)\n\
             \x20 - start Docker, and have the image: docker pull {IMAGE}, or another one with {}=<its name>\n\
             \x20 - name a server of yours: --database postgres://user:password@host:port/postgres\n\
             \x20 - run on SQLite: --store sqlite",
            self.image_setting
        )
    }
}

/// Finds the server that is asked for, and starts it where it has to be.
///
/// `cache` is a folder that outlives the run, `folder` one that goes with it; `say` prints a line of progress.
pub async fn find(
    request: &ServerRequest,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, NoServer> {
    let none = |reasons| NoServer::new(request, reasons);
    let one = |reason| none(vec![reason]);
    let found = match &request.provider {
        Provider::Auto => auto(request, cache, folder, say).await.map_err(none)?,
        Provider::Url(url) => Found {
            server: external::server(url).await.map_err(one)?,
            why: format!("external: {} was named", masked(url)),
        },
        Provider::External => configured(request).await.map_err(one)?,
        Provider::Container => Found {
            server: container::server(&request.image, folder, say)
                .await
                .map_err(one)?,
            why: format!("container: {}, as was asked for", request.image),
        },
        Provider::Local => {
            let (server, bin) = local::server(cache, folder, request.in_memory)
                .await
                .map_err(one)?;
            let why = format!("local: {}, as was asked for", bin.display());
            Found { server, why }
        }
    };
    if !request.plain_owner {
        return Ok(found);
    }
    Ok(Found {
        server: found.server.into_plain_owner().await.map_err(one)?,
        why: format!("{}, as a plain owner", found.why),
    })
}

/// The external server of the settings. One that doesn't answer is an error, not a reason for another provider.
async fn configured(request: &ServerRequest) -> Result<Found, String> {
    let Some(url) = &request.url else {
        return Err(format!(
            "external: no URL; set {}",
            request.setting_names.url
        ));
    };
    Ok(Found {
        server: external::server(url).await?,
        why: format!("external: {} is configured", masked(url)),
    })
}

/// External when a URL is known, else a container, else a local cluster.
async fn auto(
    request: &ServerRequest,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, Vec<String>> {
    if request.url.is_some() {
        return configured(request).await.map_err(|reason| vec![reason]);
    }
    let mut not = vec!["external: no URL is configured".to_owned()];
    match container::server(&request.image, folder, say).await {
        Ok(server) => {
            let why = format!("container: {} ({})", request.image, not.join("; "));
            return Ok(Found { server, why });
        }
        Err(reason) => not.push(reason),
    }
    match local::server(cache, folder, request.in_memory).await {
        Ok((server, bin)) => {
            let why = format!("local: {} ({})", bin.display(), not.join("; "));
            Ok(Found { server, why })
        }
        Err(reason) => {
            not.push(reason);
            Err(not)
        }
    }
}

impl Server {
    /// Looks at what answers at `url`: version, rights, room.
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
        };
        connection.close().await?;
        Ok(server)
    }

    /// A server that we started. It has to run with the settings it was given, or is stopped.
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

    /// The same server as a role that may create databases and roles, and no more.
    async fn into_plain_owner(self) -> Result<Self, String> {
        if !self.is_throwaway() {
            return Err("--plain-owner is for servers that the suite starts; on yours, name such a role in the URL".into());
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

    /// Asserts that each setting of [`TUNING`] is in force.
    async fn assert_tuned(&self) -> Result<(), String> {
        let told = |error| database_error(&error);
        let mut connection = self.connect().await.map_err(told)?;
        for (setting, expected) in TUNING {
            let found: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(&mut connection)
                .await
                .map_err(told)?;
            if found != *expected {
                return Err(format!(
                    "the server runs with {setting} = {found} instead of {expected}"
                ));
            }
        }
        Ok(())
    }

    /// The URL of a database on this server, as the user who makes ours.
    pub fn url(&self, database: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(database);
        url
    }

    /// The URL of a database, as another role.
    pub fn url_as(&self, database: &str, role: &str, password: &str) -> Url {
        let mut url = self.url(database);
        // Neither fails: the URL has a host.
        let _ = url.set_username(role);
        let _ = url.set_password(Some(password));
        url
    }

    /// A connection to the database that the server's URL names; nothing of ours is kept there.
    pub async fn connect(&self) -> sqlx::Result<PgConnection> {
        connect(&self.url).await
    }

    /// A connection to one of its databases.
    pub async fn connect_to(&self, database: &str) -> sqlx::Result<PgConnection> {
        connect(&self.url(database)).await
    }

    /// Whether the server and everything on it goes with the run.
    pub fn is_throwaway(&self) -> bool {
        !matches!(self.origin, Origin::External)
    }

    /// Ends it, where it was us who started it.
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
            let kept: Vec<_> = url
                .query_pairs()
                .filter(|(key, _)| !key.contains("password"))
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect();
            url.set_query(None);
            if !kept.is_empty() {
                url.query_pairs_mut().extend_pairs(kept);
            }
            url.to_string()
        }
        Err(_) => "(a URL that can't be read)".to_owned(),
    }
}

/// Tries until the server answers or `limit` is over; `ended` says why it can't answer any more.
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
