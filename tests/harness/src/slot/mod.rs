//! A slot: a private database and the service that runs on it. Only one scenario uses it at a time.

pub mod command_line;
pub mod factory;
pub mod launch;
mod log_line;
pub mod logs;
pub mod neighbours;
mod network;
pub mod probes;
pub mod proxy;
mod release;
mod running;
pub mod service;
mod urls;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    browser::Page,
    database::Connection,
    failure::Failure,
    isolation::written::WrittenTable,
    service::{Environment, Program, process::Forget},
    slot::{
        factory::{DatabaseSource, SlotContext, SlotDatabase, Target},
        logs::Log,
        neighbours::{Neighbour, Neighbours},
        proxy::Proxy,
        service::RunningService,
    },
    sql,
};

pub use release::{Outcome, Release};
pub use urls::ClientUrls;

/// A leased slot, with everything that a scenario's steps need. The runner gets it back at the end.
pub struct Slot(Option<Box<Leased>>);

struct Leased {
    number: usize,
    context: Arc<SlotContext>,
    database: SlotDatabase,
    service: Option<RunningService>,
    /// The scenario's own connection. `kept` is the one that an earlier scenario used.
    connection: Option<Connection>,
    kept: Option<Connection>,
    /// The settings of `the service runs with`, for this scenario.
    settings: Environment,
    /// The service's state isn't that after a start.
    disturbed: bool,
    /// A step was cancelled, so the service may be in the middle of something.
    abandoned: bool,
    refusing: bool,
    neighbours: Neighbours,
    /// Between the service and its database, in a scenario about the network.
    proxy: Option<Proxy>,
    /// A program had the owner's URL, and may have changed anything.
    ran_program: bool,
    generation: usize,
}

const NOWHERE: &str = "there is no slot here: its scenario has ended and the slot was released, or this is a hook around all scenarios";

impl Slot {
    /// Clones the template and starts the service on it.
    pub async fn prepare(context: &Arc<SlotContext>, number: usize) -> Result<Self, Failure> {
        let mut leased = Leased {
            number,
            context: Arc::clone(context),
            database: context.database(number, 0).await?,
            service: None,
            connection: None,
            kept: None,
            settings: Environment::new(),
            disturbed: false,
            abandoned: false,
            refusing: false,
            neighbours: Neighbours::default(),
            proxy: None,
            ran_program: false,
            generation: 0,
        };
        if matches!(context.target, Target::Service | Target::Binary) {
            leased.neighbours = Neighbours::start(context.program.neighbours()).await?;
        }
        leased.start().await?;
        leased.log_cleared();
        Ok(Self(Some(Box::new(leased))))
    }

    /// No slot, for runs that only match steps.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Takes the slot. What stays behind is a slot without a service.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    fn leased(&self) -> Result<&Leased, Failure> {
        self.0.as_deref().ok_or_else(|| Failure::new(NOWHERE))
    }

    fn leased_mut(&mut self) -> Result<&mut Leased, Failure> {
        self.0.as_deref_mut().ok_or_else(|| Failure::new(NOWHERE))
    }

    /// The slot's number, starting at 1.
    pub fn number(&self) -> usize {
        self.0.as_ref().map_or(0, |leased| leased.number)
    }

    /// The log of its service since the start of the scenario; empty if the service isn't ours.
    pub fn log(&self) -> Log {
        Log::of(self.number())
    }

    /// The log for a scenario that asks for it; fails if the service isn't ours.
    pub fn service_log(&self) -> Result<Log, Failure> {
        self.leased()?.must_be_ours("be asked for its log")?;
        Ok(self.log())
    }

    /// The service under test as a program.
    pub fn program(&self) -> Result<Arc<Program>, Failure> {
        Ok(Arc::clone(&self.leased()?.context.program))
    }

    /// The time limit for a run of the service's command line.
    pub fn program_limit(&self) -> Result<Duration, Failure> {
        Ok(self.leased()?.context.limits.program)
    }

    /// A folder that is removed with the run.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        Ok(self.leased()?.context.folder.clone())
    }

    /// `http://host:port` of the service; fails if the target is `none`.
    pub fn base_url(&self) -> Result<String, Failure> {
        let leased = self.leased()?;
        match (&leased.context.target, &leased.service) {
            (Target::Url(url), _) => Ok(url.clone()),
            (Target::None, _) => Err(Failure::new(format!(
                "there is no service to send a request to: {}",
                leased.why_no_service()
            ))),
            (_, Some(service)) => Ok(format!("http://{}", service.address)),
            (_, None) => Err(Failure::new(
                "the service isn't running: its last start failed",
            )),
        }
    }

    /// Whether isolation is proved, but nothing clears the service's memory between scenarios.
    pub fn may_remember(&self) -> bool {
        self.0.as_ref().is_some_and(|leased| {
            let context = &leased.context;
            context.isolation.prove
                && leased.service.is_some()
                && *context.program.forget() == Forget::Unsaid
        })
    }

    /// A page in the run's browser, without state of an earlier page.
    pub async fn new_page(&self) -> Result<Page, Failure> {
        let context = &self.leased()?.context;
        context.browser.page(&context.folder).await
    }

    /// Notes that a program gets the owner's URL.
    pub fn runs_program(&mut self) {
        if let Some(leased) = &mut self.0 {
            leased.ran_program = true;
        }
    }

    /// The rows that the scenario has written and committed so far.
    pub async fn written(&mut self) -> Result<Vec<WrittenTable>, Failure> {
        match &mut self.leased_mut()?.database {
            SlotDatabase::Postgres { resetter, .. } => resetter.written().await,
            SlotDatabase::Sqlite { resetter, .. } => resetter.written().await,
            SlotDatabase::NotOurs => Ok(Vec::new()),
        }
    }

    /// The scenario's own connection, as the database's owner. Each scenario starts with a fresh session.
    pub async fn database(&mut self) -> Result<&mut Connection, Failure> {
        let leased = self.leased_mut()?;
        if leased.connection.is_none() {
            let mut kept = leased.kept.take();
            if let Some(connection) = &mut kept
                && !connection.renew().await
            {
                kept = None;
            }
            leased.connection = Some(match kept {
                Some(connection) => connection,
                None => leased.connect().await?,
            });
        }
        leased
            .connection
            .as_mut()
            .ok_or_else(|| Failure::new("no connection"))
    }

    /// A step was cancelled, and what it started may still be running. The service is ended before the reset, so that
    /// it writes nothing after it.
    pub fn is_disturbed(&mut self) {
        if let Some(leased) = &mut self.0 {
            leased.disturbed = true;
            leased.abandoned = true;
        }
    }

    /// A service that the slot's service calls, played by the harness.
    pub fn neighbour(&mut self, name: &str) -> Result<&mut Neighbour, Failure> {
        let leased = self.leased_mut()?;
        leased.must_be_ours("call a neighbour of the suite")?;
        leased.neighbours.get_mut(name)
    }

    /// All neighbours; `None` if the slot is gone.
    pub fn neighbours(&self) -> Option<&Neighbours> {
        self.0.as_deref().map(|leased| &leased.neighbours)
    }

    /// Stops the service, and keeps the database for the user of `scenario`.
    pub async fn keep(self, scenario: String) {
        let (Some(command), Ok(leased)) = (self.client_command(), self.leased()) else {
            return self.end().await;
        };
        let context = Arc::clone(&leased.context);
        if let SlotDatabase::Postgres { clone, .. } = &leased.database {
            let mut clones = context.clones.lock();
            clones.retain(|other| other.name != clone.name);
        }
        context.kept.lock().push((scenario, command));
        self.end().await;
    }

    /// Stops the service and disconnects from the database, which [`SlotContext::shut_down`] removes.
    pub async fn end(mut self) {
        if let Some(mut leased) = self.0.take() {
            let open = [leased.connection.take(), leased.kept.take()];
            for connection in open.into_iter().flatten() {
                connection.close().await;
            }
            leased.end_service().await;
            leased.database.close().await;
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}", self.number())
    }
}

impl Leased {
    fn must_be_ours(&self, what: &str) -> Result<(), Failure> {
        match &self.context.target {
            Target::Service | Target::Binary => Ok(()),
            Target::None => Err(Failure::new(format!(
                "there is no service that could {what}: {}",
                self.why_no_service()
            ))),
            Target::Url(url) => {
                let context = &self.context;
                let way_out = match &context.source {
                    DatabaseSource::Postgres(template) if template.lent_database().is_some() => {
                        "run without --lent"
                    }
                    _ if context.program.process().is_some() => "run without --target",
                    _ => "run with --target service or binary",
                };
                Err(Failure::new(format!(
                    "the service at {url} isn't ours, so it can't {what}; {way_out}"
                )))
            }
        }
    }

    fn why_no_service(&self) -> &'static str {
        let program = &self.context.program;
        if program.has_service() {
            "the suite runs with --target none"
        } else if program.schema().is_some() {
            "bdd.toml has no service.run, so scenarios only use the database; `bdd config` explains [service]"
        } else {
            "the suite has none, so scenarios only use the database: add one by Suite::service"
        }
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let shapes = Arc::clone(&self.context.shapes);
        if let SlotDatabase::Sqlite { file, .. } = &self.database {
            return Connection::sqlite(file, shapes).await;
        }
        let url = url::Url::parse(&self.owner_url()?)?;
        let connection = sql::connect_as(&url, sql::SCENARIO).await?;
        Connection::postgres(connection, shapes).await
    }

    fn log_cleared(&self) {
        Log::of(self.number).clear();
    }
}
