//! A server can be started or used regardless of the folder, the cache, or the way its URL is written.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use bdd_harness::server::{Found, Provider, Server, ServerRequest, find, local};
use sqlx::Executor as _;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixStream};
use url::Url;

/// The folders of a run: one that outlives it, and its own.
struct Folders {
    cache: TempDir,
    run: TempDir,
}

impl Folders {
    /// `None` if PostgreSQL's programs aren't installed.
    fn new() -> Option<Self> {
        if local::programs().is_none() {
            println!("left out: PostgreSQL's programs aren't installed");
            return None;
        }
        Some(Self {
            cache: TempDir::new().expect("a folder"),
            run: open_to_all(TempDir::new().expect("a folder")),
        })
    }

    async fn find(&self, provider: Provider) -> Result<Server, String> {
        self.find_in(provider, self.run.path(), true).await
    }

    async fn find_in(
        &self,
        provider: Provider,
        run: &Path,
        in_memory: bool,
    ) -> Result<Server, String> {
        let request = ServerRequest {
            in_memory,
            ..ServerRequest::new(provider)
        };
        let found = find(&request, self.cache.path(), run, &|line| println!("{line}")).await;
        found
            .map(|Found { server, .. }| server)
            .map_err(|none| none.to_string())
    }

    /// The copy of an `initdb` folder in the cache.
    fn kept(&self) -> PathBuf {
        let entries = fs::read_dir(self.cache.path()).expect("a cache");
        let mut folders = entries.map(|entry| entry.expect("an entry").path());
        let kept = folders.next().expect("a copy");
        assert_eq!(folders.next(), None, "one copy and nothing else");
        kept
    }
}

/// Root runs PostgreSQL as another user, who needs access.
fn open_to_all(folder: TempDir) -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("our folder");
    folder
}

fn socket_folder(server: &Server) -> PathBuf {
    let url = server.url("postgres");
    let (_, folder) = url.query_pairs().next().expect("the socket's folder");
    PathBuf::from(&*folder)
}

async fn answers(server: &Server) {
    let mut connection = server.connect().await.expect("a connection");
    connection.execute("select 1").await.expect("an answer");
}

#[tokio::test]
async fn a_folder_may_have_any_name_and_any_length() {
    let Some(folders) = Folders::new() else {
        return;
    };
    let name = format!("a%20b#c?d,\"e' {}", "long ".repeat(20));
    let run = folders.run.path().join(name);
    fs::create_dir(&run).expect("a folder");
    for in_memory in [true, false] {
        let server = folders.find_in(Provider::Local, &run, in_memory).await;
        let server = server.unwrap_or_else(|reason| panic!("{reason}"));
        answers(&server).await;
        let sockets = socket_folder(&server);
        assert!(sockets.is_dir(), "{}", sockets.display());
        server.stop().await;
        assert!(!sockets.exists(), "{} was left", sockets.display());
    }
}

#[tokio::test]
async fn a_server_that_fails_to_start_is_reported_with_its_log() {
    let Some(folders) = Folders::new() else {
        return;
    };
    let server = folders.find(Provider::Local).await.expect("a server");
    server.stop().await;
    fs::write(folders.kept().join("postgresql.conf"), "polka = waltz\n").expect("the copy");
    let run = open_to_all(TempDir::new().expect("a folder"));
    let reason = folders
        .find_in(Provider::Local, run.path(), true)
        .await
        .expect_err("no such setting");
    assert!(
        reason.contains("unrecognized configuration parameter \"polka\""),
        "{reason}"
    );
}

#[tokio::test]
async fn an_unreadable_cache_is_ignored() {
    let Some(folders) = Folders::new() else {
        return;
    };
    let server = folders.find(Provider::Local).await.expect("a server");
    server.stop().await;
    // Root can read everything, except a broken link.
    symlink("nowhere", folders.kept().join("base/unreadable")).expect("a link");
    // What a killed run leaves while it is copying.
    let unfinished = folders.cache.path().join(format!(".initdb-{}", u32::MAX));
    fs::create_dir(&unfinished).expect("a folder");
    let run = open_to_all(TempDir::new().expect("a folder"));
    let server = folders.find_in(Provider::Local, run.path(), true).await;
    let server = server.unwrap_or_else(|reason| panic!("{reason}"));
    answers(&server).await;
    server.stop().await;
    assert!(!unfinished.exists(), "what a killed run left is removed");
}

#[tokio::test]
async fn a_url_may_omit_what_clients_know() {
    let Some(folders) = Folders::new() else {
        return;
    };
    let server = folders.find(Provider::Local).await.expect("a server");
    let socket = socket_folder(&server);
    let mut connection = server.connect().await.expect("a connection");
    // A client's default user name.
    let me = std::process::Command::new("id").arg("-un").output();
    let me = String::from_utf8(me.expect("a name").stdout).expect("text");
    let me = me.trim();
    let create = format!("create role \"{me}\" superuser login; create role ada superuser login");
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create)))
        .await
        .expect("roles");
    let ipv6 = forwarded("[::1]:0", &socket).await;
    let ipv4 = forwarded("127.0.0.1:0", &socket).await;
    let host = format!("host={}", socket.display());
    for (url, user) in [
        (format!("postgres:///postgres?{host}"), me),
        (format!("postgres://localhost/postgres?{host}"), me),
        (format!("postgres://ada@/postgres?{host}"), "ada"),
        (
            format!("postgres://localhost/?{host}&dbname=postgres&user=ada&password=x"),
            "ada",
        ),
        (format!("postgresql://{ipv4}/postgres?sslmode=disable"), me),
        (
            format!("postgres://ada@{ipv4}/postgres?sslmode=disable"),
            "ada",
        ),
        (
            format!("postgres://ada@{ipv6}/postgres?sslmode=disable"),
            "ada",
        ),
    ] {
        let external = folders.find(Provider::Url(url.clone())).await;
        let external = external.unwrap_or_else(|reason| panic!("{url}: {reason}"));
        assert_eq!(external.url("postgres").username(), user, "{url}");
        let as_postgres = external.url_as("template1", "postgres", "none");
        assert_eq!(
            session(&as_postgres).await,
            ["postgres", "template1"],
            "{url}"
        );
    }
    server.stop().await;
}

async fn session(url: &Url) -> [String; 2] {
    let mut connection = bdd_harness::sql::connect(url).await.expect("a connection");
    let row: (String, String) =
        sqlx::query_as("select session_user::text, current_database()::text")
            .fetch_one(&mut connection)
            .await
            .expect("an answer");
    [row.0, row.1]
}

/// A port that is connected to the server's socket.
async fn forwarded(address: &str, folder: &Path) -> String {
    let listener = TcpListener::bind(address).await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let socket = folder.join(".s.PGSQL.5432");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = UnixStream::connect(&socket).await.expect("the server");
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}
