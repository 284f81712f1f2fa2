//! `cargo bench -p bdd-harness --bench words`: the time of a scenario by its steps, with one slot and no service.
//!
//! Every kind of scenario runs some hundred times in one suite. A scenario's time ends with the start of the next one,
//! so it includes reset and report. For comparison, the same statements run on a connection that stays open, to the
//! same database, one after the other.

use std::{
    cell::RefCell,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use bdd_harness::{BoxError, Failure, Outcome, Suite, World, given};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Set if this program runs as the suite.
const AS_SUITE: &str = "BDD_WORDS_AS_SUITE";
const SCENARIOS: usize = 300;
/// The first scenarios of a kind fill caches, so they aren't counted.
const WARM_UP: usize = 30;

struct Kind {
    name: &'static str,
    steps: &'static str,
    plain: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        name: "no word",
        steps: "Given nothing",
        plain: &[],
    },
    Kind {
        name: "a query",
        steps: "When I query:\n\"\"\"\nselect code, name from genres\n\"\"\"",
        plain: &["select code, name from genres"],
    },
    Kind {
        name: "two inserts as SQL",
        steps: "Given the SQL:\n\"\"\"\ninsert into authors (name) values ('Ada');\n\
                insert into audit (what) values ('Ada');\n\"\"\"",
        plain: &[
            "insert into authors (name) values ('Ada')",
            "insert into audit (what) values ('Ada')",
        ],
    },
    Kind {
        name: "one full row",
        steps: "Given the table \"authors\" has the rows:\n| name | born |\n| Ada | 1815-12-10 |",
        plain: &["insert into authors (name, born) values ('Ada', '1815-12-10')"],
    },
    Kind {
        name: "with made parents",
        steps: "Given the table \"books\" has the rows:\n| title |\n| Notes |\n| Letters |",
        plain: &[
            "insert into authors (name) values ('Ada')",
            "insert into books (title, genre, author) select 'Notes', 'essay', max(id) from authors",
            "insert into authors (name) values ('Grace')",
            "insert into books (title, genre, author) select 'Letters', 'essay', max(id) from authors",
        ],
    },
    Kind {
        name: "with triggers and CHECKs",
        steps: "Given the table \"loans\" has the rows:\n| reader |\n| Alan |",
        plain: &[
            "insert into authors (name) values ('Ada')",
            "insert into books (title, genre, author) select 'Notes', 'essay', max(id) from authors",
            "insert into loans (book, reader, state, days, begins, ends)
             select max(id), 'Alan', 'out', 14, '2026-11-01', '2026-11-15' from books",
        ],
    },
    Kind {
        name: "a row, looked for and counted",
        steps: "Given the table \"authors\" has the rows:\n| name | born |\n| Ada | 1815-12-10 |\n\
                Then the table \"authors\" contains exactly the rows:\n| name | born |\n| Ada | 1815-12-10 |\n\
                And the table \"authors\" has 1 row",
        plain: &[
            "insert into authors (name, born) values ('Ada', '1815-12-10')",
            "select name, born from authors",
            "select count(*) from authors",
        ],
    },
];

thread_local! {
    /// The start times of each kind's scenarios. The last one is the end of all.
    static BEGAN: RefCell<Vec<Instant>> = const { RefCell::new(Vec::new()) };
    static PLAIN: RefCell<Vec<Vec<Duration>>> = const { RefCell::new(Vec::new()) };
    static KEPT: RefCell<Option<PgConnection>> = const { RefCell::new(None) };
}

fn main() -> Result<ExitCode, BoxError> {
    if std::env::var_os(AS_SUITE).is_some() {
        let features = std::env::current_dir()?;
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/words/schema");
        let code = Suite::new(features)
            .migrations(schema)
            .database("bdd_words")
            .before("", async |_| {
                BEGAN.with_borrow_mut(|began| began.push(Instant::now()));
                Ok(())
            })
            .main();
        show();
        return Ok(code);
    }
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("words.feature"), feature())?;
    let status = Command::new(std::env::current_exe()?)
        .args(["--target", "none", "--slots", "1", "--database", "auto"])
        .env(AS_SUITE, "1")
        .current_dir(folder.path())
        .status()?;
    Ok(ExitCode::from(u8::from(!status.success())))
}

/// Each kind's scenarios, then its plain statements, and one final scenario, whose start is the end of all others.
fn feature() -> String {
    let mut text = "Feature: Words\n".to_owned();
    for kind in KINDS {
        for number in 0..SCENARIOS {
            text.push_str(&format!(
                "Scenario: {} {number}\n{}\n",
                kind.name, kind.steps
            ));
        }
    }
    text.push_str("Scenario: the end\nGiven nothing\n");
    for number in 0..SCENARIOS {
        text.push_str(&format!("Scenario: plain statements {number}\n"));
        for index in 0..KINDS.len() {
            text.push_str(&format!("Given the plain statements of kind {index}\n"));
        }
    }
    text
}

#[given(expr = "nothing")]
fn nothing(_world: &mut World) {}

/// Sends the statements of a kind one after the other. Then removes what they inserted, which isn't measured.
#[given(expr = "the plain statements of kind {int}")]
async fn plain_statements(world: &mut World, kind: usize) -> Outcome {
    let url = world.slot.owner_url()?;
    let mut connection = match KEPT.take() {
        Some(connection) => connection,
        None => PgConnection::connect(&url).await?,
    };
    let start = Instant::now();
    for statement in KINDS[kind].plain {
        run(&mut connection, statement).await?;
    }
    let took = start.elapsed();
    run(
        &mut connection,
        "delete from loans; delete from books; delete from authors; delete from audit",
    )
    .await?;
    KEPT.set(Some(connection));
    PLAIN.with_borrow_mut(|plain| {
        plain.resize_with(KINDS.len(), Vec::new);
        plain[kind].push(took);
    });
    Ok(())
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await?;
    Ok(())
}

fn show() {
    let began = BEGAN.take();
    let plain = PLAIN.take();
    println!(
        "\n{:<32}{:>10}{:>8}{:>14}{:>10}{:>14}",
        "ms, median", "scenario", "p95", "over no word", "plain", "over plain"
    );
    let mut floor = None;
    for (index, kind) in KINDS.iter().enumerate() {
        let Some(times) = began.get(index * SCENARIOS..=(index + 1) * SCENARIOS) else {
            return;
        };
        let times: Vec<_> = times[WARM_UP..]
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        let (median, p95) = (quantile(&times, 0.5), quantile(&times, 0.95));
        let floor = *floor.get_or_insert(median);
        let plain = quantile(&plain[index][WARM_UP..], 0.5);
        println!(
            "{:<32}{median:>10.2}{p95:>8.2}{:>14.2}{plain:>10.2}{:>14.2}",
            kind.name,
            median - floor,
            median - floor - plain
        );
    }
}

/// In milliseconds.
fn quantile(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = ((sorted.len() - 1) as f64 * share) as usize;
    sorted[index].as_secs_f64() * 1000.0
}
