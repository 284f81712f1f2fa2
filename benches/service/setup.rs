//! The setup of the benchmark: a throwaway database with many rows, and the built service in its own process.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::process::Command;

use crate::load::{Request, ask};
use bdd_harness::{
    failure::Failure,
    process::guardian::Guarded,
    server::{self, Provider, Server, ServerRequest},
    service::Store,
};

/// The name of the database on PostgreSQL.
pub const DATABASE: &str = "dance_lessons_coach_bench";
/// A category with few products, all of them in its children.
pub const ROOT_OF_BENCH: &str = "ffffffff-0000-0000-0000-00000000000a";
pub const CHILD_OF_BENCH: &str = "ffffffff-0000-0000-0000-000000000000";
/// How often VACUUM is repeated until all rows are marked visible.
const MOST_VACUUMS: u32 = 20;
/// How long a service may take until it is ready.
const START: Duration = Duration::from_secs(30);

const BOOTSTRAP: (&str, &str) = ("bench-admin", "not a secret, for nobody else is there");
/// The user who sends requests, as registered.
pub const DANCER: &str = r#"{"username":"dancer","password":"correct horse battery"}"#;

/// A database with its rows.
pub struct Setup {
    pub store: Store,
    pub rows: u64,
    /// The database's URL, for the service and for pgbench.
    pub url: String,
    /// `None` on SQLite.
    pub server: Option<Local>,
    /// Removed at the end of the run.
    folder: PathBuf,
}

/// A throwaway server.
pub struct Local {
    pub server: Server,
    pub log: PathBuf,
}

/// The ids and tokens that requests need.
pub struct Facts {
    pub rows: u64,
    /// The token of a client with all scopes.
    pub token: String,
    /// The token of a user.
    pub dancer: String,
    pub client_id: String,
    pub client_secret: String,
    /// A user who has created a pizza.
    pub cook: String,
}

impl Facts {
    /// The id of a seeded product; numbers start at 1.
    pub fn product(number: u64) -> String {
        format!("00000000-0000-0000-0000-{number:012}")
    }

    /// The number of a product, starting at 1. Consecutive turns get products that are far apart in the table.
    pub fn some_number(&self, turn: u64) -> u64 {
        turn * 7919 % self.rows + 1
    }

    pub fn some_product(&self, turn: u64) -> String {
        Self::product(self.some_number(turn))
    }
}

impl Setup {
    /// Starts a database, creates its tables and fills them.
    pub async fn make(
        store: Store,
        rows: u64,
        over_tcp: bool,
        folder: &Path,
    ) -> Result<Self, Failure> {
        let (url, server) = match store {
            Store::Postgres => {
                let local = local(folder, over_tcp).await?;
                let create = format!("create database {DATABASE}");
                let mut admin = local.server.connect().await?;
                admin.execute(AssertSqlSafe(create)).await?;
                let mut url = local.server.url(DATABASE);
                if over_tcp {
                    url = local.server.over_tcp(&url)?;
                }
                (url.to_string(), Some(local))
            }
            Store::Sqlite => {
                let file = folder.join("bench.db");
                (format!("sqlite:{}", file.display()), None)
            }
        };
        let setup = Self {
            store,
            rows,
            url,
            server,
            folder: folder.to_owned(),
        };
        if let Err(failure) = setup.fill().await {
            setup.end().await;
            return Err(failure);
        }
        Ok(setup)
    }

    pub async fn end(self) {
        if let Some(local) = self.server {
            local.server.stop().await;
        }
    }

    /// Fills the tables. Products get numbered ids, so that pgbench, which only has numbers, can compute them. One
    /// product in a hundred is in a child of `ROOT_OF_BENCH`.
    async fn fill(&self) -> Result<(), Failure> {
        for arguments in [
            &["migrate", "up"][..],
            &["seed", "--demo", &self.rows.to_string()],
        ] {
            let done = Command::new(env!("CARGO_BIN_EXE_dance-lessons-coach"))
                .args(arguments)
                .env_clear()
                .envs(self.environment(None))
                .output()
                .await
                .map_err(|error| Failure::new(error.to_string()))?;
            if !done.status.success() {
                let errors = String::from_utf8_lossy(&done.stderr);
                return Err(Failure::new(format!("{arguments:?}: {errors}")));
            }
        }
        let id = match self.store {
            Store::Postgres => "lpad(substr(sku, 8), 32, '0')::uuid",
            Store::Sqlite => {
                "'00000000-0000-0000-0000-' || substr('000000000000' || substr(sku, 8), -12)"
            }
        };
        let mut sql = format!(
            "update products set id = {id};
             insert into categories (id, name) values ('{ROOT_OF_BENCH}', 'Bench');\n"
        );
        for child in 0..10 {
            let id = format!("ffffffff-0000-0000-0000-00000000000{child}");
            sql.push_str(&format!(
                "insert into categories (id, name, parent_id) values ('{id}', 'Bench {child}', '{ROOT_OF_BENCH}');
                 update products set category_id = '{id}' where sku like '%{child}00';\n"
            ));
        }
        sql.push_str("create table kept as select * from products;");
        self.run(&sql).await?;
        self.put_back().await
    }

    /// Restores the original products, users and greetings, with the tables as compact as at first.
    pub async fn put_back(&self) -> Result<(), Failure> {
        let insert = "insert into products select * from kept order by sku;
             delete from users where username like 'bench%';
             insert into greet_history (user_id, message)
             select u.id, 'Hello' from users u, (select 1 from kept limit 1000) k where u.username = 'dancer'";
        match self.store {
            Store::Postgres => {
                self.run(&format!("truncate products, greet_history; {insert}"))
                    .await?;
                self.vacuum().await
            }
            Store::Sqlite => {
                let refill = format!(
                    "begin; delete from products; delete from greet_history; {insert}; commit"
                );
                self.run(&refill).await?;
                self.run("pragma wal_checkpoint(truncate)").await
            }
        }
    }

    /// Repeats VACUUM until all rows of `products` are marked visible, as in a table that has not changed for a while.
    /// Concurrent work, such as autovacuum, can keep one VACUUM from marking them.
    pub async fn vacuum(&self) -> Result<(), Failure> {
        let mut connection = self.connect().await?;
        for _ in 0..MOST_VACUUMS {
            connection.execute("vacuum analyze").await?;
            let all_visible: bool = sqlx::query_scalar(
                "select relallvisible >= relpages from pg_class where relname = 'products'",
            )
            .fetch_one(&mut connection)
            .await?;
            if all_visible {
                break;
            }
        }
        connection.close().await?;
        Ok(())
    }

    /// Runs statements as superuser.
    pub async fn run(&self, sql: &str) -> Result<(), Failure> {
        match self.store {
            Store::Postgres => {
                let mut connection = self.connect().await?;
                connection.execute(AssertSqlSafe(sql.to_owned())).await?;
                connection.close().await?;
            }
            Store::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                connection.execute(AssertSqlSafe(sql.to_owned())).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// Connects to the service's database on PostgreSQL.
    pub async fn connect(&self) -> Result<PgConnection, Failure> {
        let local = self.server.as_ref().ok_or("this isn't on PostgreSQL")?;
        Ok(local.server.connect_to(DATABASE).await?)
    }

    /// The service's default settings, except addresses, accounts and limits.
    fn environment(&self, port: Option<u16>) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("DLC_ENVIRONMENT", "test".to_owned()),
            ("DATABASE_URL", self.url.clone()),
            // Tokens of one service are valid for the next one.
            ("DLC_AUTH_SIGNING_KEY", BOOTSTRAP.1.to_owned()),
            ("DLC_LIMITS_ATTEMPTS_PER_ACCOUNT", "0".to_owned()),
            ("DLC_LIMITS_ATTEMPTS_PER_ADDRESS", "0".to_owned()),
        ];
        if let Some(port) = port {
            environment.extend([
                ("DLC_SERVER_HOST", Ipv4Addr::LOCALHOST.to_string()),
                ("DLC_SERVER_PORT", port.to_string()),
                ("BOOTSTRAP_CLIENT_ID", BOOTSTRAP.0.to_owned()),
                ("BOOTSTRAP_CLIENT_SECRET", BOOTSTRAP.1.to_owned()),
            ]);
        }
        environment
    }
}

async fn local(folder: &Path, over_tcp: bool) -> Result<Local, Failure> {
    let request = ServerRequest {
        // So that the place of its log is known.
        in_memory: false,
        tcp: over_tcp,
        ..ServerRequest::new(Provider::Local)
    };
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bdd");
    let found = server::find(&request, &cache, folder, &|_| {}).await;
    let found = found.map_err(|none| Failure::new(none.reasons.join("; ")))?;
    eprintln!("PostgreSQL {}, {}", found.server.version, found.why);
    Ok(Local {
        server: found.server,
        log: folder.join("postgres.log"),
    })
}

/// The running service.
pub struct Service {
    pub address: SocketAddr,
    process: Guarded,
}

impl Service {
    /// Starts the service. Its log is discarded, because a reader of the log would need the processors too.
    pub async fn start(setup: &Setup) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::new(error.to_string());
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|free| free.local_addr())
            .map_err(failed)?
            .port();
        let complaints = setup.folder.join("service.log");
        let stderr = File::create(&complaints).map_err(failed)?;
        let command = [env!("CARGO_BIN_EXE_dance-lessons-coach")];
        let process = Guarded::start(&command, "KILL", None, |shell| {
            shell
                .env_clear()
                .envs(setup.environment(Some(port)))
                .stdout(Stdio::null())
                .stderr(stderr);
        });
        let service = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            process: process.map_err(failed)?,
        };
        let ready = Request::new("GET", "/api/ready", None, 200);
        let began = Instant::now();
        while let Err(failure) = ask(service.address, &ready).await {
            if began.elapsed() > START {
                service.end().await;
                let errors = fs::read_to_string(&complaints).unwrap_or_default();
                return Err(Failure::new(format!(
                    "the service didn't start: {failure}\n{errors}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(service)
    }

    pub async fn end(self) {
        let _ = self.process.end().await;
    }

    /// Creates the client and the user that send requests, and reads the ids that requests need.
    pub async fn facts(&self, rows: u64) -> Result<Facts, Failure> {
        let admin = self.token(BOOTSTRAP.0, BOOTSTRAP.1).await?;
        let client = Request::new("POST", "/api/v1/oauth/clients", Some(&admin), 201)
            .with_json(r#"{"name":"bench","scopes":["read","write","provision","admin"]}"#);
        let client = self.json(&client).await?;
        let (client_id, client_secret) =
            (text(&client, "/client_id"), text(&client, "/client_secret"));
        let token = self.token(&client_id, &client_secret).await?;
        let register = Request::new("POST", "/api/v1/users", None, 201).with_json(DANCER);
        // An earlier service may have created the user already.
        let _ = self.json(&register).await;
        let login = Request::new("POST", "/api/v1/auth/login", None, 200).with_json(DANCER);
        let dancer = text(&self.json(&login).await?, "/access_token");
        let pizzas = Request::new("GET", "/api/v1/pizzas?limit=1", None, 200);
        let cook = text(&self.json(&pizzas).await?, "/data/0/created_by");
        Ok(Facts {
            rows,
            token,
            dancer,
            client_id,
            client_secret,
            cook,
        })
    }

    async fn token(&self, id: &str, secret: &str) -> Result<String, Failure> {
        let form: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", id)
            .append_pair("client_secret", secret)
            .finish();
        let request = Request::new("POST", "/api/v1/oauth/token", None, 200)
            .with_body("application/x-www-form-urlencoded", &form);
        Ok(text(&self.json(&request).await?, "/access_token"))
    }

    pub async fn json(&self, request: &Request) -> Result<Value, Failure> {
        let body = ask(self.address, request).await?;
        serde_json::from_str(&body).map_err(|error| Failure::new(format!("{error}: {body}")))
    }
}

fn text(json: &Value, path: &str) -> String {
    let found = json.pointer(path).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}
