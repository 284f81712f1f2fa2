//! A slot: a private database and the service that runs on it. A scenario has one to itself.

pub mod command_line;
pub mod factory;
pub mod logs;
mod release;
pub mod service;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use sqlx::Connection as _;

use crate::{
    database::Connection,
    failure::Failure,
    isolation::{sqlite, template},
    process::run_folder,
    service::{Environment, Program},
    slot::{
        factory::{DatabaseSource, SlotContext, SlotDatabase, Target},
        logs::Log,
        service::RunningService,
    },
    sql,
};

pub use release::{Outcome, Release};

/// A leased slot. What a scenario's words need is here; the runner gets it back at the end.
pub struct Slot(Option<Box<Leased>>);

struct Leased {
    number: usize,
    context: Arc<SlotContext>,
    database: SlotDatabase,
    service: Option<RunningService>,
    /// The scenario's own connection, and the one that an earlier scenario used.
    connection: Option<Connection>,
    kept: Option<Connection>,
    /// `the service runs with`, for this scenario.
    settings: Environment,
    /// The service isn't as after a start any more.
    disturbed: bool,
    /// The service was given up in the middle of something.
    abandoned: bool,
    refusing: bool,
    /// A program had the owner's URL, and may have done anything.
    ran_program: bool,
    generation: usize,
}

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
            ran_program: false,
            generation: 0,
        };
        leased.start().await?;
        leased.log_cleared();
        Ok(Self(Some(Box::new(leased))))
    }

    /// No slot at all, for runs that only match steps.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// The slot itself; what stays behind serves nobody.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    fn leased(&self) -> Result<&Leased, Failure> {
        self.0
            .as_deref()
            .ok_or_else(|| Failure::new("the scenario has ended, and its slot was released"))
    }

    fn leased_mut(&mut self) -> Result<&mut Leased, Failure> {
        self.0
            .as_deref_mut()
            .ok_or_else(|| Failure::new("the scenario has ended, and its slot was released"))
    }

    /// Which slot it is, from 1.
    pub fn number(&self) -> usize {
        self.0.as_ref().map_or(0, |leased| leased.number)
    }

    /// The log of its service, since the scenario began; empty where the service isn't ours.
    pub fn log(&self) -> Log {
        Log::of(self.number())
    }

    /// The same for a scenario that asks for it; fails where the service isn't ours.
    pub fn service_log(&self) -> Result<Log, Failure> {
        self.leased()?.must_be_ours("be asked for its log")?;
        Ok(self.log())
    }

    /// The program under test.
    pub fn program(&self) -> Result<Arc<Program>, Failure> {
        Ok(Arc::clone(&self.leased()?.context.program))
    }

    /// How long a run of the program's command line may take.
    pub fn program_limit(&self) -> Result<Duration, Failure> {
        Ok(self.leased()?.context.limits.program)
    }

    /// A folder that goes with the run.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        Ok(self.leased()?.context.folder.clone())
    }

    /// `http://host:port` of the service; fails where the target is `none`.
    pub fn base_url(&self) -> Result<String, Failure> {
        let leased = self.leased()?;
        match (&leased.context.target, &leased.service) {
            (Target::Url(url), _) => Ok(url.clone()),
            (Target::None, _) => Err(Failure::new(
                "there is no service to send anything to: the suite runs with --target none",
            )),
            (_, Some(service)) => Ok(format!("http://{}", service.address)),
            (_, None) => Err(Failure::new(
                "the service isn't running: its last start failed",
            )),
        }
    }

    /// A program is about to get the owner's URL.
    pub fn runs_program(&mut self) {
        if let Some(leased) = &mut self.0 {
            leased.ran_program = true;
        }
    }

    /// The database's URL as its owner.
    pub fn owner_url(&self) -> Result<String, Failure> {
        self.leased()?.owner_url()
    }

    /// The database's URL as the role that the slot's service works as.
    pub fn service_url(&self) -> Result<String, Failure> {
        self.leased()?.service_url()
    }

    /// The scenario's own connection, as the database's owner; at each scenario's start it is as new.
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

    /// The service starts anew with these settings, by variable, until the scenario ends.
    pub async fn run_service_with(&mut self, settings: Environment) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.must_be_ours("be given settings")?;
        leased.settings.extend(settings);
        leased.disturbed = true;
        leased.end_service().await;
        leased.start().await
    }

    /// The service ends and starts again.
    pub async fn restart_service(&mut self) -> Result<(), Failure> {
        self.leased()?.must_be_ours("be restarted")?;
        self.run_service_with(Environment::new()).await
    }

    /// A step was cancelled, and what it had begun may still be going on: the service ends before the reset, so that
    /// nothing is written after it.
    pub fn is_disturbed(&mut self) {
        if let Some(leased) = &mut self.0 {
            leased.disturbed = true;
            leased.abandoned = true;
        }
    }

    /// As SIGTERM does, and until the service has taken note of it; it may go on for a while.
    pub async fn ask_service_to_stop(&mut self) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.must_be_ours("be stopped")?;
        leased.disturbed = true;
        let readiness = leased.context.program.readiness();
        match &mut leased.service {
            Some(service) => service.ask_to_stop(readiness).await,
            None => Err(Failure::new("the service isn't running")),
        }
    }

    /// The exit code of a service that was asked to stop, once it has ended.
    pub async fn service_exit_code(&mut self) -> Result<i32, Failure> {
        match &mut self.leased_mut()?.service {
            Some(service) => service.exit_code().await,
            None => Err(Failure::new("the service isn't running")),
        }
    }

    /// The slot's database takes no new connections, and open ones are cut; ours stay.
    pub async fn refuse_connections(&mut self) -> Result<(), Failure> {
        // Our own has to be open before the door closes.
        self.database().await?;
        let leased = self.leased_mut()?;
        leased.allow_connections(false).await?;
        leased.disturbed = true;
        leased.refusing = true;
        leased.cut_connections().await
    }

    /// Undoes what kept the database away.
    pub async fn make_reachable(&mut self) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.refusing = false;
        leased.allow_connections(true).await
    }

    /// Ends the service and disconnects from the database, which [`SlotContext::shut_down`] removes.
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
                "there is no service that could {what}: the suite runs with --target none"
            ))),
            Target::Url(url) => Err(Failure::new(format!(
                "the service at {url} isn't ours, so it can't {what}; run with --target service or binary"
            ))),
        }
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let shapes = Arc::clone(&self.context.shapes);
        if let SlotDatabase::Sqlite { file, .. } = &self.database {
            return Connection::sqlite(file, shapes).await;
        }
        let url =
            url::Url::parse(&self.owner_url()?).map_err(|error| Failure::new(error.to_string()))?;
        let connection = sql::connect_as(&url, sql::SCENARIO).await?;
        Connection::postgres(connection, shapes).await
    }

    fn owner_url(&self) -> Result<String, Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok(template.url(&clone.name))
            }
            (_, SlotDatabase::Sqlite { file, .. }) => Ok(sqlite::url(file)),
            _ => Err(Failure::new(
                "the database behind the target's URL isn't ours: words of the database can't be served with --target URL",
            )),
        }
    }

    fn service_url(&self) -> Result<String, Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok(template.service_url(&clone.name))
            }
            _ => self.owner_url(),
        }
    }

    /// Starts the service, with the run's settings and then the scenario's.
    async fn start(&mut self) -> Result<(), Failure> {
        if let SlotDatabase::NotOurs = self.database {
            return Ok(());
        }
        let service_url = self.service_url()?;
        let program = &self.context.program;
        let mut environment = program.environment(&service_url, &self.owner_url()?);
        environment.extend(self.context.settings.clone());
        environment.extend(self.settings.clone());
        let limit = self.context.limits.start;
        self.service = match self.context.target {
            Target::Service => {
                Some(RunningService::here(program, self.number, environment, limit).await?)
            }
            Target::Binary => {
                let folder = self.context.folder.display().to_string();
                environment.insert(run_folder::VARIABLE.to_owned(), folder);
                Some(RunningService::process(program, self.number, environment, limit).await?)
            }
            Target::None | Target::Url(_) => None,
        };
        Ok(())
    }

    async fn end_service(&mut self) {
        if let Some(service) = self.service.take() {
            service.end().await;
        }
    }

    async fn allow_connections(&self, allow: bool) -> Result<(), Failure> {
        let (template, name) = self.server()?;
        let mut admin = template.server.connect().await?;
        let statement = format!(
            "alter database {} with allow_connections {allow}",
            sql::identifier(name)
        );
        sql::execute(&mut admin, &statement).await?;
        admin.close().await?;
        Ok(())
    }

    /// Cuts every connection to the slot's database but the harness's own, and sees them gone.
    async fn cut_connections(&self) -> Result<(), Failure> {
        let (template, name) = self.server()?;
        let mut admin = template.server.connect().await?;
        loop {
            let left: i64 = sqlx::query_scalar(
                "select count(*) filter (where pg_terminate_backend(pid))
                   from pg_stat_activity
                  where datname = $1 and application_name <> all ($2) and backend_type = 'client backend'",
            )
            .bind(name)
            .bind([sql::HARNESS, sql::SCENARIO])
            .fetch_one(&mut admin)
            .await?;
            if left == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        admin.close().await?;
        Ok(())
    }

    fn server(&self) -> Result<(&template::Template, &str), Failure> {
        match (&self.context.source, &self.database) {
            (DatabaseSource::Postgres(template), SlotDatabase::Postgres { clone, .. }) => {
                Ok((template, &clone.name))
            }
            (_, SlotDatabase::Sqlite { .. }) => Err(Failure::new(
                "SQLite is a file: it has no connections to refuse; tag the scenario @postgres",
            )),
            _ => Err(Failure::new(
                "the database behind the target's URL isn't ours",
            )),
        }
    }

    fn log_cleared(&self) {
        Log::of(self.number).clear();
    }
}
