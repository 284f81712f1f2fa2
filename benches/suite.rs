//! `cargo bench --bench suite`: what the suite costs, with the alternatives beside it on the same server.
//!
//! Prints three tables: the reset at the service's own schema and what other ways cost there; scenarios a second
//! by slots; from nothing to the first slot, by provider. Figures are wall-clock times of this machine: compare
//! the ratios.

#[path = "../tests/harness/mod.rs"]
#[allow(
    dead_code,
    reason = "the benchmark drives slots itself, so it needs a part of the harness only"
)]
mod harness;
#[path = "../tests/bdd/service.rs"]
mod service;
#[path = "../tests/bdd/steps/mod.rs"]
mod steps;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::Path,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use cucumber::{Runner as _, cli::Empty, event};
use futures::StreamExt as _;
use harness::{
    client::{Client, Request},
    failure::Failure,
    ground::{self, Ground, Isolation},
    options::{Database, Store, Target, Wanted},
    postgres,
    program::Program,
    report::Statistics,
    runner::Slots,
    slot::{Cleaned, Slot},
    template::{self, Schema, Template},
    world::World,
};
use tokio_util::sync::CancellationToken;

/// Resets that are measured; the first ones, which plan, are not.
const RESETS: usize = 500;
const WARM_UP: usize = 20;
/// How often each of the slow alternatives is done.
const CLONES: usize = 15;
/// Scenarios of a throughput run, each five requests that write and read.
const SCENARIOS: usize = 1000;

type Done = Result<(), Failure>;

fn main() -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(error.to_string()))?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(bench()))
}

async fn bench() -> Done {
    harness::logs::capture(tracing_subscriber::filter::LevelFilter::OFF);
    let folder = tempfile::tempdir().map_err(|error| Failure::new(error.to_string()))?;
    println!("From nothing to the first slot, in ms");
    println!(
        "{:<12} {:>8} {:>10} {:>8} {:>8}",
        "provider", "server", "template", "slot", "all"
    );
    let mut ground = None;
    for database in [Database::Container, Database::Local] {
        match boot(&database, folder.path()).await {
            Ok(ready) => {
                if let Some(before) = ground.replace(ready) {
                    Ground::take_down(before).await;
                }
            }
            Err(reason) => println!(
                "{:<12} not to be had: {}",
                format!("{database:?}").to_lowercase(),
                reason.message
            ),
        }
    }
    let ground = ground.ok_or("no server to measure on")?;
    resets(&ground).await?;
    throughput(&ground).await;
    Ground::take_down(ground).await;
    Ok(())
}

/// Boots a server to its first slot and tells how long each phase took.
async fn boot(database: &Database, folder: &Path) -> Result<Arc<Ground>, Failure> {
    let wanted = Wanted {
        database: database.clone(),
        url: None,
        image: std::env::var("DLC_BDD_DATABASE_IMAGE")
            .unwrap_or_else(|_| "postgres:16-alpine".into()),
        store: Store::Postgres,
        plain_owner: false,
        named: true,
    };
    let program: Arc<dyn Program> = Arc::new(service::DanceLessonsCoach);
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bdd");
    let start = Instant::now();
    let found = postgres::find(&wanted, &cache, folder, &|_| {})
        .await
        .map_err(|none| Failure::new(none.0.join("; ")))?;
    let server = start.elapsed();
    let template =
        match Template::make(found.server, &program, Schema::Program(&program), &|_| {}).await {
            Ok(template) => template,
            Err((server, failure)) => {
                server.stop().await;
                return Err(failure);
            }
        };
    let made = start.elapsed();
    let ground = Arc::new(Ground::new(
        program,
        Target::Service,
        ground::Store::Postgres(Arc::new(template)),
        settings(),
        folder.to_owned(),
        Isolation::default(),
    ));
    let slot = Slot::prepare(&ground, 1000).await?;
    let all = start.elapsed();
    println!(
        "{:<12} {:>8.0} {:>10.0} {:>8.0} {:>8.0}",
        format!("{database:?}").to_lowercase(),
        ms(server),
        ms(made.checked_sub(server).unwrap()),
        ms(all.checked_sub(made).unwrap()),
        ms(all)
    );
    slot.end().await;
    Ok(ground)
}

/// The same as in `config.test.toml`.
fn settings() -> BTreeMap<String, String> {
    [
        ("DLC_ENVIRONMENT", "test"),
        ("DLC_DATABASE_MAX_CONNS", "10"),
        ("DLC_DATABASE_MIN_CONNS", "0"),
        ("DLC_AUTH_HASH_MEMORY_KIB", "64"),
        ("DLC_AUTH_HASH_ITERATIONS", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// What a scenario does that writes to three tables: registers, logs in, greets.
async fn write(client: &mut Client, base: &str, turn: usize) -> Done {
    let send = |method: &str, path: &str, body: String| -> Result<Request, Failure> {
        Ok(Request::new(|| Ok(base.to_owned()), method, path)?.body_of("application/json", body))
    };
    let credentials =
        format!(r#"{{"username":"dancer_{turn}","password":"correct horse battery"}}"#);
    client.remove_header("Authorization");
    client
        .send(send("POST", "/api/v1/users", credentials.clone())?)
        .await?;
    client
        .send(send("POST", "/api/v1/auth/login", credentials)?)
        .await?;
    let token = client.answer()?.json()?["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    client.set_header("Authorization", &format!("Bearer {token}"))?;
    client
        .send(Request::new(
            || Ok(base.to_owned()),
            "GET",
            "/api/v1/greet",
        )?)
        .await?;
    Ok(())
}

/// Ours through a slot, then every other way, each after the same writes.
async fn resets(ground: &Arc<Ground>) -> Done {
    let ground::Store::Postgres(template) = &ground.store else {
        return Ok(());
    };
    let mut slot = Slot::prepare(ground, 1001).await?;
    let base = slot.base_url()?;
    let mut client = Client::default();
    let mut ours = Vec::new();
    for turn in 0..WARM_UP + RESETS {
        write(&mut client, &base, turn).await?;
        let returned = slot.give_back().await?;
        if let Cleaned::Anew(Some(reason)) = returned.cleaned {
            return Err(Failure::new(format!(
                "the benchmark's own writes made a clone necessary: {reason}"
            )));
        }
        if turn >= WARM_UP {
            ours.push(returned.took);
        }
    }
    let mut truncate = Vec::new();
    let tables = tables(&mut slot).await?;
    for turn in 0..50 {
        write(&mut client, &base, turn).await?;
        let connection = slot.database().await?;
        let start = Instant::now();
        connection
            .run(&format!("truncate {tables} restart identity cascade"))
            .await?;
        truncate.push(start.elapsed());
    }
    slot.end().await;
    let mut clone = Vec::new();
    let mut migrate = Vec::new();
    for turn in 0..CLONES {
        let name = template.clone_name(2000 + turn, 0);
        let start = Instant::now();
        let made = template.clone_to(&name).await?;
        template.drop_clone(&made).await?;
        clone.push(start.elapsed());
        let mut admin = template.server.connect().await?;
        let start = Instant::now();
        template::execute(
            &mut admin,
            &format!("create database {}", template::identifier(&name)),
        )
        .await?;
        template::migrate(&ground.program, &template.url(&name)).await?;
        template::execute(
            &mut admin,
            &format!("drop database {}", template::identifier(&name)),
        )
        .await?;
        migrate.push(start.elapsed());
    }
    println!("\nReset after a scenario that wrote to three tables, in ms");
    println!("{:<36} {:>8} {:>8} {:>8}", "", "median", "p99", "ratio");
    let best = median(&mut ours.clone());
    for (name, mut times) in [
        ("ours: scenario's end to slot free", ours),
        ("TRUNCATE all, RESTART IDENTITY", truncate),
        ("a clone of the template", clone),
        ("a new database, migrated anew", migrate),
    ] {
        let middle = median(&mut times);
        let worst = times[(times.len() - 1) * 99 / 100];
        println!(
            "{name:<36} {:>8.2} {:>8.2} {:>8.1}",
            ms(middle),
            ms(worst),
            middle.as_secs_f64() / best.as_secs_f64()
        );
    }
    Ok(())
}

/// The service's tables, but for the record of its migrations.
async fn tables(slot: &mut Slot) -> Result<String, Failure> {
    let sql = "select string_agg(format('%I.%I', schemaname, tablename), ', ')
                 from pg_tables
                where schemaname = 'public' and tablename <> '_sqlx_migrations'";
    let rows = slot.database().await?.run(sql).await?.rows;
    let text = rows
        .into_iter()
        .next()
        .and_then(|mut row| row.swap_remove(0))
        .map(|value| value.text);
    text.ok_or_else(|| Failure::new("the template has no tables"))
}

/// The same scenarios through the whole of the runner, by slots.
async fn throughput(ground: &Arc<Ground>) {
    println!("\n{SCENARIOS} scenarios of five requests that write and read");
    println!(
        "{:>5} {:>12} {:>10} {:>14} {:>6}",
        "slots", "scenarios/s", "failed", "plain client/s", "share"
    );
    for slots in [1, 2, 4, 8] {
        let statistics = Rc::new(RefCell::new(Statistics::default()));
        let runner = Slots {
            ground: Some(Arc::clone(ground)),
            slots,
            first_slot: 3000 + slots * 10,
            seed: 1,
            step_timeout: Duration::from_secs(30),
            fail_fast: false,
            retry: 0,
            statistics: Rc::clone(&statistics),
            interrupted: CancellationToken::new(),
        };
        let Ok(feature) = gherkin::Feature::parse(scenarios(), gherkin::GherkinEnv::default())
        else {
            return;
        };
        let start = Instant::now();
        let failed = runner
            .run(futures::stream::iter([Ok(feature)]), Empty)
            .filter(|event| {
                futures::future::ready(event.as_ref().is_ok_and(|event| has_failed(event)))
            })
            .count()
            .await;
        let speed = SCENARIOS as f64 / start.elapsed().as_secs_f64();
        match plainly(ground, slots).await {
            Ok(plain) => {
                println!(
                    "{slots:>5} {speed:>12.0} {failed:>10} {plain:>14.0} {:>6.2}",
                    plain / speed
                );
            }
            Err(failure) => println!("{slots:>5} {speed:>12.0} {failed:>10} {failure}"),
        }
    }
}

fn has_failed(event: &event::Cucumber<World>) -> bool {
    let event::Cucumber::Feature(_, event::Feature::Scenario(_, scenario)) = event else {
        return false;
    };
    matches!(
        scenario.event,
        event::Scenario::Step(_, event::Step::Failed(..))
            | event::Scenario::Hook(_, event::Hook::Failed(..))
    )
}

/// The same requests sent by a plain client to the same kind of slot, with no Gherkin and no reset.
async fn plainly(ground: &Arc<Ground>, slots: usize) -> Result<f64, Failure> {
    let mut prepared = Vec::new();
    for number in 0..slots {
        prepared.push(Slot::prepare(ground, 4000 + slots * 10 + number).await?);
    }
    let start = Instant::now();
    let clients = prepared
        .iter()
        .enumerate()
        .map(|(client, slot)| async move {
            let base = slot.base_url()?;
            let http = reqwest::Client::new();
            for turn in (client..SCENARIOS).step_by(slots) {
                requests(&http, &base, turn)
                    .await
                    .map_err(|error| Failure::new(error.to_string()))?;
            }
            Ok::<_, Failure>(())
        });
    futures::future::try_join_all(clients).await?;
    let speed = SCENARIOS as f64 / start.elapsed().as_secs_f64();
    for slot in prepared {
        slot.end().await;
    }
    Ok(speed)
}

/// The five requests of a scenario; names differ, because nothing is reset.
async fn requests(http: &reqwest::Client, base: &str, turn: usize) -> reqwest::Result<()> {
    let credentials = |name: &str| serde_json::json!({"username": format!("{name}_{turn}"), "password": "correct horse battery"});
    for name in ["ada", "grace"] {
        http.post(format!("{base}/api/v1/users"))
            .json(&credentials(name))
            .send()
            .await?
            .bytes()
            .await?;
    }
    let login = http
        .post(format!("{base}/api/v1/auth/login"))
        .json(&credentials("ada"))
        .send()
        .await?;
    let login: serde_json::Value = login.json().await?;
    let token = login["access_token"].as_str().unwrap_or_default();
    for path in ["greet", "greetings"] {
        http.get(format!("{base}/api/v1/{path}"))
            .bearer_auth(token)
            .send()
            .await?
            .bytes()
            .await?;
    }
    Ok(())
}

fn scenarios() -> String {
    let mut text = String::from("Feature: Throughput\n");
    for number in 0..SCENARIOS {
        text.push_str(&format!(
            "  Scenario: number {number}
    Given a registered user \"ada\"
    And a registered user \"grace\"
    And \"ada\" logs in
    When I send GET \"/api/v1/greet\"
    And I send GET \"/api/v1/greetings\"
    Then the response status is 200\n"
        ));
    }
    text
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
