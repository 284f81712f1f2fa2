//! Lends one slot to a process that the user starts, in a terminal or in a debugger.

use std::{io, path::Path, sync::Arc};

use rustix::process::Signal;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    ending::{Stop, guarded},
    lent::{Borrower, Lent},
    options::Options,
    run::{Definition, Run},
};
use crate::{
    failure::{Failure, Misuse},
    output::say,
    process::{exit_code, free_port, guardian::Guarded, table},
    service::{Environment, surroundings::names_port},
    slot::{
        Slot,
        factory::{DatabaseSource, SlotContext, Target},
    },
};

/// Lends a slot to a command, or until a signal arrives; returns the exit code.
pub(super) async fn lend(definition: Definition, mut options: Options, command: Vec<String>) -> u8 {
    options.target = Target::None;
    options.slots = Some(1);
    guarded(|interrupted| async move {
        let run = Run::new(definition, options, interrupted)?;
        lend_slot(run, &command).await
    })
    .await
}

async fn lend_slot(mut run: Run, command: &[String]) -> Result<u8, Stop> {
    let cache = run.definition.cache.clone();
    if let Some(lent) = Lent::read(&cache) {
        return Err(Misuse(format!(
            "process {} already lends a slot of this project: stop it first",
            lent.lender
        ))
        .into());
    }
    let (folder, context, _) = run.prepare().await?;
    let context = Arc::new(context);
    let code = lend_from(&run, &context, &folder.path, command).await;
    Lent::remove(&cache);
    SlotContext::shut_down(context).await;
    folder.remove().await;
    code.map_err(|failure| Stop::Failure(failure.to_string()))
}

async fn lend_from(
    run: &Run,
    context: &Arc<SlotContext>,
    folder: &Path,
    command: &[String],
) -> Result<u8, Failure> {
    let DatabaseSource::Postgres(template) = &context.source else {
        return Err(Failure::new("only a database of PostgreSQL can be lent"));
    };
    let slot = Slot::prepare(context, 1).await?;
    let (owner_url, service_url) = (slot.owner_url()?, slot.service_url()?);
    // `--lent` opens its own connections.
    slot.end().await;
    let parsed = |url: &str| Url::parse(url).map_err(|error| Failure::new(error.to_string()));
    let surroundings = run.definition.program.surroundings();
    let database = template.address(&service_url)?;
    let mut env = surroundings.env.iter();
    let takes_port = command.iter().any(|word| names_port(word, None));
    let may_take_port = takes_port || env.any(|(name, text)| names_port(text, Some(name)));
    let port = (may_take_port && !command.is_empty())
        .then(free_port)
        .transpose();
    let port = port.map_err(|error| Failure::new(error.to_string()))?;
    let mut lent = Lent {
        lender: std::process::id(),
        folder: folder.to_owned(),
        owner_url: parsed(&owner_url)?,
        service_url: parsed(&service_url)?,
        secret: template.marker.clone(),
        first_transaction: template.first_transaction,
        borrower: if command.is_empty() {
            Borrower::Unknown
        } else {
            Borrower::Starting
        },
        port,
        takes_port,
    };
    lent.write(&run.definition.cache)?;
    say(format_args!("lent: {}", database.url()));
    let place = if command.is_empty() {
        " --target http://127.0.0.1:PORT"
    } else {
        ""
    };
    say(format_args!(
        "`bdd --lent{place}` in another terminal runs scenarios against the process that uses it, and resets it after each"
    ));
    let neighbours = run.definition.program.neighbours().iter();
    let variables: Vec<&str> = neighbours.map(|(_, variable)| &**variable).collect();
    if !variables.is_empty() {
        say(format_args!(
            "neighbours aren't played here: set {} yourself",
            variables.join(", ")
        ));
    }
    if command.is_empty() {
        say("Ctrl-C stops lending, and removes the database");
        run.interrupted.cancelled().await;
        return Ok(0);
    }
    let words = command
        .iter()
        .map(|word| surroundings.word(word, &database, port))
        .collect::<Result<Vec<_>, _>>()?;
    let environment = surroundings.own_variables(&database, port)?;
    let cache = &run.definition.cache;
    let started = |pid| {
        lent.borrower = Borrower::Process(pid);
        lent.write(cache)
    };
    borrow(&words, &environment, &run.interrupted, started).await
}

/// Runs the command in this terminal, and returns its exit code. The terminal's signals reach it directly, and it decides
/// how to react. `started` gets its process id.
async fn borrow(
    words: &[String],
    environment: &Environment,
    interrupted: &CancellationToken,
    started: impl FnOnce(u32) -> Result<(), Failure>,
) -> Result<u8, Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("`{}` can't be run: {error}", words.join(" ")));
    let spawned = tokio::process::Command::new(&words[0])
        .args(&words[1..])
        .envs(environment)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Ok(exit_code::not_started(&words[0], &error)),
    };
    let pid = child.id().unwrap_or_default();
    let id = pid.to_string();
    // When we are gone, its database is gone too.
    let guardian = Guarded::after_us(&["kill", "-s", "TERM", &id]).map_err(failed)?;
    started(pid)?;
    let status = tokio::select! {
        status = child.wait() => status.map_err(failed)?,
        () = interrupted.cancelled() => {
            table::signal_family(pid, Signal::TERM);
            child.wait().await.map_err(failed)?
        }
    };
    let _ = guardian.dismiss().await;
    Ok(exit_code::of(status))
}
