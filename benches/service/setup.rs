//! What is measured on: a throwaway database with many rows, and the built service in a process of its own.

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

/// Lives on [`Setup`]s of PostgreSQL.
pub const DATABASE: &str = "dance_lessons_coach_bench";
/// A category of few products, all of them below it.
pub const ROOT_OF_BENCH: &str = "ffffffff-0000-0000-0000-00000000000a";
pub const CHILD_OF_BENCH: &str = "ffffffff-0000-0000-0000-000000000000";
/// How often it is tried to make everything visible.
const MOST_VACUUMS: u32 = 20;
/// How long a service may take to answer that it is ready.
const START: Duration = Duration::from_secs(30);

const BOOTSTRAP: (&str, &str) = ("bench-admin", "not a secret, for nobody else is there");
const DANCER: &str = r#"{"username":"dancer","password":"correct horse battery"}"#;

/// A database with its rows.
pub struct Setup {
    pub store: Store,
    pub rows: u64,
    /// Of the database, for the service.
    url: String,
    /// None on SQLite.
    pub server: Option<Local>,
    /// Goes with the run.
    folder: PathBuf,
}

/// A server of our own.
pub struct Local {
    pub server: Server,
    /// Where its socket and its log are.
    pub folder: PathBuf,
}

/// What requests are made of.
pub struct Facts {
    pub rows: u64,
    /// A client's, good for everything.
    pub token: String,
    /// A person's.
    pub dancer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Somebody who has made a pizza.
    pub cook: String,
}

impl Facts {
    /// The id of a product that was seeded; they count from 1.
    pub fn product(number: u64) -> String {
        format!("00000000-0000-0000-0000-{number:012}")
    }

    /// A number of a product; neighbours in time aren't neighbours in the table. The first is 1.
    pub fn some_number(&self, turn: u64) -> u64 {
        turn * 7919 % self.rows + 1
    }

    pub fn some_product(&self, turn: u64) -> String {
        Self::product(self.some_number(turn))
    }
}

impl Setup {
    /// Starts a database, makes its tables and fills them.
    pub async fn make(store: Store, rows: u64, folder: &Path) -> Result<Self, Failure> {
        let (url, server) = match store {
            Store::Postgres => {
                let local = local(folder).await?;
                let create = format!("create database {DATABASE}");
                let mut admin = local.server.connect().await?;
                admin.execute(AssertSqlSafe(create)).await?;
                (local.server.url(DATABASE).to_string(), Some(local))
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

    /// Products get ids that count, so that pgbench, which knows numbers only, can make them; one in a hundred hangs
    /// below a category of its own.
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
                let said = String::from_utf8_lossy(&done.stderr);
                return Err(Failure::new(format!("{arguments:?}: {said}")));
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

    /// Products are again what they were, and as if they had always been so.
    pub async fn put_back(&self) -> Result<(), Failure> {
        let insert = "insert into products select * from kept order by sku";
        match self.store {
            Store::Postgres => {
                self.run(&format!("truncate products; {insert}")).await?;
                self.vacuum().await
            }
            Store::Sqlite => {
                let anew = format!("begin; delete from products; {insert}; commit");
                self.run(&anew).await?;
                self.run("pragma wal_checkpoint(truncate)").await
            }
        }
    }

    /// Until all of the products are known to be visible to everybody, as they are in a table that has been there for
    /// a while: whoever works beside it, such as autovacuum, keeps some of them from it.
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

    /// Runs statements as somebody who may do everything.
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

    /// To the database that the service has, on PostgreSQL.
    pub async fn connect(&self) -> Result<PgConnection, Failure> {
        let local = self.server.as_ref().ok_or("this isn't on PostgreSQL")?;
        Ok(local.server.connect_to(DATABASE).await?)
    }

    /// As the service comes out of the box, but for what says where it is and what it may be asked.
    fn environment(&self, port: Option<u16>) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("DLC_ENVIRONMENT", "test".to_owned()),
            ("DATABASE_URL", self.url.clone()),
            // Tokens of one service are good for the next one.
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

async fn local(folder: &Path) -> Result<Local, Failure> {
    let request = ServerRequest::new(Provider::Local);
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bdd");
    let found = server::find(&request, &cache, folder, &|_| {}).await;
    let found = found.map_err(|none| Failure::new(none.reasons.join("; ")))?;
    eprintln!("PostgreSQL {}, {}", found.server.version, found.why);
    Ok(Local {
        server: found.server,
        folder: folder.join("postgres"),
    })
}

/// The built service, serving.
pub struct Service {
    pub address: SocketAddr,
    process: Guarded,
}

impl Service {
    /// Starts it; its log goes where logs cost least, because whoever reads it needs the processors too.
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
                let said = fs::read_to_string(&complaints).unwrap_or_default();
                return Err(Failure::new(format!(
                    "the service didn't start: {failure}\n{said}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(service)
    }

    pub async fn end(self) {
        let _ = self.process.end().await;
    }

    /// Makes whom requests are made by, and learns what they are made of.
    pub async fn facts(&self, rows: u64) -> Result<Facts, Failure> {
        let admin = self.token(BOOTSTRAP.0, BOOTSTRAP.1).await?;
        let client = Request::new("POST", "/api/v1/oauth/clients", Some(&admin), 201)
            .with_json(r#"{"name":"bench","scopes":["read","write","provision","admin"]}"#);
        let client = self.json(&client).await?;
        let (client_id, client_secret) =
            (text(&client, "/client_id"), text(&client, "/client_secret"));
        let token = self.token(&client_id, &client_secret).await?;
        let register = Request::new("POST", "/api/v1/users", None, 201).with_json(DANCER);
        // A service that ran before has made the person already.
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
