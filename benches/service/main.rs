//! `cargo bench --bench service`: how fast the service answers on both stores with many rows, at one connection and
//! at many, beside `pgbench` doing the same to the same server in the same run; and by which plans.
//!
//! Figures are wall-clock times of this machine, of which the client takes its part: compare the ratios.

mod asked;
mod load;
mod measured;
mod operations;
mod pgbench;
mod plans;
mod setup;
mod statements;
mod table;

use std::{path::PathBuf, process::ExitCode, rc::Rc, time::Duration};

use bdd_harness::{
    failure::Failure,
    process::run_folder::{self, RunFolder},
    service::Store,
};
use clap::Parser;
use operations::Operation;
use pgbench::Script;
use setup::{Facts, Service, Setup};
use statements::Watched;
use table::Row;

/// How fast the service answers, beside pgbench doing the same on the same server in the same run.
///
/// Every kind of request is sent over 1, 32 and 1000 connections that stay open. Statements for pgbench are those that
/// the server's log has seen of the service. PostgreSQL is a throwaway cluster that forgets at a power cut, for both.
#[derive(Debug, Parser)]
#[command(name = "service", max_term_width = 110)]
struct Options {
    /// One of the stores, instead of one after the other
    #[arg(long, value_enum)]
    store: Option<Store>,

    /// How many clients ask at once
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,32,1000",
          value_parser = clap::value_parser!(u16).range(1..=4000))]
    connections: Vec<u16>,

    /// How long each measurement takes
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// Products, users and pizzas
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..=100_000))]
    rows: u64,

    /// Only requests of these kinds, by the first column of the table; plans aren't looked at then
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    only: Vec<String>,

    /// Looks at the plans and measures nothing
    #[arg(long, conflicts_with = "only")]
    plans: bool,

    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn operations(&self) -> Vec<&'static Operation> {
        let asked = |operation: &&Operation| {
            self.only.is_empty() || self.only.iter().any(|name| name == operation.name)
        };
        operations::ALL.iter().filter(asked).collect()
    }

    fn stores(&self) -> Vec<Store> {
        match self.store {
            Some(store) => vec![store],
            None if self.plans => vec![Store::Postgres],
            None => vec![Store::Postgres, Store::Sqlite],
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.operations().is_empty() {
        let known: Vec<_> = operations::ALL.iter().map(|one| one.name).collect();
        eprintln!("--only: the kinds are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(|error| Failure::new(error.to_string()))
        .and_then(|runtime| {
            runtime.block_on(tokio::task::LocalSet::new().run_until(all(&options)))
        });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Answers whether plans are as they should be; how fast it was depends on the machine and is for people to judge.
async fn all(options: &Options) -> Result<bool, Failure> {
    bdd_harness::slot::logs::capture(tracing_subscriber::filter::LevelFilter::OFF);
    for swept in run_folder::sweep() {
        eprintln!("swept what a killed run had left: {swept}");
    }
    let folder = RunFolder::create()?;
    let mut outcome = Ok(true);
    for store in options.stores() {
        eprintln!(
            "{}: {} rows are being made",
            table::name(store),
            options.rows
        );
        outcome = match Setup::make(store, options.rows, &folder.path).await {
            Ok(setup) => {
                let done = tokio::select! {
                    done = on(&setup, options) => done,
                    _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
                };
                setup.end().await;
                done
            }
            Err(failure) => Err(failure),
        };
        if outcome.is_err() {
            break;
        }
    }
    folder.remove().await;
    outcome
}

/// Everything on one store.
async fn on(setup: &Setup, options: &Options) -> Result<bool, Failure> {
    if !options.plans {
        let rows = measure(setup, options).await?;
        table::print(setup.store, &rows, options.rows);
    }
    if setup.store != Store::Postgres || !options.only.is_empty() {
        return Ok(true);
    }
    plans::check(setup).await
}

async fn measure(setup: &Setup, options: &Options) -> Result<Vec<Row>, Failure> {
    let scripts = scripts(setup, options).await?;
    let pgbench = pgbench::program();
    let service = Service::start(setup).await?;
    let measured = async {
        let facts = Rc::new(service.facts(options.rows).await?);
        let mut rows = Vec::new();
        for (operation, script) in options.operations().into_iter().zip(scripts) {
            for &connections in &options.connections {
                if operation.alone && connections > 1 {
                    continue;
                }
                let beside = pgbench.as_ref().zip(script.as_ref());
                let one = Measurement {
                    setup,
                    operation,
                    connections: usize::from(connections),
                    lasting: Duration::from_secs(options.seconds),
                };
                rows.push(one.take(&service, &facts, beside).await?);
            }
        }
        Ok(rows)
    };
    let measured = measured.await;
    service.end().await;
    measured
}

/// What pgbench is to do, made from what the service did.
async fn scripts(setup: &Setup, options: &Options) -> Result<Vec<Option<Script>>, Failure> {
    let operations = options.operations();
    if setup.server.is_none() {
        return Ok(operations.iter().map(|_| None).collect());
    }
    let watched = Watched::start(setup).await?;
    let made = async {
        let facts = Rc::new(watched.service.facts(options.rows).await?);
        let mut scripts = Vec::new();
        for operation in operations {
            let request = operation.requests(&facts)(0).ok_or("nothing to ask")?;
            let (statements, _) = watched.statements(&request).await?;
            scripts.push(Script::new(operation, &statements, options.rows));
        }
        Ok(scripts)
    };
    let made = made.await;
    watched.end(setup).await?;
    setup.put_back().await?;
    made
}

/// One kind of request at so many connections.
struct Measurement<'a> {
    setup: &'a Setup,
    operation: &'static Operation,
    connections: usize,
    lasting: Duration,
}

impl Measurement<'_> {
    /// Ours, then pgbench's.
    async fn take(
        &self,
        service: &Service,
        facts: &Rc<Facts>,
        beside: Option<(&PathBuf, &Script)>,
    ) -> Result<Row, Failure> {
        let requests = self.operation.requests(facts);
        let ours = load::load(service.address, self.connections, self.lasting, requests).await?;
        let theirs = match beside {
            Some((program, script)) => {
                let done =
                    pgbench::run(program, self.setup, script, self.connections, self.lasting);
                Some(done.await?)
            }
            None => None,
        };
        let row = Row {
            operation: self.operation,
            connections: self.connections,
            ours,
            theirs,
        };
        eprintln!("{}", row.line());
        if self.operation.writes {
            self.setup.put_back().await?;
        }
        Ok(row)
    }
}
