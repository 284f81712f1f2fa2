//! Prints the results and the targets.

use crate::{
    measured::{Measured, rounded},
    operations::Operation,
};
use bdd_harness::service::Store;

/// The targets of reads by key over [`BUSY`] connections: requests per second on two processors, and the ratio to
/// pgbench.
const READS: f64 = 15_000.0;
const SHARE: f64 = 0.25;
const BUSY: usize = 32;

/// The results of one kind of request over one number of connections.
pub struct Row {
    pub operation: &'static Operation,
    pub connections: usize,
    pub ours: Measured,
    /// The results of pgbench with the same statements, if there are any.
    pub theirs: Option<Measured>,
}

pub fn name(store: Store) -> &'static str {
    match store {
        Store::Postgres => "PostgreSQL",
        Store::Sqlite => "SQLite",
    }
}

impl Row {
    pub fn line(&self) -> String {
        let three = |measured: &Measured| {
            format!(
                "{:>9.0} {:>8} {:>8}",
                measured.rate(),
                rounded(measured.median()),
                rounded(measured.percentile(99))
            )
        };
        let beside = match &self.theirs {
            Some(theirs) => format!(
                "{} {:>6.2}",
                three(theirs),
                self.share().unwrap_or(f64::NAN)
            ),
            None => String::new(),
        };
        let line = format!(
            "{:<12} {:>5} {} {:>7}  {beside}",
            self.operation.name,
            self.connections,
            three(&self.ours),
            self.ours.errors
        );
        line.trim_end().to_owned()
    }

    /// The ratio of our rate to pgbench's.
    fn share(&self) -> Option<f64> {
        Some(self.ours.rate() / self.theirs.as_ref()?.rate())
    }
}

/// Prints the table, and on PostgreSQL the targets.
pub fn print(store: Store, rows: &[Row], products: u64) {
    println!(
        "\n{}, {products} products; requests a second, times in ms",
        name(store)
    );
    println!(
        "{:<12} {:>5} {:>9} {:>8} {:>8} {:>7}  {:>9} {:>8} {:>8} {:>6}",
        "", "conns", "a second", "p50", "p99", "errors", "pgbench", "p50", "p99", "share"
    );
    for row in rows {
        println!("{}", row.line());
    }
    if store == Store::Postgres && rows.iter().all(|row| row.theirs.is_none()) {
        println!("without pgbench: it wasn't found beside PostgreSQL's programs");
    }
    let mut named: Vec<&Operation> = rows.iter().map(|row| row.operation).collect();
    named.dedup_by_key(|operation| operation.name);
    for operation in named {
        println!("{}: {}", operation.name, operation.about);
    }
    for row in rows {
        if let Some(error) = &row.ours.first_error {
            println!("{} at {}: {error}", row.operation.name, row.connections);
        }
    }
    if store == Store::Postgres {
        print_targets(rows);
    }
}

fn print_targets(rows: &[Row]) {
    println!("\ntargets on PostgreSQL");
    let verdict = |reached: bool| if reached { "reached" } else { "NOT REACHED" };
    for row in rows.iter().filter(|row| row.connections == 1) {
        if let Some(target) = row.operation.target {
            let median = row.ours.median();
            println!(
                "  {:<44} < {target} ms: {} ms, {}",
                format!("{}, one client, median", row.operation.name),
                rounded(median),
                verdict(median < target)
            );
        }
    }
    for row in rows.iter().filter(|row| row.connections >= 1000) {
        println!(
            "  {:<44} no error: {}, {}",
            format!("{}, {} connections", row.operation.name, row.connections),
            row.ours.errors,
            verdict(row.ours.errors == 0)
        );
    }
    let reads = |row: &&Row| row.operation.name == "read" && row.connections == BUSY;
    for row in rows.iter().filter(reads) {
        let rate = row.ours.rate();
        println!(
            "  {:<44} >= {READS} a second: {rate:.0}, {}",
            format!("read, {BUSY} connections"),
            verdict(rate >= READS)
        );
        if let Some(share) = row.share() {
            println!(
                "  {:<44} >= {SHARE} of pgbench: {share:.2}, {}",
                format!("read, {BUSY} connections"),
                verdict(share >= SHARE)
            );
        }
    }
}
