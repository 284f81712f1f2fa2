//! A page in a real Chromium: one browser per run, one isolated context per scenario.
//!
//! The harness speaks the DevTools protocol over a pipe. WebDriver has no isolated contexts, no console, no requests
//! and no accessibility tree. A client with Rust types for the whole protocol takes longer to compile than the rest of
//! the suite, and only thirty commands are used here.

mod accessibility;
mod act;
mod connection;
mod diagnosis;
mod document;
mod executable;
mod find;
mod found;
mod input;
mod keyboard;
mod observed;
mod page;
mod part;
mod process;
mod roles;
mod value;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::Mutex;

use crate::failure::Failure;
use process::Process;

pub use diagnosis::Diagnosis;
pub use executable::{Choice, find, looked_for};
pub use observed::DialogAnswer;
pub use page::Page;

/// The tag of scenarios that need a browser, without its `@`.
pub const TAG: &str = "browser";

/// How long a step waits for the page by default.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The settings of a run's browser.
#[derive(Clone, Debug)]
pub struct BrowserSettings {
    /// The executable; `None` if there is no browser.
    pub executable: Option<PathBuf>,
    /// More arguments for its command line.
    pub arguments: Vec<String>,
    /// How long a step waits for the page.
    pub patience: Duration,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            executable: None,
            arguments: Vec::new(),
            patience: PATIENCE,
        }
    }
}

/// The browser of a run. It is started when a scenario first needs it.
#[derive(Default)]
pub struct Browser {
    pub settings: BrowserSettings,
    process: Mutex<Option<Process>>,
}

impl Browser {
    pub fn new(settings: BrowserSettings) -> Self {
        Self {
            settings,
            process: Mutex::default(),
        }
    }

    /// A page in its own context, without the cookies, storage, caches or permissions of other scenarios.
    ///
    /// If the browser has ended, by a crash or because memory ran out, it is started again.
    pub async fn page(&self, folder: &Path) -> Result<Page, Failure> {
        let mut process = self.process.lock().await;
        if let Some(ended) = process.take_if(|process| process.connection().is_closed()) {
            ended.end().await;
        }
        let connection = if let Some(process) = &*process {
            Arc::clone(process.connection())
        } else {
            let started = Process::start(&self.settings, folder).await;
            let started = process.insert(started.map_err(Failure::new)?);
            Arc::clone(started.connection())
        };
        drop(process);
        Page::create(connection, self.settings.patience).await
    }

    /// Stops the browser if it was started.
    pub async fn end(self) {
        if let Some(process) = self.process.into_inner() {
            process.end().await;
        }
    }
}
