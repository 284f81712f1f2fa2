//! Where a PostgreSQL server comes from: one that runs already, a container, or a throwaway cluster.

mod container;
mod external;
pub mod local;

use std::{fmt, path::Path, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _,
    postgres::PgConnectOptions,
};
use url::Url;

use crate::{
    isolation::reset::Rights,
    suite::options::{Database, Wanted},
};

/// The settings of a server that nobody will miss, each asserted with `SHOW` once it runs.
const TUNING: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("max_connections", "300"),
    ("max_prepared_transactions", "10"),
];

/// A server to make databases on.
#[derive(Debug)]
pub struct Server {
    /// Leads to a database that exists, as the user who makes ours.
    url: Url,
    /// What the user who makes our databases may do in them.
    pub rights: Rights,
    /// How many connections are free for us.
    pub connections: u32,
    /// The major version: 15, 16, ….
    pub version: u32,
    keeper: Keeper,
}

/// What has to be ended with the server.
#[derive(Debug)]
enum Keeper {
    External,
    Container(Box<container::Container>),
    Local(Box<local::Cluster>),
}

/// A server, and in one line why it is this one.
pub struct Found {
    pub server: Server,
    pub why: String,
}

/// No server can be had.
#[derive(Debug)]
pub struct NoServer(pub Vec<String>);

impl fmt::Display for NoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "No PostgreSQL can be had:")?;
        for reason in &self.0 {
            writeln!(f, "  - {reason}")?;
        }
        f.write_str(
            "Ways out, any of them:\n\
             \x20 - install PostgreSQL's programs (Debian: apt install postgresql; macOS: brew install postgresql)\n\
             \x20 - start Docker, and have the image: docker pull postgres:16-alpine,\n\
             \x20   or scripts/build-postgres-image.sh where no registry is reached, with DLC_BDD_DATABASE_IMAGE=<its name>\n\
             \x20 - name a server of yours: --database postgres://user:password@host:port/postgres\n\
             \x20 - run on SQLite: --store sqlite",
        )
    }
}

/// Finds the server that is wanted, and starts it where it has to be.
///
/// `cache` is a folder that outlives the run, `folder` one that goes with it; `say` prints a line of progress.
pub async fn find(
    wanted: &Wanted,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, NoServer> {
    let Found { server, why } = any(wanted, cache, folder, say).await?;
    if !wanted.plain_owner {
        return Ok(Found { server, why });
    }
    match server.demoted().await {
        Ok(server) => Ok(Found {
            server,
            why: format!("{why}, as a plain owner"),
        }),
        Err(reason) => Err(NoServer(vec![reason])),
    }
}

async fn any(
    wanted: &Wanted,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, NoServer> {
    let one = |reason: String| NoServer(vec![reason]);
    let found = |server: Server, why: String| Ok(Found { server, why });
    match &wanted.database {
        Database::Url(url) => found(
            external::server(url).await.map_err(one)?,
            format!("external: {} was named", masked(url)),
        ),
        Database::External => {
            let url = wanted.url.as_ref().ok_or_else(|| {
                one("external: no URL; set DLC_BDD_DATABASE_URL, or database.url in config.test.toml".into())
            })?;
            let server = external::server(url).await.map_err(one)?;
            found(server, format!("external: {} is configured", masked(url)))
        }
        Database::Container => {
            let server = container::server(&wanted.image, folder, say)
                .await
                .map_err(one)?;
            found(
                server,
                format!("container: {}, as was asked for", wanted.image),
            )
        }
        Database::Local => {
            let (server, bin) = local::server(cache, folder).await.map_err(one)?;
            found(
                server,
                format!("local: {}, as was asked for", bin.display()),
            )
        }
        Database::Auto => auto(wanted, cache, folder, say).await,
    }
}

/// External when a URL is known, else a container, else a local cluster.
async fn auto(
    wanted: &Wanted,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, NoServer> {
    if let Some(url) = &wanted.url {
        // A server that somebody configured and that doesn't answer is an error, not a reason for another one.
        let server = external::server(url)
            .await
            .map_err(|reason| NoServer(vec![reason]))?;
        let why = format!("external: {} is configured", masked(url));
        return Ok(Found { server, why });
    }
    let mut not = vec!["external: no URL is configured".to_owned()];
    match container::server(&wanted.image, folder, say).await {
        Ok(server) => {
            let why = format!("container: {} ({})", wanted.image, not.join("; "));
            return Ok(Found { server, why });
        }
        Err(reason) => not.push(reason),
    }
    match local::server(cache, folder).await {
        Ok((server, bin)) => {
            let why = format!("local: {} ({})", bin.display(), not.join("; "));
            Ok(Found { server, why })
        }
        Err(reason) => {
            not.push(reason);
            Err(NoServer(not))
        }
    }
}

impl Server {
    /// Looks at what answers at `url`: version, rights, room.
    async fn at(url: Url, keeper: Keeper) -> Result<Self, sqlx::Error> {
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
        let mut silence = superuser;
        if !superuser && version >= 15 {
            let may = "select has_parameter_privilege('session_replication_role', 'set')";
            silence = sqlx::query_scalar(may).fetch_one(&mut connection).await?;
        }
        let server = Self {
            url,
            rights: Rights { superuser, silence },
            connections: u32::try_from(row.get::<i32, _>("free")).unwrap_or(0),
            version,
            keeper,
        };
        connection.close().await?;
        Ok(server)
    }

    /// A server that we started: nobody will miss it, and it has to run as it was told; else it is stopped.
    async fn tuned(url: Url, keeper: Keeper) -> Result<Self, String> {
        let server = Self::at(url, keeper)
            .await
            .map_err(|error| error.to_string())?;
        if let Err(reason) = server.assert_tuned().await {
            server.stop().await;
            return Err(reason);
        }
        Ok(server)
    }

    /// The same server with the rights that one has on somebody else's: to make databases and roles, and no more.
    async fn demoted(self) -> Result<Self, String> {
        if !self.is_throwaway() {
            return Err("--plain-owner is for servers that the suite starts; on yours, name such a role in the URL".into());
        }
        let role =
            "create role bdd_plain_owner login createdb createrole password 'bdd_plain_owner'";
        let made = async {
            self.connect().await?.execute(role).await?;
            let url = self.url_as("postgres", "bdd_plain_owner", "bdd_plain_owner");
            connect(&url).await?.close().await?;
            Ok::<_, sqlx::Error>(url)
        };
        match made.await {
            Ok(url) => Ok(Self {
                url,
                rights: Rights {
                    superuser: false,
                    silence: false,
                },
                ..self
            }),
            Err(error) => {
                self.stop().await;
                Err(error.to_string())
            }
        }
    }

    /// Asserts that each setting of [`TUNING`] is in force.
    async fn assert_tuned(&self) -> Result<(), String> {
        let mut connection = self.connect().await.map_err(|error| error.to_string())?;
        for (setting, expected) in TUNING {
            let found: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(&mut connection)
                .await
                .map_err(|error| error.to_string())?;
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
        !matches!(self.keeper, Keeper::External)
    }

    /// Ends it, where it was us who started it.
    pub async fn stop(self) {
        match self.keeper {
            Keeper::External => {}
            Keeper::Container(container) => container.remove().await,
            Keeper::Local(cluster) => cluster.stop().await,
        }
    }
}

/// The password is nobody's business.
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

/// What the scenario's own connection is called; a reset knows by it that nobody else is there.
pub const SCENARIO: &str = "bdd_scenario";

/// How a URL is connected to by the harness: bounded, and no statement logged.
pub fn connect_options(url: &Url) -> sqlx::Result<PgConnectOptions> {
    Ok(PgConnectOptions::from_url(url)?
        .application_name("bdd_harness")
        .disable_statement_logging())
}

/// A connection of the harness; given up after 10 s.
pub async fn connect(url: &Url) -> sqlx::Result<PgConnection> {
    connect_as(url, "bdd_harness").await
}

/// The same, under another name.
pub async fn connect_as(url: &Url, name: &str) -> sqlx::Result<PgConnection> {
    let options = connect_options(url)?.application_name(name);
    tokio::time::timeout(
        Duration::from_secs(10),
        PgConnection::connect_with(&options),
    )
    .await
    .map_err(|_| sqlx::Error::PoolTimedOut)?
}

/// Tries until the server answers or `limit` is over; `ended` says when trying is pointless.
async fn until_it_answers(
    url: &Url,
    limit: Duration,
    mut ended: impl FnMut() -> Option<String>,
) -> Result<(), String> {
    let start = std::time::Instant::now();
    loop {
        let last = match connect(url).await {
            Ok(mut connection) => match connection.execute("select 1").await {
                Ok(_) => return connection.close().await.map_err(|error| error.to_string()),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if let Some(why) = ended() {
            return Err(why);
        }
        if start.elapsed() > limit {
            return Err(format!("no answer after {} s: {last}", limit.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
