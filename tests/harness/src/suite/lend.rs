//! Lends one slot to a process that the user starts, in a terminal or in a debugger.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    ending::{Stop, guarded},
    options::Options,
    run::{Definition, Run},
};
use crate::{
    failure::{Failure, Misuse},
    isolation::{reset::Strategy, template::Template},
    output::say,
    process::{exit_code, free_port, guardian::Guarded, run_folder},
    service::{Environment, process::Forget, surroundings::names_port},
    slot::{
        Slot,
        factory::{DatabaseSource, SlotContext, Target},
    },
};

/// What `--lent` needs to know about a slot. It is in a file that only its user can read, and that is removed with the
/// lender.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Lent {
    /// The process that lends the slot.
    lender: u32,
    /// The lender's folder. The lender holds a lock in it while it is alive.
    folder: PathBuf,
    owner_url: Url,
    service_url: Url,
    /// The marker in the database.
    secret: String,
    first_transaction: i64,
    /// The command's port, if its line contains `{port}`.
    port: Option<u16>,
}

/// The path of this file, in the folder that outlives runs.
fn file(cache: &Path) -> PathBuf {
    cache.join("lent.json")
}

impl Lent {
    /// The lent slot, for a run with `--lent`. Its process becomes the target.
    pub(super) fn of(
        definition: &Definition,
        options: &mut Options,
    ) -> Result<Option<Self>, Misuse> {
        if !definition.lent {
            return Ok(None);
        }
        let without_effect = [
            (options.database.is_some(), "--database"),
            (options.plain_owner, "--plain-owner"),
            (options.store.is_some(), "--store"),
            (options.migrations.is_some(), "--migrations"),
            (options.slots.is_some_and(|slots| slots > 1), "--slots"),
            (options.print_reset, "--print-reset"),
        ];
        if let Some((_, name)) = without_effect.iter().find(|(given, _)| *given) {
            return Err(Misuse(format!(
                "{name} has no effect here: with --lent there is one slot, which `bdd lend` has created"
            )));
        }
        if options.reset == Some(Strategy::Template) {
            return Err(Misuse(
                "--reset template has no effect here: the lent database can't be replaced while a process uses it"
                    .into(),
            ));
        }
        let lent = Self::read(&definition.cache).ok_or_else(|| {
            Misuse(
                "--lent: no slot of this project is lent: `bdd lend -- COMMAND` lends one".into(),
            )
        })?;
        options.target = lent.target(&options.target)?;
        Ok(Some(lent))
    }

    /// The slot that is currently lent in a project, if there is one.
    fn read(cache: &Path) -> Option<Self> {
        let text = fs::read_to_string(file(cache)).ok()?;
        let lent: Self = serde_json::from_str(&text).ok()?;
        run_folder::is_alive(&lent.folder).then_some(lent)
    }

    fn write(&self, cache: &Path) -> Result<(), Failure> {
        let path = file(cache);
        let failed = |error: io::Error| Failure::new(format!("{}: {error}", path.display()));
        fs::create_dir_all(cache).map_err(failed)?;
        let _ = fs::remove_file(&path);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Failure::new(error.to_string()))?;
        file.write_all(text.as_bytes()).map_err(failed)
    }

    /// The address of the process that uses the slot.
    fn target(&self, target: &Target) -> Result<Target, Misuse> {
        match (target, self.port) {
            (Target::Url(_) | Target::None, _) => Ok(target.clone()),
            (Target::Binary, _) => Err(Misuse(
                "--target binary has no effect here: with --lent your own process answers".into(),
            )),
            (Target::Service, Some(port)) => Ok(Target::Url(format!("http://127.0.0.1:{port}"))),
            (Target::Service, None) => Err(Misuse(
                "--lent: the address of your process is unknown: add --target http://127.0.0.1:PORT, \
                 or start it by `bdd lend -- … {port}`, which gives it a free port"
                    .into(),
            )),
        }
    }
}

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
    let _ = fs::remove_file(file(&cache));
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
    let takes_port = command.iter().any(|word| names_port(word, None))
        || env.any(|(name, text)| names_port(text, Some(name)));
    let port = takes_port.then(free_port).transpose();
    let port = port.map_err(|error| Failure::new(error.to_string()))?;
    let lent = Lent {
        lender: std::process::id(),
        folder: folder.to_owned(),
        owner_url: parsed(&owner_url)?,
        service_url: parsed(&service_url)?,
        secret: template.marker.clone(),
        first_transaction: template.first_transaction,
        port,
    };
    lent.write(&run.definition.cache)?;
    say(format_args!("lent: {}", database.url()));
    say(
        "`bdd --lent` in another terminal runs scenarios against the process that uses it, and resets it after each",
    );
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
    borrow(&words, &environment, &run.interrupted).await
}

/// Runs the command in this terminal, and returns its exit code. The terminal's signals reach it directly, and it decides
/// how to react.
async fn borrow(
    words: &[String],
    environment: &Environment,
    interrupted: &CancellationToken,
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
    let id = child.id().unwrap_or_default().to_string();
    // When we are gone, its database is gone too.
    let guardian = Guarded::after_us(&["kill", "-s", "TERM", &id]).map_err(failed)?;
    let status = tokio::select! {
        status = child.wait() => status.map_err(failed)?,
        () = interrupted.cancelled() => {
            let sent = std::process::Command::new("kill").args(["-s", "TERM", &id]).status();
            sent.map_err(failed)?;
            child.wait().await.map_err(failed)?
        }
    };
    let _ = guardian.dismiss().await;
    Ok(exit_code::of(status))
}

impl Run {
    /// The lent database, for a run with `--lent`.
    pub(super) async fn lent_source(&self, lent: &Lent) -> Result<DatabaseSource, Stop> {
        let template = Template::lent(
            lent.owner_url.as_str(),
            lent.service_url.as_str(),
            &lent.secret,
            lent.first_transaction,
        );
        let template = template
            .await
            .map_err(|failure| Stop::Failure(failure.to_string()))?;
        if *self.definition.program.forget() == Forget::Restart {
            say(
                "note: service.forget = \"restart\" has no effect on a process that you started: its memory isn't cleared",
            );
        }
        say(format_args!(
            "database: lent by process {}; scenarios run one at a time, and it is reset after each",
            lent.lender
        ));
        Ok(DatabaseSource::Postgres(Arc::new(template)))
    }
}
