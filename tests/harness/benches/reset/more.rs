//! Measures large tables, many resets in a row, the cost for writers, and other strategies.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use crate::{
    Bench, Done, ROWS, USUAL,
    measured::{Measured, Pace, Rounds, print, rounded},
    rival::{Rival, clone},
    schema,
};
use bdd_harness::{
    failure::Failure,
    isolation::{reset::Strategy, template::Template},
    slot::{Outcome, Slot, factory::SlotContext},
    sql::execute,
};

/// The number of rows in a table that has grown large.
const LARGE: usize = 100_000;

impl Bench {
    fn is_quick(&self) -> bool {
        self.options.quick
    }

    /// Two adjacent tables in the middle of the schema have grown large.
    pub async fn large(
        &self,
        context: &SlotContext,
        template: &Template,
        slot: &mut Slot,
        tables: usize,
    ) -> Done {
        let pace = Pace {
            warm_up: 1,
            least: if self.is_quick() { 1 } else { 3 },
            most: 10,
            budget: Duration::from_secs(if self.is_quick() { 1 } else { 5 }),
        };
        let mut rivals = Rival::in_place(context, template, 8100, tables).await?;
        let mut others: Vec<_> = rivals.iter_mut().collect();
        let writes = schema::writes_to_the_middle(tables, LARGE);
        let ways = self.compare(slot, &mut others, &writes, pace).await;
        for rival in rivals {
            rival.end().await;
        }
        print(
            &format!("{tables} tables, two of them with {LARGE} new rows each"),
            &ways?,
        );
        Ok(())
    }

    /// Measures the harness's other strategies in the same way.
    pub async fn strategies(&self, template: &Arc<Template>, tables: usize) -> Done {
        let writes = schema::writes(tables, USUAL, ROWS);
        let mut ways = Vec::new();
        for (number, strategy) in [
            Strategy::Adaptive,
            Strategy::Truncate,
            Strategy::Delete,
            Strategy::Template,
        ]
        .into_iter()
        .enumerate()
        {
            let context = self.context_of(Arc::clone(template), strategy);
            let measured = self
                .strategy(&context, 7100 + number, &writes, strategy)
                .await;
            let clones = std::mem::take(&mut *context.clones.lock());
            for clone in clones {
                template.drop_clone(&clone).await?;
            }
            ways.push(measured?);
        }
        print(
            &format!("{tables} tables, {USUAL} written to: the harness's strategies"),
            &ways,
        );
        Ok(())
    }

    async fn strategy(
        &self,
        context: &Arc<SlotContext>,
        number: usize,
        writes: &str,
        strategy: Strategy,
    ) -> Result<Measured, Failure> {
        let how = match strategy {
            Strategy::Template => Outcome::Recloned(None),
            _ => Outcome::InPlace,
        };
        let pace = self.options.pace();
        let mut slot = Slot::prepare(context, number).await?;
        let mut rounds = Rounds::default();
        while rounds.go_on(pace) {
            let start = Instant::now();
            let time = self.reset(&mut slot, writes, &how).await?;
            rounds.add(pace, time, start.elapsed());
        }
        slot.end().await;
        Ok(rounds.end(format!("--reset {strategy:?}").to_lowercase()))
    }

    /// Measures whether resets become slower over time.
    pub async fn in_a_row(&self, slot: &mut Slot, tables: usize) -> Done {
        let resets = if self.is_quick() { 1000 } else { 10_000 };
        let part = resets / 10;
        let writes = schema::writes(tables, USUAL, ROWS);
        let mut times = Vec::with_capacity(resets);
        for _ in 0..resets {
            times.push(self.reset(slot, &writes, &Outcome::InPlace).await?);
        }
        let ways = [
            Measured::new(format!("the first {part}"), times[..part].to_vec()),
            Measured::new(format!("the last {part}"), times[resets - part..].to_vec()),
            Measured::new("all", times),
        ];
        print(&format!("{tables} tables, {resets} resets in a row"), &ways);
        Ok(())
    }

    /// Measures the cost of the marks for a writer.
    pub async fn marks(&self, context: &SlotContext, template: &Template) -> Done {
        let mut with = clone(context, template, 7200).await?;
        let mut without = clone(context, template, 7201).await?;
        execute(
            &mut without,
            "alter table t_1 disable trigger bdd_harness_mark",
        )
        .await?;
        let rounds = if self.is_quick() { 300 } else { 5000 };
        println!(
            "\n{:<56} {:>10} {:>8} {:>8} {:>7}",
            "One row inserted, median, in µs", "marks", "none", "cost", "rounds"
        );
        for (label, begin, commit) in [
            ("a transaction of one insert, with its commit", "", ""),
            (
                "a further insert of the same transaction",
                "begin; insert into t_1 (name) values ('first')",
                "commit",
            ),
        ] {
            let mut times = [Vec::new(), Vec::new()];
            for _ in 0..rounds {
                self.go_on()?;
                for (times, connection) in times.iter_mut().zip([&mut with, &mut without]) {
                    execute(connection, begin).await?;
                    times.push(insert(connection).await?);
                    execute(connection, commit).await?;
                }
            }
            let [with, without] = times.map(|times| Measured::new("", times).median() * 1000.0);
            println!(
                "{label:<56} {:>10} {:>8} {:>8} {rounds:>7}",
                rounded(with),
                rounded(without),
                rounded(with - without)
            );
        }
        Ok(())
    }
}

async fn insert(connection: &mut PgConnection) -> Result<Duration, Failure> {
    let start = Instant::now();
    sqlx::query("insert into t_1 (name) values ($1)")
        .bind("a row")
        .execute(connection)
        .await?;
    Ok(start.elapsed())
}
