//! `cargo bench -p bdd-harness --bench suite`: the start of a run and its scenarios per second, with the service of
//! `examples/notes`.
//!
//! This program starts itself as the suite, with features that it writes, and reads how long each part took.

use std::{
    cell::RefCell,
    fmt::Write as _,
    path::Path,
    process::{Command, ExitCode},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bdd_harness::{
    BoxError, Outcome, Service, Start, Suite, World, given,
    http::{Client, Request},
};

/// The file for the results. It is set if this program runs as the suite.
const RESULTS: &str = "BDD_BENCH_RESULTS";
/// Set if the service should need a second of CPU to start.
const SLOW: &str = "BDD_BENCH_SLOW_START";
const SCENARIOS: usize = 1000;

const FIVE_REQUESTS: &str = r#"
    When I send POST "/notes" with JSON:
      """
      {"text": "one"}
      """
    Then the response status is 201
    When I send GET "/notes/1"
    Then the response JSON at "$.text" is "one"
    When I send POST "/notes" with JSON:
      """
      {"text": "two"}
      """
    And I send GET "/notes/2"
    And I send GET "/notes"
    Then the response JSON contains:
      """
      [{"text": "one"}, {"text": "two"}]
      """
"#;

struct Notes;

impl Service for Notes {
    async fn serve(&self, start: Start) -> Result<(), BoxError> {
        if std::env::var_os(SLOW).is_some() {
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_secs(1) {
                std::hint::spin_loop();
            }
        }
        let database = sqlx::PgPool::connect(start.database_url()).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        start.listening(listener.local_addr()?);
        Ok(axum::serve(listener, notes::app(database))
            .with_graceful_shutdown(start.stopped())
            .await?)
    }
}

#[given(expr = "nothing")]
fn nothing(_world: &mut World) {}

/// Sends the requests of [`FIVE_REQUESTS`], without Gherkin, checks and reset.
#[given(expr = "a plain client sends them {int} times")]
async fn plain_client(world: &mut World, times: usize) -> Outcome {
    let base = world.slot.base_url()?;
    let request = |method: &str, path: &str| Request::new(|| Ok(base.clone()), method, path);
    let mut client = Client::default();
    for _ in 0..times {
        for text in [r#"{"text": "one"}"#, r#"{"text": "two"}"#] {
            let post = request("POST", "/notes")?.body_of("application/json", text);
            client.send(post).await?;
            client.send(request("GET", "/notes/1")?).await?;
        }
        client.send(request("GET", "/notes/1")?).await?;
    }
    Ok(())
}

/// The measurements of a run.
struct Run {
    /// From the start of the process to the start of the first scenario.
    boot: Duration,
    /// From there to the end of the last scenario.
    scenarios: Duration,
    /// From the start to the end of the process.
    all: Duration,
    /// The maximum memory of the process, in MB.
    memory: f64,
}

thread_local! {
    static STARTED: RefCell<Option<SystemTime>> = const { RefCell::new(None) };
    static ENDED: RefCell<Option<SystemTime>> = const { RefCell::new(None) };
}

fn main() -> Result<ExitCode, BoxError> {
    match std::env::var_os(RESULTS) {
        Some(file) => as_suite(Path::new(&file)),
        None => bench().map(|()| ExitCode::SUCCESS),
    }
}

fn as_suite(results: &Path) -> Result<ExitCode, BoxError> {
    let code = Suite::new(std::env::current_dir()?)
        .migrations(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/examples/notes/migrations"
        ))
        .service(Notes)
        .database("bdd_bench")
        .before("", async |_| {
            STARTED.with_borrow_mut(|started| {
                started.get_or_insert_with(SystemTime::now);
            });
            Ok(())
        })
        .after("", async |_| {
            ENDED.set(Some(SystemTime::now()));
            Ok(())
        })
        .main();
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = memory.and_then(|line| line.split_whitespace().next());
    let mut text = format!("{}\n", kilobytes.unwrap_or("0"));
    for moment in [STARTED.take(), ENDED.take()].into_iter().flatten() {
        writeln!(text, "{}", moment.duration_since(UNIX_EPOCH)?.as_nanos())?;
    }
    std::fs::write(results, text)?;
    Ok(code)
}

/// Runs the suite with this feature and these arguments.
fn run(feature: &str, arguments: &[&str], slow: bool) -> Result<Run, BoxError> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("bench.feature"), feature)?;
    let results = folder.path().join("results");
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(arguments)
        .env(RESULTS, &results)
        .current_dir(folder.path());
    if slow {
        command.env(SLOW, "1");
    }
    let begin = SystemTime::now();
    let start = Instant::now();
    let output = command.output()?;
    let all = start.elapsed();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let why = errors.lines().last().unwrap_or("it failed").to_owned();
        return Err(why.into());
    }
    let numbers = std::fs::read_to_string(results)?;
    let mut numbers = numbers.lines();
    let memory: f64 = numbers.next().unwrap_or_default().parse()?;
    let mut moment = || -> Result<Duration, BoxError> {
        let nanoseconds = numbers.next().ok_or("no scenario ran")?.parse()?;
        Ok(Duration::from_nanos(nanoseconds))
    };
    let (started, ended) = (moment()?, moment()?);
    Ok(Run {
        boot: started.saturating_sub(begin.duration_since(UNIX_EPOCH)?),
        scenarios: ended.saturating_sub(started),
        all,
        memory: memory / 1024.0,
    })
}

fn feature(count: usize, steps: &str) -> String {
    let mut text = "Feature: Bench\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "  Scenario: number {number}\n{steps}");
    }
    text
}

fn bench() -> Result<(), BoxError> {
    starts();
    println!("\n{SCENARIOS} scenarios of five requests\n");
    println!(
        "| slots | scenarios per second | the same requests by a plain client, s | suite, s | ratio |"
    );
    println!("|---|---|---|---|---|");
    let scenarios = feature(SCENARIOS, FIVE_REQUESTS);
    for slots in [1, 2, 4, 8] {
        let number = slots.to_string();
        let arguments = ["--slots", &number];
        let ours = run(&scenarios, &arguments, false)?.scenarios.as_secs_f64();
        let times = SCENARIOS / slots;
        let plain = feature(
            slots,
            &format!("Given a plain client sends them {times} times"),
        );
        let plain = run(&plain, &arguments, false)?.scenarios.as_secs_f64();
        let rate = SCENARIOS as f64 / ours;
        println!(
            "| {slots} | {rate:.0} | {plain:.2} | {ours:.2} | {:.2} |",
            ours / plain
        );
    }
    println!("\nScenarios per second with the start of the run\n");
    println!(
        "| slots | 1000, the service starts at once | 200, it takes a second of CPU to start |"
    );
    println!("|---|---|---|");
    let few = feature(200, FIVE_REQUESTS);
    let rate = |run: &Run, count: f64| count / run.all.as_secs_f64();
    for slots in ["1", "2", "4", "8", ""] {
        let arguments: &[&str] = if slots.is_empty() {
            &[]
        } else {
            &["--slots", slots]
        };
        let quick = rate(&run(&scenarios, arguments, false)?, 1000.0);
        let slow = rate(&run(&few, arguments, true)?, 200.0);
        let slots = if slots.is_empty() { "default" } else { slots };
        println!("| {slots} | {quick:.0} | {slow:.0} |");
    }
    println!("\nMore scenarios\n\n| scenarios | s | memory, MB |\n|---|---|---|");
    for count in [SCENARIOS, 5 * SCENARIOS] {
        let run = run(&feature(count, FIVE_REQUESTS), &[], false)?;
        println!(
            "| {count} | {:.2} | {:.0} |",
            run.scenarios.as_secs_f64(),
            run.memory
        );
    }
    Ok(())
}

/// Measures the time from the start of the process to the first scenario, by provider. A provider's first run fills its
/// cache.
fn starts() {
    println!("From the start of the process to the first scenario, ms\n");
    println!("| database | 1 slot | 4 slots |\n|---|---|---|");
    let one = feature(1, "Given nothing");
    for database in ["local", "container"] {
        let times = ["1", "1", "4"].map(|slots| {
            let run = run(&one, &["--database", database, "--slots", slots], false);
            run.map(|run| run.boot.as_secs_f64() * 1000.0)
        });
        match times {
            [_, Ok(one), Ok(four)] => println!("| {database} | {one:.0} | {four:.0} |"),
            [Err(why), ..] | [_, Err(why), _] | [.., Err(why)] => {
                println!("| {database} | not available: {why} | |");
            }
        }
    }
}
