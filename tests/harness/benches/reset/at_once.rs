//! Several slots that are reset at the same moment, as in a suite: what of the time is waiting for a core.

use std::time::Duration;

use bdd_harness::{
    failure::Failure,
    slot::{Outcome, Slot, factory::SlotContext},
    sql,
};
use futures::future::try_join_all;
use sqlx::{Connection as _, PgConnection};
use std::sync::Arc;

use crate::{
    Bench, Done, ROWS, USUAL,
    measured::{Measured, rounded},
    schema,
};

const SLOTS: [usize; 3] = [1, 2, 4];
/// First rounds plan and fill caches.
const WARM_UP: usize = 10;

/// One reset.
struct Reset {
    took: Duration,
    server: CpuTime,
}

/// What the kernel counts of a process.
#[derive(Clone, Copy, Default)]
struct CpuTime {
    on_a_core: Duration,
    /// Ready to run, but no core was free.
    waiting: Duration,
}

impl Bench {
    /// The same reset in one, two and four slots at once.
    pub async fn at_once(&self, context: &Arc<SlotContext>, tables: usize) -> Done {
        println!(
            "\n{:<56} {:>10} {:>12} {:>12} {:>7}",
            format!("{tables} tables, {USUAL} written to: slots at once, median, ms"),
            "a reset",
            "server works",
            "server waits",
            "rounds"
        );
        for count in SLOTS {
            let numbers = (0..count).map(|index| 7300 + 10 * count + index);
            let resets = numbers.map(|number| self.resets_of_a_slot(context, number, tables));
            let resets: Vec<Reset> = try_join_all(resets).await?.into_iter().flatten().collect();
            let median = |of: fn(&Reset) -> Duration| {
                rounded(Measured::new("", resets.iter().map(of).collect()).median())
            };
            println!(
                "{count:<56} {:>10} {:>12} {:>12} {:>7}",
                median(|reset| reset.took),
                median(|reset| reset.server.on_a_core),
                median(|reset| reset.server.waiting),
                resets.len()
            );
        }
        Ok(())
    }

    async fn resets_of_a_slot(
        &self,
        context: &Arc<SlotContext>,
        number: usize,
        tables: usize,
    ) -> Result<Vec<Reset>, Failure> {
        let rounds = if self.options.quick { 20 } else { 300 };
        let writes = schema::writes(tables, USUAL, ROWS);
        let mut slot = Slot::prepare(context, number).await?;
        slot.database().await?.run(&writes).await?;
        let backends = backends(&slot).await?;
        let mut resets = Vec::with_capacity(rounds);
        for round in 0..WARM_UP + rounds {
            slot.database().await?.run(&writes).await?;
            let before = CpuTime::of(&backends);
            let took = self.reset(&mut slot, "", &Outcome::InPlace).await?;
            let server = CpuTime::of(&backends).since(before);
            if round >= WARM_UP {
                resets.push(Reset { took, server });
            }
        }
        slot.end().await;
        Ok(resets)
    }
}

/// The server's processes that work on the slot's database: that of the scenario, and that of the reset.
async fn backends(slot: &Slot) -> Result<Vec<i32>, Failure> {
    let options = sql::connect_options(
        &url::Url::parse(&slot.owner_url()?).map_err(|error| Failure::new(error.to_string()))?,
    )?;
    let mut connection = PgConnection::connect_with(&options).await?;
    let backends = sqlx::query_scalar(
        "select pid
           from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    Ok(backends)
}

impl CpuTime {
    /// Of all of them; nothing where they run on another machine, or in a container.
    fn of(processes: &[i32]) -> Self {
        processes.iter().fold(Self::default(), |sum, process| {
            let text = std::fs::read_to_string(format!("/proc/{process}/schedstat"));
            let text = text.unwrap_or_default();
            let mut numbers = text
                .split_whitespace()
                .map(|number| Duration::from_nanos(number.parse().unwrap_or_default()));
            Self {
                on_a_core: sum.on_a_core + numbers.next().unwrap_or_default(),
                waiting: sum.waiting + numbers.next().unwrap_or_default(),
            }
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            on_a_core: self.on_a_core.saturating_sub(before.on_a_core),
            waiting: self.waiting.saturating_sub(before.waiting),
        }
    }
}
