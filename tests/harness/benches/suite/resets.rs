//! The reset at the service's own schema, and what other ways cost there.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bdd_harness::{failure::Failure, http::{Client, Request}, isolation::template::{self, Template}, slot::{factory::{self, Ground}, Cleaned, Slot}};
use crate::{Done, ms};

/// Resets that are measured; the first ones, which plan, are not.
const RESETS: usize = 500;
const WARM_UP: usize = 20;
/// How often TRUNCATE is done, which is slower.
const TRUNCATES: usize = 50;
/// How often each of the slowest is done.
const CLONES: usize = 15;

/// What a scenario does that writes to three tables: registers, logs in, greets.
async fn write(client: &mut Client, base: &str, turn: usize) -> Done {
    let send = |method: &str, path: &str, body: String| -> Result<Request, Failure> {
        Ok(Request::new(|| Ok(base.to_owned()), method, path)?.body_of("application/json", body))
    };
    let credentials =
        format!(r#"{{"username":"dancer_{turn}","password":"correct horse battery"}}"#);
    client.remove_header("Authorization");
    client
        .send(send("POST", "/api/v1/users", credentials.clone())?)
        .await?;
    client
        .send(send("POST", "/api/v1/auth/login", credentials)?)
        .await?;
    let token = client.answer()?.json()?["access_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    client.set_header("Authorization", &format!("Bearer {token}"))?;
    client
        .send(Request::new(
            || Ok(base.to_owned()),
            "GET",
            "/api/v1/greet",
        )?)
        .await?;
    Ok(())
}

/// Ours through a slot, then every other way, each after the same writes.
pub async fn resets(ground: &Arc<Ground>) -> Done {
    let factory::Store::Postgres(template) = &ground.store else {
        return Ok(());
    };
    let mut slot = Slot::prepare(ground, 1001).await?;
    let base = slot.base_url()?;
    let mut client = Client::default();
    let ours = ours(&mut slot, &mut client, &base).await?;
    let truncate = truncate(&mut slot, &mut client, &base).await?;
    slot.end().await;
    let (mut clone, mut migrate) = (Vec::new(), Vec::new());
    for turn in 0..CLONES {
        let name = template.clone_name(2000 + turn, 0);
        clone.push(cloned(template, &name).await?);
        migrate.push(migrated(ground, template, &name).await?);
    }
    tell([
        ("ours: scenario's end to slot free", ours),
        ("TRUNCATE all, RESTART IDENTITY", truncate),
        ("a clone of the template", clone),
        ("a new database, migrated anew", migrate),
    ]);
    Ok(())
}

async fn ours(slot: &mut Slot, client: &mut Client, base: &str) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for turn in 0..WARM_UP + RESETS {
        write(client, base, turn).await?;
        let returned = slot.give_back().await?;
        if let Cleaned::Anew(Some(reason)) = returned.cleaned {
            return Err(Failure::new(format!(
                "the benchmark's own writes made a clone necessary: {reason}"
            )));
        }
        if turn >= WARM_UP {
            times.push(returned.took);
        }
    }
    Ok(times)
}

async fn truncate(
    slot: &mut Slot,
    client: &mut Client,
    base: &str,
) -> Result<Vec<Duration>, Failure> {
    let tables = tables(slot).await?;
    let mut times = Vec::new();
    for turn in 0..TRUNCATES {
        write(client, base, turn).await?;
        let connection = slot.database().await?;
        let start = Instant::now();
        connection
            .run(&format!("truncate {tables} restart identity cascade"))
            .await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn cloned(template: &Template, name: &str) -> Result<Duration, Failure> {
    let start = Instant::now();
    let made = template.clone_to(name).await?;
    template.drop_clone(&made).await?;
    Ok(start.elapsed())
}

async fn migrated(ground: &Ground, template: &Template, name: &str) -> Result<Duration, Failure> {
    let mut admin = template.server.connect().await?;
    let identifier = template::identifier(name);
    let start = Instant::now();
    template::execute(&mut admin, &format!("create database {identifier}")).await?;
    template::migrate(&ground.program, &template.url(name)).await?;
    template::execute(&mut admin, &format!("drop database {identifier}")).await?;
    Ok(start.elapsed())
}

/// A line each; the first is what the others are compared with.
fn tell(ways: [(&str, Vec<Duration>); 4]) {
    println!("\nReset after a scenario that wrote to three tables, in ms");
    println!("{:<36} {:>8} {:>8} {:>8}", "", "median", "p99", "ratio");
    let mut best = None;
    for (name, mut times) in ways {
        times.sort_unstable();
        let middle = times[times.len() / 2];
        let worst = times[(times.len() - 1) * 99 / 100];
        let best = *best.get_or_insert(middle);
        println!(
            "{name:<36} {:>8.2} {:>8.2} {:>8.1}",
            ms(middle),
            ms(worst),
            middle.as_secs_f64() / best.as_secs_f64()
        );
    }
}

/// The service's tables, but for the record of its migrations.
async fn tables(slot: &mut Slot) -> Result<String, Failure> {
    let sql = "select string_agg(format('%I.%I', schemaname, tablename), ', ')
                 from pg_tables
                where schemaname = 'public' and tablename <> '_sqlx_migrations'";
    let rows = slot.database().await?.run(sql).await?.rows;
    let text = rows
        .into_iter()
        .next()
        .and_then(|mut row| row.swap_remove(0))
        .map(|value| value.text);
    text.ok_or_else(|| Failure::new("the template has no tables"))
}
