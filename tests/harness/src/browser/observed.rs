//! What a scenario's pages did: loading, console, requests, dialogs, in all tabs of one browser context.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use super::connection::{Connection, Observer};

/// The maximum number of lines and of requests of a scenario that are kept; the oldest are dropped.
const KEPT: usize = 500;

/// The pages of a scenario, updated by their events.
#[derive(Default)]
pub struct Observed(Mutex<Seen>);

#[derive(Default)]
pub struct Seen {
    /// Open tabs, the newest last.
    pub tabs: Vec<Tab>,
    pub console: VecDeque<ConsoleLine>,
    pub requests: VecDeque<PageRequest>,
    /// Every dialog that a page opened, and its answer.
    pub dialogs: Vec<Dialog>,
    /// The answers for the next dialogs.
    pub answers: VecDeque<DialogAnswer>,
    /// What the browser would drag, while a drag is intercepted.
    pub dragged: Option<Value>,
    /// Commands for every new tab: the size of the window, the colour scheme.
    settings: Vec<(&'static str, Value)>,
}

pub struct Tab {
    pub session: String,
    /// The id of the tab. Its main frame has the same id.
    pub target: String,
    /// The document that is loading or was loaded last.
    loader: String,
    /// The page has requested a navigation, for example by sending a form. The browser starts it a moment later.
    pub is_leaving: bool,
    /// A document is loading.
    pub is_loading: bool,
    /// Its HTML is completely parsed.
    pub is_parsed: bool,
    pub is_crashed: bool,
    /// A frame was put on a page of this tab.
    pub has_frames: bool,
}

pub struct ConsoleLine {
    /// `error`, `warning`, `log`, …
    pub level: String,
    pub text: String,
}

pub struct PageRequest {
    id: String,
    session: String,
    /// The document that sent it, or that it loads.
    loader: String,
    pub method: String,
    pub url: String,
    /// The status, or why there is none; `None` until one of them is known.
    pub outcome: Option<Result<u64, String>>,
}

pub struct Dialog {
    /// `alert`, `confirm`, `prompt`, `beforeunload`.
    pub kind: String,
    pub message: String,
    pub is_accepted: bool,
}

#[derive(Clone, Debug)]
pub enum DialogAnswer {
    Accept,
    Dismiss,
    Text(String),
}

impl ConsoleLine {
    pub fn is_error(&self) -> bool {
        matches!(self.level.as_str(), "error" | "assert")
    }
}

impl Observed {
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Observed {
    /// A new tab. All observation is switched on before its page can do anything.
    fn attached(&self, connection: &Connection, session: &str, target: &str) {
        let mut seen = self.seen();
        for domain in ["Page", "Runtime", "Network", "Log", "Accessibility"] {
            connection.post(Some(session), &format!("{domain}.enable"), json!({}));
        }
        connection.post(
            Some(session),
            "Page.setLifecycleEventsEnabled",
            json!({"enabled": true}),
        );
        for (method, parameters) in &seen.settings {
            connection.post(Some(session), method, parameters.clone());
        }
        seen.tabs.push(Tab {
            session: session.to_owned(),
            target: target.to_owned(),
            loader: String::new(),
            is_leaving: false,
            is_loading: false,
            is_parsed: true,
            is_crashed: false,
            has_frames: false,
        });
    }

    fn detached(&self, session: &str) {
        self.seen().tabs.retain(|tab| tab.session != session);
    }

    fn event(&self, connection: &Connection, session: &str, method: &str, event: &Value) {
        let mut seen = self.seen();
        match method {
            "Page.javascriptDialogOpening" => seen.answer(connection, session, event),
            "Input.dragIntercepted" => seen.dragged = Some(event["data"].clone()),
            "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                seen.console(method, event);
            }
            "Page.frameNavigated" => seen.navigated(session, &event["frame"]),
            _ if method.starts_with("Network.") => seen.network(session, method, event),
            _ => {
                if let Some(tab) = seen.tabs.iter_mut().find(|tab| tab.session == session) {
                    tab.event(method, event);
                }
            }
        }
    }
}

impl Tab {
    fn event(&mut self, method: &str, event: &Value) {
        let is_main = event["frameId"] == self.target.as_str();
        // The event that a frame was attached is missing if the page was new to its process.
        self.has_frames |= event["frameId"].is_string() && !is_main;
        match method {
            "Page.frameScheduledNavigation" if is_main && event["delay"] == 0 => {
                self.is_leaving = true;
            }
            "Page.frameRequestedNavigation" if is_main && event["disposition"] == "currentTab" => {
                self.is_leaving = true;
            }
            "Page.frameStartedNavigating" if is_main => {
                self.is_leaving = false;
                let kind = event["navigationType"].as_str().unwrap_or_default();
                if !kind.ends_with("ameDocument") {
                    self.loader = text(&event["loaderId"]);
                    self.is_loading = true;
                    self.is_parsed = false;
                }
            }
            // A link to a place on the same page.
            "Page.navigatedWithinDocument" if is_main => self.is_leaving = false,
            "Page.lifecycleEvent" if is_main && event["loaderId"] == self.loader.as_str() => {
                match event["name"].as_str() {
                    Some("DOMContentLoaded") => self.is_parsed = true,
                    Some("load") => self.is_loading = false,
                    _ => {}
                }
            }
            // This event also comes without a new page: for a download, or a response without content.
            "Page.frameStoppedLoading" if is_main => {
                self.is_loading = false;
                self.is_parsed = true;
            }
            "Inspector.targetCrashed" => self.is_crashed = true,
            _ => {}
        }
    }
}

impl Seen {
    /// Stores a command for later tabs. It replaces an earlier one of the same kind.
    pub fn set(&mut self, method: &'static str, parameters: Value) {
        self.settings.retain(|(known, _)| *known != method);
        self.settings.push((method, parameters));
    }

    /// The parameters of the stored command of this kind.
    pub fn setting(&self, method: &str) -> Option<Value> {
        let mut settings = self.settings.iter();
        let stored = settings.find(|(known, _)| *known == method);
        stored.map(|(_, parameters)| parameters.clone())
    }

    fn answer(&mut self, connection: &Connection, session: &str, event: &Value) {
        let kind = text(&event["type"]);
        let is_question = matches!(kind.as_str(), "confirm" | "prompt");
        let answer = if is_question {
            self.answers.pop_front().unwrap_or(DialogAnswer::Dismiss)
        } else {
            DialogAnswer::Accept
        };
        let parameters = match &answer {
            DialogAnswer::Accept => {
                json!({"accept": true, "promptText": event["defaultPrompt"]})
            }
            DialogAnswer::Text(text) => json!({"accept": true, "promptText": text}),
            DialogAnswer::Dismiss => json!({"accept": false}),
        };
        connection.post(Some(session), "Page.handleJavaScriptDialog", parameters);
        self.dialogs.push(Dialog {
            kind,
            message: text(&event["message"]),
            is_accepted: !matches!(answer, DialogAnswer::Dismiss),
        });
    }

    fn console(&mut self, method: &str, event: &Value) {
        let (level, message, place) = match method {
            "Runtime.consoleAPICalled" => {
                let frame = &event["stackTrace"]["callFrames"][0];
                (text(&event["type"]), arguments(event), place(frame))
            }
            "Runtime.exceptionThrown" => {
                let details = &event["exceptionDetails"];
                let description = details["exception"]["description"].as_str();
                let message = description.map_or_else(
                    || {
                        let thrown = shown(&details["exception"]);
                        format!("{} {thrown}", text(&details["text"]))
                    },
                    str::to_owned,
                );
                ("error".to_owned(), message, place(details))
            }
            _ => {
                let entry = &event["entry"];
                (text(&entry["level"]), text(&entry["text"]), place(entry))
            }
        };
        push(
            &mut self.console,
            ConsoleLine {
                level,
                text: format!("{message}{place}"),
            },
        );
    }

    /// A new document ends the requests of the one before. Chromium doesn't always report that.
    fn navigated(&mut self, session: &str, frame: &Value) {
        if frame["parentId"].is_string() {
            return;
        }
        let loader = text(&frame["loaderId"]);
        for request in &mut self.requests {
            if request.session == session && request.loader != loader {
                let left = || Err("its page was left".to_owned());
                request.outcome.get_or_insert_with(left);
            }
        }
    }

    fn network(&mut self, session: &str, method: &str, event: &Value) {
        let id = text(&event["requestId"]);
        let outcome = match method {
            "Network.requestWillBeSent" => {
                let request = &event["request"];
                let (method, url) = (text(&request["method"]), text(&request["url"]));
                if let Some(status) = event["redirectResponse"]["status"].as_u64() {
                    self.ended(&id, Ok(status));
                }
                if !url.starts_with("data:") {
                    let outcome = None;
                    push(
                        &mut self.requests,
                        PageRequest {
                            id,
                            session: session.to_owned(),
                            loader: text(&event["loaderId"]),
                            method,
                            url,
                            outcome,
                        },
                    );
                }
                return;
            }
            "Network.responseReceived" => {
                Ok(event["response"]["status"].as_u64().unwrap_or_default())
            }
            "Network.loadingFailed" => {
                let blocked = event["blockedReason"].as_str();
                let why = blocked.map_or_else(
                    || text(&event["errorText"]),
                    |why| format!("blocked by the browser: {why}"),
                );
                Err(why)
            }
            _ => return,
        };
        self.ended(&id, outcome);
    }

    fn ended(&mut self, id: &str, outcome: Result<u64, String>) {
        let of_id = |request: &&mut PageRequest| request.id == id;
        if let Some(request) = self.requests.iter_mut().rev().find(of_id)
            && !matches!(request.outcome, Some(Ok(_)))
        {
            request.outcome = Some(outcome);
        }
    }
}

fn push<T>(lines: &mut VecDeque<T>, line: T) {
    if lines.len() == KEPT {
        lines.pop_front();
    }
    lines.push_back(line);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The arguments of a `console` call, as the console shows them.
fn arguments(event: &Value) -> String {
    let arguments = event["args"].as_array().into_iter().flatten();
    arguments.map(shown).collect::<Vec<_>>().join(" ")
}

fn shown(argument: &Value) -> String {
    match (&argument["value"], argument["description"].as_str()) {
        (Value::String(text), _) => text.clone(),
        (Value::Null, Some(description)) => description.to_owned(),
        (value, _) => value.to_string(),
    }
}

/// ` (http://…/app.js:12)`. The protocol counts lines from 0.
fn place(of: &Value) -> String {
    match (of["url"].as_str(), of["lineNumber"].as_u64()) {
        (Some(url), Some(line)) if !url.is_empty() => format!(" ({url}:{})", line + 1),
        (Some(url), None) if !url.is_empty() => format!(" ({url})"),
        _ => String::new(),
    }
}
