//! Scenarios a second, by slots; and what a plain client does with the same requests.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use cucumber::{Runner as _, cli::Empty, event};
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;

use bdd_harness::{failure::Failure, report::Statistics, runner::Slots, slot::{factory::Ground, Slot}, world::World};

/// Scenarios of a run, each five requests that write and read.
const SCENARIOS: usize = 1000;

/// The same scenarios through the whole of the runner, by slots.
pub async fn throughput(ground: &Arc<Ground>) {
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
