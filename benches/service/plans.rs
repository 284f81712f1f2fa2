//! Checks the plans of every list and every search, with many rows in each table: none may read a whole table without a
//! reason.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    list_requests::{ListRequest, requests},
    load::Request,
    setup::{Facts, Setup},
    statements::{Planned, Watched},
};
use bdd_harness::failure::Failure;

/// A list that contains more than one in this many of a table's rows may read the whole table: an index would be
/// slower.
const MANY: u64 = 20;

/// A plan that fetches and discards more than one in this many rows counts as reading the whole table.
const MOST: u64 = 2;

/// The results for the lists of one table.
#[derive(Default)]
struct Seen {
    requests: usize,
    statements: usize,
    /// The number of statements that read a whole table, by the reason that allows it.
    whole: BTreeMap<&'static str, usize>,
    /// Statements that read a whole table without a reason.
    wrong: Vec<String>,
    /// The time of the slowest statement in ms, and its request.
    slowest: (f64, String),
}

type Tables = BTreeMap<&'static str, Seen>;

/// Checks all plans and prints the results. Returns whether all plans are good.
pub async fn check(setup: &Setup) -> Result<bool, Failure> {
    let watched = Watched::start(setup).await?;
    let checked = check_all(&watched, setup).await;
    watched.end(setup).await?;
    let tables = checked?;
    print(&tables, setup.rows);
    Ok(tables.values().all(|seen| seen.wrong.is_empty()))
}

async fn check_all(watched: &Watched, setup: &Setup) -> Result<Tables, Failure> {
    let facts = watched.service.facts(setup.rows).await?;
    fill(setup).await?;
    let mut tables = Tables::new();
    let all = requests(&facts);
    for (done, list) in all.iter().enumerate() {
        if done % 500 == 0 {
            eprintln!("plans: {done} of {}", all.len());
        }
        let seen = tables.entry(list.table).or_default();
        check_list(watched, &facts, setup.rows, list, seen).await?;
    }
    Ok(tables)
}

async fn check_list(
    watched: &Watched,
    facts: &Facts,
    rows: u64,
    list: &ListRequest,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let bearer = if list.as_person {
        &facts.dancer
    } else {
        &facts.token
    };
    let path = format!("/api/v1{}", list.path);
    let request = Request::new("GET", &path, Some(bearer), 200);
    let (plans, body) = watched.plans(&request).await?;
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let total = body.pointer("/meta/total").and_then(Value::as_u64);
    seen.requests += 1;
    for planned in plans {
        seen.statements += 1;
        if planned.took > seen.slowest.0 {
            seen.slowest = (planned.took, list.path.clone());
        }
        let Some(how) = reads_all(&planned.plan, list.table, rows) else {
            continue;
        };
        match reason(list, &planned, &how, total, rows) {
            Some(reason) => *seen.whole.entry(reason).or_default() += 1,
            None => seen.wrong.push(format!(
                "{}: {how}, {:.1} ms\n{}",
                list.path, planned.took, planned.text
            )),
        }
    }
    Ok(())
}

/// How a plan reads the whole table, if it does: by a sequential scan, or by an index scan that discards most rows.
fn reads_all(node: &Value, table: &str, rows: u64) -> Option<String> {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    if node["Relation Name"] == table {
        let discarded = node["Rows Removed by Filter"].as_u64().unwrap_or_default();
        if kind == "Seq Scan" {
            return Some("a Seq Scan".to_owned());
        }
        if discarded * MOST > rows {
            let article = if kind.starts_with('I') { "an" } else { "a" };
            return Some(format!("{article} {kind} that discards {discarded} rows"));
        }
    }
    let nodes = node["Plans"].as_array()?;
    nodes.iter().find_map(|node| reads_all(node, table, rows))
}

fn reason(
    list: &ListRequest,
    planned: &Planned,
    how: &str,
    total: Option<u64>,
    rows: u64,
) -> Option<&'static str> {
    let counts = planned.text.starts_with("select count(*)");
    if list.few {
        return Some("a table of few rows");
    }
    let by_an_index = !how.ends_with("Seq Scan");
    if by_an_index && list.path.contains("include_descendants") {
        return Some(
            "another index, because the planner can't know how many products are below a category",
        );
    }
    if by_an_index && planned.text.contains("search_trigrams") {
        return Some("the trigram index, because the planner can't know that most rows match");
    }
    if list.narrow {
        return None;
    }
    if counts && total.is_some_and(|total| total * MANY > rows) {
        return Some("a total of more than one row in 20");
    }
    if list.short_search {
        return Some("a search for less than three letters, which a trigram index doesn't find");
    }
    if list.path.contains("page=400") {
        return Some("a late page: the rows before it are skipped");
    }
    None
}

fn print(tables: &Tables, rows: u64) {
    println!("\nPlans of lists and searches, {rows} rows per table");
    for (table, seen) in tables {
        println!(
            "{table}: {} requests, {} statements, {} read the whole table without a reason",
            seen.requests,
            seen.statements,
            seen.wrong.len()
        );
        for (reason, times) in &seen.whole {
            println!("  {times} read it with a reason: {reason}");
        }
        println!(
            "  the slowest: {:.1} ms, {}",
            seen.slowest.0, seen.slowest.1
        );
        for wrong in &seen.wrong {
            println!("  ✗ {}", wrong.replace('\n', "\n    "));
        }
    }
}

/// Fills the tables that the seed leaves empty with as many rows as there are products.
async fn fill(setup: &Setup) -> Result<(), Failure> {
    let rows = setup.rows;
    setup
        .run(&format!(
            "insert into databases (name, owner_team, purpose, status)
             select 'db-' || n, 'team ' || n % 200, 'to be listed',
                    (array['requested', 'provisioning', 'ready', 'failed', 'deleting', 'deleted'])
                        [case when n % 100 < 95 then 3 else 1 + n % 6 end]
               from generate_series(1, {rows}) n
                 on conflict do nothing;
             insert into database_events (database_id, actor)
             select id, 'bench' from databases;
             insert into tags (name) select 'tag ' || n from generate_series(1, 20) n on conflict do nothing;
             insert into image_updates (image, hostname, tag_id, acknowledged_at)
             select 'registry.example/app-' || n, 'host-' || n % 500,
                    case when n % 100 = 0 then (select id from tags where name = 'tag ' || 1 + n / 100 % 20) end,
                    case when n % 50 > 0 then now() end
               from generate_series(1, {rows}) n
                 on conflict do nothing;
             insert into greet_history (user_id, message)
             select u.id, 'Hello' from users u limit {rows};
             insert into greet_history (user_id, message)
             select u.id, 'Hello' from users u, generate_series(1, 50) where u.username = 'dancer';
             insert into sessions (user_id, expires_at)
             select u.id, now() + interval '1 day' from users u limit {rows};
             insert into sessions (user_id, expires_at)
             select u.id, now() + interval '1 day' from users u, generate_series(1, 50) where u.username = 'dancer'"
        ))
        .await?;
    setup.vacuum().await
}
