//! A scenario's page: opened, checked until it is as a step expects, and closed.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    connection::{CommandError, Connection},
    observed::{DialogAnswer, Observed, Tab},
};
use crate::failure::{Failure, Outcome};

/// How long a page may take to load, if the suite's patience is shorter.
const LOAD: Duration = Duration::from_mins(1);
/// A requested navigation starts within this time, or was cancelled.
const LEAVING: Duration = Duration::from_secs(2);
/// The pauses between two checks.
const FIRST_PAUSE: Duration = Duration::from_millis(15);
const LONGEST_PAUSE: Duration = Duration::from_millis(120);

/// The window's size, unless a scenario sets another one.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;

/// Why the page isn't as expected.
pub enum Look {
    /// It may still become so.
    NotYet(String),
    /// It never will.
    Broken(Failure),
}

impl From<CommandError> for Look {
    fn from(error: CommandError) -> Self {
        match error {
            // The document was replaced while the command ran.
            CommandError::Refused(why) => Self::NotYet(why),
            CommandError::Closed => Self::Broken(error.into()),
        }
    }
}

impl From<Failure> for Look {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

/// The pages of one scenario. Steps use the newest one.
pub struct Page {
    pub(super) connection: Arc<Connection>,
    pub(super) observed: Arc<Observed>,
    context: String,
    pub(super) patience: Duration,
    is_open: bool,
    /// Elements that matched by a part of their name, and the time when they were first found.
    pub(super) partial: Option<(String, Vec<i64>, Instant)>,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page in the browser context {}", self.context)
    }
}

impl Page {
    pub(super) async fn create(
        connection: Arc<Connection>,
        patience: Duration,
    ) -> Result<Self, Failure> {
        let context = connection
            .call(
                None,
                "Target.createBrowserContext",
                json!({"disposeOnDetach": true}),
            )
            .await?;
        let context = context["browserContextId"].as_str().unwrap_or_default();
        let observed = Arc::<Observed>::default();
        let (method, size) = window(WIDTH, HEIGHT);
        observed.seen().set(method, size);
        connection.observe(context, observed.clone());
        let page = Self {
            connection,
            observed,
            context: context.to_owned(),
            patience,
            is_open: false,
            partial: None,
        };
        let target = json!({"url": "about:blank", "browserContextId": page.context});
        page.connection
            .call(None, "Target.createTarget", target)
            .await?;
        page.connection
            .call(
                None,
                "Browser.setDownloadBehavior",
                json!({"behavior": "deny", "browserContextId": page.context}),
            )
            .await?;
        let deadline = Instant::now() + patience;
        while page.observed.seen().tabs.is_empty() {
            if Instant::now() > deadline {
                return Err("the browser opened no page".into());
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        Ok(page)
    }

    /// Closes every tab, and deletes everything that the pages have stored.
    pub async fn close(self) {
        let context = json!({"browserContextId": self.context});
        let closed = self
            .connection
            .call(None, "Target.disposeBrowserContext", context);
        let _ = tokio::time::timeout(self.patience, closed).await;
        self.connection.forget(&self.context);
    }

    /// Opens an address, and waits until the whole page is loaded.
    pub async fn open(&mut self, url: &str) -> Outcome {
        let answer = self.command("Page.navigate", json!({"url": url})).await?;
        self.is_open = true;
        if let Some(error) = answer["errorText"].as_str() {
            return Err(format!("{url} can't be opened: {error}").into());
        }
        self.loaded().await
    }

    pub async fn reload(&mut self) -> Outcome {
        self.must_be_open()?;
        self.command("Page.reload", json!({})).await?;
        self.started_loading().await;
        self.loaded().await
    }

    pub async fn back(&mut self) -> Outcome {
        self.must_be_open()?;
        let mut visited = self.visited().await?;
        visited.pop();
        let Some(entry) = visited.pop().filter(|entry| entry["url"] != "about:blank") else {
            return Err("this is the first page, so there is no page to go back to".into());
        };
        let entry = json!({"entryId": entry["id"]});
        self.command("Page.navigateToHistoryEntry", entry).await?;
        self.started_loading().await;
        self.loaded().await
    }

    /// The entries of the tab's history up to the current one.
    pub(super) async fn visited(&self) -> Result<Vec<Value>, CommandError> {
        let mut history = self.command("Page.getNavigationHistory", json!({})).await?;
        let current = history["currentIndex"].as_u64().unwrap_or_default();
        let mut entries = match history["entries"].take() {
            Value::Array(entries) => entries,
            _ => Vec::new(),
        };
        entries.truncate(usize::try_from(current).unwrap_or_default() + 1);
        Ok(entries)
    }

    /// Sends a command to this tab and every later one of the scenario.
    pub async fn set(&mut self, method: &'static str, parameters: Value) -> Outcome {
        self.observed.seen().set(method, parameters.clone());
        self.command(method, parameters).await?;
        Ok(())
    }

    /// The size of the window, in pixels.
    pub async fn resize(&mut self, width: u32, height: u32) -> Outcome {
        let (method, size) = window(width, height);
        self.set(method, size).await
    }

    /// The answer for the page's next dialog. A dialog without an answer is dismissed.
    pub fn answer_next_dialog(&mut self, answer: DialogAnswer) {
        self.observed.seen().answers.push_back(answer);
    }

    /// The number of answers that no dialog has used.
    pub fn unused_answers(&self) -> usize {
        self.observed.seen().answers.len()
    }

    pub fn must_be_open(&self) -> Outcome {
        if self.is_open {
            return Ok(());
        }
        Err("no page is open: write `When I open \"/…\"` first".into())
    }

    /// Checks the page until it is as expected, for at most the suite's patience.
    pub(super) async fn wait<T>(
        &mut self,
        mut look: impl AsyncFnMut(&mut Self) -> Result<T, Look>,
    ) -> Result<T, Failure> {
        self.must_be_open()?;
        let deadline = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        self.partial = None;
        loop {
            let looked = if self.is_parsed()? {
                look(self).await
            } else {
                Err(Look::NotYet("the page is still loading".to_owned()))
            };
            let why = match looked {
                Ok(found) => return Ok(found),
                Err(Look::Broken(failure)) => return Err(failure),
                Err(Look::NotYet(why)) => why,
            };
            if Instant::now() >= deadline {
                let waited = self.patience;
                return Err(format!("{why}\n(waited {waited:?}; --browser-patience)").into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits until the document that the last action started to load is parsed.
    pub(super) async fn settle(&mut self) -> Outcome {
        // The page answers after it has finished its current work.
        let _ = self
            .command("Runtime.evaluate", json!({"expression": "0"}))
            .await;
        let began = Instant::now();
        while self.newest_tab(|tab| tab.is_leaving) && began.elapsed() < LEAVING {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        while !self.is_parsed()? && began.elapsed() < self.patience {
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        Ok(())
    }

    /// Waits until no request of the page is without an answer, for at most the suite's patience.
    pub(super) async fn requests_answered(&self) {
        let is_waiting = || {
            let seen = self.observed.seen();
            let mut requests = seen.requests.iter();
            requests.any(|request| request.outcome.is_none())
        };
        let deadline = Instant::now() + self.patience;
        while is_waiting() && Instant::now() < deadline {
            tokio::time::sleep(FIRST_PAUSE).await;
        }
    }

    /// Whether the newest tab is so.
    pub(super) fn newest_tab(&self, is_so: impl FnOnce(&Tab) -> bool) -> bool {
        self.observed.seen().tabs.last().is_some_and(is_so)
    }

    fn is_parsed(&self) -> Result<bool, Failure> {
        let seen = self.observed.seen();
        match seen.tabs.last() {
            Some(tab) if tab.is_crashed => Err("the page has crashed".into()),
            Some(tab) => Ok(tab.is_parsed),
            None => Err("the page has closed itself".into()),
        }
    }

    fn is_loading(&self) -> bool {
        self.newest_tab(|tab| tab.is_loading)
    }

    /// Waits for the start of a reload: its event may come a moment after the command's answer, or may have come
    /// already.
    async fn started_loading(&self) {
        let deadline = Instant::now() + LONGEST_PAUSE;
        while !self.is_loading() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn loaded(&mut self) -> Outcome {
        let limit = self.patience.max(LOAD);
        let deadline = Instant::now() + limit;
        while self.is_loading() {
            if Instant::now() > deadline {
                let waiting = self.unanswered();
                return Err(format!("the page didn't load within {limit:?}{waiting}").into());
            }
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        Ok(())
    }

    /// Whether a page has sent a request without an answer yet: the service may still be working on it.
    pub fn has_unanswered(&self) -> bool {
        let seen = self.observed.seen();
        let mut requests = seen.requests.iter();
        requests.any(|request| request.outcome.is_none() && request.method != "GET")
    }

    fn unanswered(&self) -> String {
        let seen = self.observed.seen();
        let open = seen
            .requests
            .iter()
            .filter(|request| request.outcome.is_none());
        let open: Vec<_> = open
            .map(|request| format!("{} {}", request.method, request.url))
            .collect();
        if open.is_empty() {
            return String::new();
        }
        format!("; still without an answer:\n  {}", open.join("\n  "))
    }

    /// Sends a command to the newest tab.
    pub(super) async fn command(
        &self,
        method: &str,
        parameters: Value,
    ) -> Result<Value, CommandError> {
        let (session, _) = self.tab()?;
        self.connection
            .call(Some(&session), method, parameters)
            .await
    }

    /// The session and main frame of the newest tab.
    pub(super) fn tab(&self) -> Result<(String, String), CommandError> {
        let seen = self.observed.seen();
        let newest = seen.tabs.last();
        newest
            .map(|tab| (tab.session.clone(), tab.target.clone()))
            .ok_or_else(|| CommandError::Refused("the page has closed itself".to_owned()))
    }
}

fn window(width: u32, height: u32) -> (&'static str, Value) {
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    ("Emulation.setDeviceMetricsOverride", size)
}
