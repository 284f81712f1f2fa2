//! What one scenario knows: its slot, its client, its variables, and what was said and answered.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    convert::Infallible,
    fmt,
};

use crate::{
    database::Rows,
    failure::Outcome,
    http::{Client, Request},
    slot::Slot,
    slot::command_line::Console,
    variables::Variables,
};

/// The state of one scenario; made anew for each, dropped at its end.
#[derive(Debug)]
pub struct World {
    /// The database and the service that belong to this scenario alone.
    pub slot: Slot,
    /// Headers that stay, the bearer, and every exchange so far.
    pub client: Client,
    /// `{{name}}` and made values.
    pub variables: Variables,
    /// What the last `I query:` returned.
    pub queried: Option<Rows>,
    /// Runs of the program's command line.
    pub console: Console,
    /// The service was asked to stop, and `it exits with` means it.
    pub asked_to_stop: bool,
    extensions: Extensions,
}

impl World {
    /// A world on a leased slot; `seed` makes its made values the same from run to run.
    pub fn on(slot: Slot, seed: u64) -> Self {
        Self {
            slot,
            client: Client::default(),
            variables: Variables::new(seed),
            queried: None,
            console: Console::default(),
            asked_to_stop: false,
            extensions: Extensions::default(),
        }
    }

    /// Sends JSON to the service with the scenario's headers, for a step in Rust; its answer is the scenario's last one.
    /// Fails when the status is another.
    pub async fn send_json(
        &mut self,
        method: &str,
        path: &str,
        body: &serde_json::Value,
        expected: u16,
    ) -> Outcome {
        let request = Request::new(|| self.slot.base_url(), method, path)?;
        let request = request.body_of("application/json", body.to_string());
        self.send_expecting(request, expected).await
    }

    /// The same without the scenario's credentials.
    pub async fn send_json_anonymously(
        &mut self,
        method: &str,
        path: &str,
        body: &serde_json::Value,
        expected: u16,
    ) -> Outcome {
        let request = Request::new(|| self.slot.base_url(), method, path)?;
        let request = request.body_of("application/json", body.to_string());
        let request = request.anonymous();
        self.send_expecting(request, expected).await
    }

    async fn send_expecting(&mut self, request: Request, expected: u16) -> Outcome {
        let asked = format!("{} {}", request.method, request.target);
        self.client.send(request).await?;
        let answer = self.client.answer()?;
        if answer.status == expected {
            return Ok(());
        }
        let found = answer.status_line();
        Err(format!("{asked} was answered {found}, not {expected}").into())
    }

    /// As SIGTERM does; `it exits with` means the service from now on.
    pub async fn ask_service_to_stop(&mut self) -> Outcome {
        self.asked_to_stop = true;
        self.console.last = None;
        self.slot.ask_service_to_stop().await
    }

    /// State of the project's own steps, made by `Default` when it is first asked for.
    pub fn ext<T: Any + Default>(&mut self) -> &mut T {
        self.extensions
            .0
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Box::new(T::default()))
            .downcast_mut()
            .expect("an entry has the type that it is filed under")
    }
}

/// States of other crates' steps, by type.
#[derive(Default)]
struct Extensions(HashMap<TypeId, Box<dyn Any>>);

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} extensions", self.0.len())
    }
}

impl cucumber::World for World {
    type Error = Infallible;

    /// A world without a slot. The runner makes worlds on slots by [`World::on`].
    async fn new() -> Result<Self, Infallible> {
        Ok(Self::on(Slot::nowhere(), 0))
    }
}
