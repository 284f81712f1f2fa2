//! `cargo bench --bench service`: measures the service on both stores with many rows, over one connection and over
//! many, beside `pgbench` with the same statements on the same server in the same run. Also checks the plans of all
//! lists.
//!
//! Figures are wall-clock times on this machine, including the client: compare the ratios.

mod list_requests;
mod load;
mod measured;
mod operations;
mod pgbench;
mod plans;
mod run;
mod setup;
mod statements;
mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    rc::Rc,
    time::Duration,
};

use bdd_harness::{failure::Failure, service::Store};
use clap::Parser;
use operations::Operation;
use pgbench::Script;
use setup::{Facts, Service, Setup};
use statements::Watched;
use table::Row;

/// Measures the service, beside pgbench with the same statements on the same server in the same run
///
/// Every kind of request is sent over 1, 32 and 1000 connections that stay open. The statements for pgbench are taken
/// from the server's log. PostgreSQL is a throwaway cluster without fsync, for both.
#[derive(Debug, Parser)]
#[command(name = "service", max_term_width = 110)]
struct Options {
    /// Only this store, instead of both
    #[arg(long, value_enum)]
    store: Option<Store>,

    /// The numbers of concurrent connections
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,32,1000",
          value_parser = clap::value_parser!(u16).range(1..=4000))]
    connections: Vec<u16>,

    /// How long each measurement takes
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,

    /// The number of products, of users and of pizzas
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..=100_000))]
    rows: u64,

    /// Connect to PostgreSQL over TCP with SCRAM, instead of the socket without a password
    #[arg(long)]
    scram: bool,

    /// Only requests of these kinds, by the first column of the table; then plans are not checked
    #[arg(long, value_name = "KIND,…", value_delimiter = ',')]
    only: Vec<String>,

    /// Only check the plans
    #[arg(long, conflicts_with = "only")]
    plans: bool,

    /// Cargo passes this flag to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn operations(&self) -> Vec<&'static Operation> {
        let is_wanted = |operation: &&Operation| {
            self.only.is_empty() || self.only.iter().any(|name| name == operation.name)
        };
        operations::ALL.iter().filter(is_wanted).collect()
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
    run::run(async |folder| all(&options, folder).await)
}

/// Returns whether all plans are good. Speed depends on the machine, so it does not affect the exit code.
async fn all(options: &Options, folder: &Path) -> Result<bool, Failure> {
    let mut outcome = Ok(true);
    for store in options.stores() {
        eprintln!("{}: creating {} rows", table::name(store), options.rows);
        outcome = match Setup::make(store, options.rows, options.scram, folder).await {
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
    outcome
}

/// Measures and checks one store.
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
        // The user of the requests exists from now on, and gets greetings.
        setup.put_back().await?;
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

/// The scripts for pgbench, made from the statements of the service.
async fn scripts(setup: &Setup, options: &Options) -> Result<Vec<Option<Script>>, Failure> {
    let operations = options.operations();
    if setup.server.is_none() {
        return Ok(operations.iter().map(|_| None).collect());
    }
    let watched = Watched::start(setup).await?;
    let scripts = async {
        let facts = Rc::new(watched.service.facts(options.rows).await?);
        let mut scripts = Vec::new();
        for operation in operations {
            let request = operation.requests(&facts)(0).ok_or("nothing to ask")?;
            let (statements, _) = watched.statements(&request).await?;
            scripts.push(Script::new(operation, &statements, options.rows));
        }
        Ok(scripts)
    };
    let scripts = scripts.await;
    watched.end(setup).await?;
    scripts
}

/// A measurement of one kind of request over this many connections.
struct Measurement<'a> {
    setup: &'a Setup,
    operation: &'static Operation,
    connections: usize,
    lasting: Duration,
}

impl Measurement<'_> {
    /// Measures the service, then pgbench.
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
