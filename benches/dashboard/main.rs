//! `cargo bench --bench dashboard`: the dashboard in a real Chromium, with few updates and with thousands, in one run.
//!
//! Figures are wall-clock times of this machine, which browser, service and database share: compare the columns.

#[allow(dead_code)]
#[path = "../service/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "../service/measured.rs"]
mod measured;
#[path = "../service/run.rs"]
mod run;
#[allow(dead_code)]
#[path = "../service/setup.rs"]
mod setup;

use std::{path::Path, process::ExitCode, time::Instant};

use bdd_harness::{
    browser::{self, Browser, BrowserSettings, Page},
    failure::Failure,
    service::Store,
};
use clap::Parser;
use load::{Request, ask};
use setup::{Service, Setup};

/// The dashboard in a real Chromium, with few updates and with thousands, in one run.
///
/// Median times in ms, from a click to the first paint of the page that it opens.
#[derive(Debug, Parser)]
#[command(name = "dashboard", max_term_width = 110)]
struct Options {
    /// Which store
    #[arg(long, value_enum, default_value = "postgres")]
    store: Store,

    /// How many updates there are
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "50,500,5000"
    )]
    updates: Vec<usize>,

    /// How often each is measured
    #[arg(long, value_name = "N", default_value_t = 11)]
    rounds: usize,

    /// Cargo passes this flag to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// Products that the setup makes; the dashboard shows none of them.
const PRODUCTS: u64 = 1000;
const TAGS: usize = 12;
const HOSTS: usize = 40;
const PASSWORD: &str = "correct horse battery";

/// What is measured; times are in ms.
const MEASURED: [&str; 7] = [
    "size of the page, kB",
    "elements of the page",
    "response of the service",
    "opened, until the first paint",
    "searched, until the first paint",
    "acknowledged, until the first paint",
    "changed by somebody else, until it is shown",
];

fn main() -> ExitCode {
    let options = Options::parse();
    // Each round acknowledges two of them.
    if options
        .updates
        .iter()
        .any(|count| *count < options.rounds * 2)
    {
        eprintln!("--updates must be at least twice --rounds");
        return ExitCode::from(2);
    }
    run::run(async |folder| {
        tokio::select! {
            done = on(&options, folder) => done.map(|()| true),
            _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    })
}

async fn on(options: &Options, folder: &Path) -> Result<(), Failure> {
    let executable = browser::find(None).map_err(Failure::new)?;
    let settings = BrowserSettings {
        executable: Some(executable.ok_or_else(browser::looked_for)?),
        ..BrowserSettings::default()
    };
    let setup = Setup::make(options.store, PRODUCTS, false, folder).await?;
    let browser = Browser::new(settings);
    let measured = async {
        let service = Service::start(&setup).await?;
        let columns = columns(options, &setup, &service, &browser, folder).await;
        service.end().await;
        columns
    };
    let measured = measured.await;
    browser.end().await;
    setup.end().await;
    print(options, &measured?);
    Ok(())
}

async fn columns(
    options: &Options,
    setup: &Setup,
    service: &Service,
    browser: &Browser,
    folder: &Path,
) -> Result<Vec<Vec<f64>>, Failure> {
    let facts = service.facts(PRODUCTS).await?;
    setup
        .run("update users set role = 'admin' where username = 'dancer'; delete from sessions;")
        .await?;
    let base = format!("http://{}", service.address);
    let mut columns = Vec::new();
    for &count in &options.updates {
        setup.run(&updates(count)).await?;
        if setup.store == Store::Postgres {
            setup.run("analyze image_updates").await?;
        }
        let mut page = browser.page(folder).await?;
        page.open(&format!("{base}/login")).await?;
        page.fill("Username or email", "dancer", None).await?;
        page.fill("Password", PASSWORD, None).await?;
        page.click("Log in", None).await?;
        let mut visit = Visit {
            page,
            base: &base,
            token: &facts.token,
            service,
            count,
        };
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            rounds.push(visit.round(round).await?);
        }
        visit.page.close().await;
        columns.push(medians(&rounds));
        eprintln!("{count} updates: done");
    }
    Ok(columns)
}

/// The SQL that inserts this number of updates on several hosts. One in 13 has no tag.
fn updates(count: usize) -> String {
    let tag = |number: usize| format!("00000000-0000-7000-8000-{number:012}");
    let mut sql = "delete from image_updates; delete from tags;".to_owned();
    for number in 0..TAGS {
        let id = tag(number);
        sql.push_str(&format!(
            "insert into tags (id, name) values ('{id}', 'tag {number}');"
        ));
    }
    let rows: Vec<_> = (0..count)
        .map(|number| {
            let host = number % HOSTS;
            let id = match number % (TAGS + 1) {
                TAGS => "null".to_owned(),
                number => format!("'{}'", tag(number)),
            };
            let image = image(number);
            format!("('{image}', 'host-{host}', 'update', {id})")
        })
        .collect();
    sql.push_str(&format!(
        "insert into image_updates (image, hostname, status, tag_id) values {};",
        rows.join(", ")
    ));
    sql
}

fn image(number: usize) -> String {
    format!("registry.example/team/image-{number}:1.{number}")
}

/// A visitor of the dashboard.
struct Visit<'a> {
    page: Page,
    base: &'a str,
    token: &'a str,
    service: &'a Service,
    /// The number of updates.
    count: usize,
}

impl Visit<'_> {
    /// One time for each of [`MEASURED`].
    async fn round(&mut self, round: usize) -> Result<Vec<f64>, Failure> {
        self.page.open(&format!("{}/", self.base)).await?;
        let size = self.number("navigation().decodedBodySize / 1000").await?;
        let elements = self.number("document.querySelectorAll('*').length").await?;
        let answer = self.number("navigation().responseEnd").await?;
        let opened = self.number("await painted()").await?;
        let changed = self.changed_by_another(round).await?;
        self.remember_clicks().await?;
        self.page
            .fill("Search", &format!("image-{round}:"), None)
            .await?;
        self.page.click("Filter", None).await?;
        let searched = self.since_click().await?;
        self.remember_clicks().await?;
        let button = format!("Acknowledge {}", image(round));
        self.page.click(&button, None).await?;
        let acknowledged = self.since_click().await?;
        Ok(vec![
            size,
            elements,
            answer,
            opened,
            searched,
            acknowledged,
            changed,
        ])
    }

    async fn number(&self, expression: &str) -> Result<f64, Failure> {
        const HELPERS: &str = "
            const navigation = () => performance.getEntriesByType('navigation')[0];
            const painted = async () => {
                for (;;) {
                    const paint = performance.getEntriesByName('first-contentful-paint')[0];
                    if (paint) return paint.startTime;
                    await new Promise(requestAnimationFrame);
                }
            };";
        let asked = format!("(async () => {{ {HELPERS} return {expression}; }})()");
        let answer = self.page.evaluate(&asked).await?;
        let why = || Failure::new(format!("`{expression}` is {answer}"));
        answer.as_f64().ok_or_else(why)
    }

    async fn remember_clicks(&self) -> Result<(), Failure> {
        let listen = "addEventListener('click', event => sessionStorage.clicked = performance.timeOrigin + event.timeStamp, true)";
        self.page.evaluate(listen).await?;
        Ok(())
    }

    /// The time from the click to the first paint of the page that it opened.
    async fn since_click(&self) -> Result<f64, Failure> {
        let since = "await painted() + performance.timeOrigin - Number(sessionStorage.clicked)";
        self.number(since).await
    }

    /// The time from a request to the API until the list on the open page has changed.
    async fn changed_by_another(&self, round: usize) -> Result<f64, Failure> {
        let number = self.count - 1 - round;
        let search = format!("/api/v1/image-updates?q=image-{number}:");
        let list = Request::new("GET", &search, Some(self.token), 200);
        let list = self.service.json(&list).await?;
        let id = list.pointer("/data/0/id").and_then(|id| id.as_str());
        let id = id.ok_or("the update isn't there")?;
        let path = format!("/api/v1/image-updates/{id}/acknowledge");
        let acknowledge = Request::new("POST", &path, Some(self.token), 200);
        let watch = "globalThis.changed = new Promise(changed =>
            new MutationObserver(changed).observe(document.getElementById('updates'), { childList: true })); 0";
        self.page.evaluate(watch).await?;
        let began = Instant::now();
        ask(self.service.address, &acknowledge).await?;
        self.page
            .evaluate("globalThis.changed.then(() => 0)")
            .await?;
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    }
}

fn medians(rounds: &[Vec<f64>]) -> Vec<f64> {
    (0..MEASURED.len())
        .map(|number| {
            let mut times: Vec<_> = rounds.iter().map(|round| round[number]).collect();
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}

fn print(options: &Options, columns: &[Vec<f64>]) {
    let counts = options
        .updates
        .iter()
        .map(|count| format!(" {count} updates |"));
    println!("| |{}", counts.collect::<String>());
    println!("|---|{}", "---|".repeat(columns.len()));
    for (number, name) in MEASURED.iter().enumerate() {
        let cells = columns
            .iter()
            .map(|column| format!(" {:.0} |", column[number]));
        println!("| {name} |{}", cells.collect::<String>());
    }
}
