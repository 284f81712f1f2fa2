//! Starts and stops the service of a slot.

use crate::{
    failure::Failure,
    process::{free_port, is_free, run_folder},
    service::{Environment, address::DatabaseAddress},
    slot::{
        Leased, Slot,
        factory::{SlotDatabase, Target},
        launch::Launch,
        service::RunningService,
    },
};

/// How many ports are tried if other programs take them.
const PORTS_TRIED: usize = 3;

impl Slot {
    /// Restarts the service with these settings, as environment variables, until the scenario ends.
    pub async fn run_service_with(&mut self, settings: Environment) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.must_be_ours("be given settings")?;
        leased.settings.extend(settings);
        leased.disturbed = true;
        leased.end_service().await;
        leased.start().await
    }

    pub async fn restart_service(&mut self) -> Result<(), Failure> {
        self.leased()?.must_be_ours("be restarted")?;
        self.run_service_with(Environment::new()).await
    }

    /// Sends SIGTERM, and waits until the service has noticed it. The service may take longer to stop.
    pub async fn ask_service_to_stop(&mut self) -> Result<(), Failure> {
        let leased = self.leased_mut()?;
        leased.must_be_ours("be stopped")?;
        leased.disturbed = true;
        let readiness = leased.context.program.readiness();
        match &mut leased.service {
            Some(service) => service.ask_to_stop(leased.number, readiness).await,
            None => Err(Failure::new("the service isn't running")),
        }
    }

    /// The exit code of a service that was asked to stop. Waits until it has ended.
    pub async fn service_exit_code(&mut self) -> Result<i32, Failure> {
        match &mut self.leased_mut()?.service {
            Some(service) => service.exit_code().await,
            None => Err(Failure::new("the service isn't running")),
        }
    }

    /// How the service ended by itself, if it did. Then the next scenario gets a new one.
    pub fn service_ended(&mut self) -> Option<String> {
        let leased = self.0.as_deref_mut()?;
        let ended = leased.service.as_mut()?.ended();
        leased.disturbed |= ended.is_some();
        ended
    }
}

impl Leased {
    /// Starts the service with the run's settings; the scenario's settings override them.
    pub(super) async fn start(&mut self) -> Result<(), Failure> {
        if let SlotDatabase::NotOurs = self.database {
            return Ok(());
        }
        let service_url = self.through_network(self.service_url()?)?;
        let owner_url = self.through_network(self.owner_url()?)?;
        let program = &self.context.program;
        let mut environment = program.environment(&service_url, &owner_url);
        environment.extend(self.neighbours.environment());
        environment.extend(self.context.settings.clone());
        environment.extend(self.settings.clone());
        let limit = self.context.limits.start;
        self.service = match self.context.target {
            Target::Service if program.process().is_some() => Some(self.start_process().await?),
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

    /// Starts the project's own command, with its own port.
    pub(super) async fn start_process(&self) -> Result<RunningService, Failure> {
        let program = &self.context.program;
        let Some(process) = program.process() else {
            return Err(Failure::new("the suite has no service"));
        };
        let database = self.service_address()?;
        let limit = self.context.limits.start(process.within);
        for attempt in 1.. {
            let port = process.takes_port().then(free_port).transpose()?;
            let mut environment = process.surroundings.environment(&database, port)?;
            environment.extend(self.neighbours.environment());
            environment.extend(self.settings.clone());
            let folder = self.context.folder.display().to_string();
            environment.insert(run_folder::VARIABLE.to_owned(), folder);
            let launch = Launch {
                line: process
                    .surroundings
                    .command(&process.run, &database, port)?,
                environment,
                port,
            };
            let started = RunningService::group(process, self.number, launch, limit).await;
            // Another program may have taken the port in the meantime.
            let is_taken = port.is_some_and(|port| !is_free(port));
            if started.is_ok() || attempt == PORTS_TRIED || !is_taken {
                return started;
            }
        }
        unreachable!("the last attempt answers")
    }

    pub(super) fn service_address(&self) -> Result<DatabaseAddress, Failure> {
        let (template, _) = self.server()?;
        template.address(&self.through_network(self.service_url()?)?)
    }

    pub(super) async fn end_service(&mut self) {
        if let Some(service) = self.service.take() {
            service.end(self.abandoned).await;
        }
    }
}
