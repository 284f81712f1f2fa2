//! A database for a test without Gherkin: migrated, empty, and private to the test.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{LazyLock, mpsc},
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use serde_json::Value;

use crate::{
    failure::Failure,
    http::{Client, Request},
    pool::VARIABLE,
    service::{Migrations, Store},
    suite::Suite,
};

/// A lease may wait for other tests, and a reset for a new clone on a busy machine.
const PATIENCE: Duration = Duration::from_mins(10);

/// The pools of this process, by the folder of their migrations.
static OWN: LazyLock<Mutex<HashMap<PathBuf, String>>> = LazyLock::new(Mutex::default);

/// A database for one test. It is reset and given back when this value is dropped.
///
/// ```no_run
/// # async fn test() -> Result<(), bdd_harness::BoxError> {
/// let database = bdd_harness::TestDatabase::lease("migrations").await?;
/// let pool = sqlx::PgPool::connect(database.url()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    pool: String,
    slot: u64,
    lease: String,
    url: String,
    owner_url: String,
}

impl TestDatabase {
    /// Leases a database with the schema of these migrations. Waits while all are leased.
    ///
    /// Under `bdd pool N -- COMMAND` it comes from that pool, with the pool's schema. Otherwise the first call in this
    /// process starts a server and a pool. That is worth it if many tests share a process.
    pub async fn lease(migrations: impl Into<Migrations>) -> Result<Self, Failure> {
        let pool = match std::env::var(VARIABLE) {
            Ok(url) => url,
            Err(_) => own_pool(migrations.into())?,
        };
        let path = format!("/lease?pid={}", std::process::id());
        let answer = ask(&pool, "POST", &path).await?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            slot: answer["slot"].as_u64().unwrap_or_default(),
            lease: text("lease"),
            url: text("database_url"),
            owner_url: text("owner_url"),
            pool,
        })
    }

    /// The URL for a role that reads and writes rows, like the service.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL for the owner, who may also change the schema.
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// Resets the database in the middle of a test.
    pub async fn reset(&self) -> Result<(), Failure> {
        let path = format!("/slots/{}/reset?lease={}", self.slot, self.lease);
        ask(&self.pool, "POST", &path).await.map(|_| ())
    }

    /// Resets the database and gives it back. Returns errors that dropping can't return.
    pub async fn release(mut self) -> Result<(), Failure> {
        let lease = std::mem::take(&mut self.lease);
        release(&self.pool, self.slot, &lease).await
    }
}

impl Drop for TestDatabase {
    /// Waits for the reset on its own thread, because the test's runtime may be ending.
    fn drop(&mut self) {
        let (pool, slot, lease) = (
            self.pool.clone(),
            self.slot,
            std::mem::take(&mut self.lease),
        );
        if lease.is_empty() {
            return;
        }
        let giving = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(release(&pool, slot, &lease))
        });
        if let Ok(Err(failure)) = giving.join() {
            crate::output::complain(format_args!("the database wasn't given back: {failure}"));
        }
    }
}

async fn release(pool: &str, slot: u64, lease: &str) -> Result<(), Failure> {
    ask(pool, "DELETE", &format!("/slots/{slot}?lease={lease}"))
        .await
        .map(|_| ())
}

/// The answer's JSON; null if it has none.
async fn ask(pool: &str, method: &str, path: &str) -> Result<Value, Failure> {
    let mut client = Client::default();
    let request = Request::new(|| Ok(pool.to_owned()), method, path)?;
    client.send_within(request, PATIENCE).await?;
    let answer = client.answer()?;
    let text = answer.text();
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    if (200..300).contains(&answer.status) {
        return Ok(json);
    }
    let why = json["error"].as_str().unwrap_or(&text);
    Err(Failure::new(format!("the pool at {pool}: {why}")))
}

/// The address of this process's own pool for these migrations.
fn own_pool(migrations: Migrations) -> Result<String, Failure> {
    let folder = migrations.path(Store::Postgres);
    let mut own = OWN.lock();
    if let Some(url) = own.get(&folder) {
        return Ok(url.clone());
    }
    let (sender, started) = mpsc::channel();
    // The thread lives as long as the process; guardians clean up after that.
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return sender.send(Err(Failure::new(error.to_string()))),
        };
        runtime.block_on(async {
            let slots = thread::available_parallelism().map_or(2, usize::from);
            let slots = u16::try_from(slots).unwrap_or(u16::MAX);
            let suite = Suite::new("features").migrations(migrations);
            match suite.own_pool(slots).await {
                Ok(pool) => {
                    let sent = sender.send(Ok(pool.pool.url()));
                    std::future::pending::<()>().await;
                    pool.end().await;
                    sent
                }
                Err(failure) => sender.send(Err(failure)),
            }
        })
    });
    let url = started
        .recv()
        .map_err(|_| Failure::new("the pool's thread has ended"))??;
    own.insert(folder, url.clone());
    Ok(url)
}
