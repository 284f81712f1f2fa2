//! A run with `--lent`: it uses the database and the process of the slot that `bdd lend` has lent.

use std::{sync::Arc, time::Duration};

use super::{ending::Stop, lent::Lent, run::Run};
use crate::{
    failure::Misuse,
    isolation::template::Template,
    output::say,
    process::table,
    service::process::{Forget, Ready},
    slot::factory::{DatabaseSource, Target},
};

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

    /// The process that uses the lent slot. A project without `[service]` may have none.
    pub(super) async fn lent_target(&self) -> Result<Target, Stop> {
        if self.options.target != Target::Service {
            return Ok(self.options.target.clone());
        }
        let program = &self.definition.program;
        let process = program.process().filter(|_| program.has_service());
        let path = match process.map(|process| &process.ready) {
            Some(Ready::Get(path)) => Some(path.as_str()),
            _ => None,
        };
        let is_known = self.lent.as_ref().is_some_and(|lent| lent.port.is_some());
        let limits = self.file.limits(&self.options);
        let limit = process
            .filter(|_| is_known || table::is_shown())
            .map_or(Duration::ZERO, |process| limits.start(process.within));
        let address = tokio::select! {
            address = Lent::address(&self.definition.cache, path, limit) => address?,
            () = self.interrupted.cancelled() => return Err(Stop::Failure("interrupted".to_owned())),
        };
        match address {
            Some(address) => {
                say(format_args!("target: your process at http://{address}"));
                Ok(Target::Url(format!("http://{address}")))
            }
            None if process.is_none() => {
                say("target: none, because nothing that `bdd lend` has started listens on a TCP port");
                Ok(Target::None)
            }
            None => Err(Misuse(format!(
                "--lent: the address of your process is unknown: {}: add --target http://127.0.0.1:PORT, \
                 or start it by `bdd lend -- … {{port}}`, which gives it a free port",
                if table::is_shown() {
                    format!("what `bdd lend` has started doesn't listen on a TCP port within {limit:?}")
                } else {
                    "this system doesn't show where a process listens".to_owned()
                }
            ))
            .into()),
        }
    }
}
