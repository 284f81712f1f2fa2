//! What one scenario knows: its slot, its client, its variables, and what was said and answered.

use crate::{
    database::Rows, failure::Outcome, http::Client, slot::Slot, variables::Variables,
    words::command_line::Console,
};

/// The state of one scenario; made anew for each, dropped at its end.
#[derive(Debug, cucumber::World)]
#[world(init = Self::nowhere)]
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
        }
    }

    /// As SIGTERM does; `it exits with` means the service from now on.
    pub async fn ask_service_to_stop(&mut self) -> Outcome {
        self.asked_to_stop = true;
        self.console.last = None;
        self.slot.ask_service_to_stop().await
    }

    /// What cucumber's own runner would start from; ours makes worlds on slots.
    fn nowhere() -> Self {
        Self::on(Slot::nowhere(), 0)
    }
}
