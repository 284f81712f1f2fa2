//! The address of a slot's database, in the formats that programs read.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::{failure::Failure, sql::retain_parameters};

/// The URL of a database for one role: over the server's socket or the network, and over the network only.
#[derive(Clone, Debug)]
pub struct DatabaseAddress {
    url: Url,
    tcp: Result<Url, String>,
}

impl DatabaseAddress {
    /// `tcp` is the same database over TCP, or the reason why TCP doesn't work.
    pub fn new(url: Url, tcp: Result<Url, String>) -> Self {
        Self { url, tcp }
    }

    /// The URL for clients of libpq. SQLAlchemy accepts no other scheme.
    ///
    /// Some drivers read the host before the path, others the socket in the query. Both lead to the same server.
    pub fn url(&self) -> String {
        let socket = self.socket();
        match (socket, &self.tcp) {
            (Some(folder), Ok(tcp)) => {
                let mut url = tcp.clone();
                url.query_pairs_mut().append_pair("host", &folder);
                with_slashes(&with_scheme(&url, "postgresql"))
            }
            _ => with_slashes(&with_scheme(&self.url, "postgresql")),
        }
    }

    /// The folder of the server's socket, if the URL uses it.
    fn socket(&self) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        let (_, folder) = pairs.find(|(key, value)| key == "host" && value.starts_with('/'))?;
        Some(folder.into_owned())
    }

    fn tcp(&self) -> Result<&Url, Failure> {
        self.tcp
            .as_ref()
            .map_err(|reason| Failure::new(reason.as_str()))
    }

    /// The value of a placeholder: `url`, `url:jdbc`, `host`, …; `None` if there is no such placeholder.
    pub fn value(&self, name: &str) -> Option<Result<String, Failure>> {
        let of_tcp = |value: fn(&Url) -> String| Some(self.tcp().map(value));
        match name {
            "url" | "url:sqlalchemy" => Some(Ok(self.url())),
            "url:tcp" => of_tcp(|url| with_scheme(url, "postgresql")),
            "url:jdbc" => of_tcp(jdbc),
            "host" => of_tcp(|url| url.host_str().unwrap_or_default().to_owned()),
            "dbport" => of_tcp(|url| url.port().unwrap_or(5432).to_string()),
            "user" => Some(Ok(decoded(self.url.username()))),
            "password" => Some(Ok(self.password())),
            "dbname" => Some(Ok(decoded(self.url.path().trim_start_matches('/')))),
            _ => {
                let driver = name.strip_prefix("url:sqlalchemy+")?;
                let scheme = format!("postgresql+{driver}");
                // These use libpq, so they can use the socket. That saves the check of the password, about 5 ms a connection.
                if driver.starts_with("psycopg") {
                    return Some(Ok(self.url().replacen("postgresql", &scheme, 1)));
                }
                Some(
                    self.tcp()
                        .map(|url| with_scheme(&without_query(url), &scheme)),
                )
            }
        }
    }

    /// The variables that PostgreSQL's own programs read.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let host = self.url.query_pairs().find(|(key, _)| key == "host");
        let host = match host {
            Some((_, host)) => host.into_owned(),
            None => self.url.host_str().unwrap_or_default().to_owned(),
        };
        let mut variables = vec![
            ("PGHOST", host),
            ("PGPORT", self.url.port().unwrap_or(5432).to_string()),
            ("PGUSER", decoded(self.url.username())),
            (
                "PGDATABASE",
                decoded(self.url.path().trim_start_matches('/')),
            ),
        ];
        if self.url.password().is_some() {
            variables.push(("PGPASSWORD", self.password()));
        }
        variables
    }

    fn password(&self) -> String {
        // The owner of a local cluster has a password only over TCP.
        let tcp = self.tcp.as_ref().ok().and_then(Url::password);
        decoded(self.url.password().or(tcp).unwrap_or_default())
    }
}

/// A URL with another scheme. The URL library refuses to change the scheme of an unknown one.
fn with_scheme(url: &Url, scheme: &str) -> String {
    match url.as_str().split_once(':') {
        Some((_, rest)) => format!("{scheme}:{rest}"),
        None => url.to_string(),
    }
}

/// With plain slashes in the socket's folder. Alembic, like Python's configparser, refuses a `%`.
fn with_slashes(url: &str) -> String {
    match url.split_once('?') {
        Some((address, query)) => format!("{address}?{}", query.replace("%2F", "/")),
        None => url.to_owned(),
    }
}

/// Without parameters that only libpq knows, if removing them changes nothing.
fn without_query(url: &Url) -> Url {
    let mut plain = url.clone();
    retain_parameters(&mut plain, |key, value| {
        (key, value) != ("sslmode", "disable")
    });
    plain
}

/// `jdbc:postgresql://host:port/database?user=…&password=…`
fn jdbc(url: &Url) -> String {
    let mut plain = url.clone();
    let (user, password) = (decoded(url.username()), url.password().map(decoded));
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    let mut query = plain.query_pairs_mut();
    query.append_pair("user", &user);
    if let Some(password) = password {
        query.append_pair("password", &password);
    }
    drop(query);
    format!("jdbc:{}", with_scheme(&plain, "postgresql"))
}

/// A part of a URL, decoded.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}
