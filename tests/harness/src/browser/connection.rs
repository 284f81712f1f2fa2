//! The DevTools protocol: commands, their answers, and events in order of arrival.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    sync::{mpsc, oneshot},
};

use crate::failure::Failure;

/// Why a command failed.
#[derive(Clone, Debug)]
pub enum CommandError {
    /// The browser refused it, because its object is gone or doesn't exist yet.
    Refused(String),
    /// The browser has ended.
    Closed,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Closed => f.write_str("the browser has ended"),
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::new(error.to_string())
    }
}

type Answer = Result<Value, CommandError>;

/// Receives the events of all pages in a browser context.
pub trait Observer: Send + Sync {
    /// A new page. It waits until this returns.
    fn attached(&self, connection: &Connection, session: &str, target: &str);

    fn detached(&self, session: &str);

    fn event(&self, connection: &Connection, session: &str, method: &str, event: &Value);
}

/// The pipe to the browser.
pub struct Connection {
    outgoing: mpsc::UnboundedSender<Value>,
    number: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    /// The observer of events, by session and by browser context.
    sessions: HashMap<String, Arc<dyn Observer>>,
    contexts: HashMap<String, Arc<dyn Observer>>,
    closed: bool,
}

impl Connection {
    pub fn new(
        commands: impl AsyncWrite + Send + Unpin + 'static,
        answers: impl AsyncRead + Send + Unpin + 'static,
    ) -> Arc<Self> {
        let (outgoing, queue) = mpsc::unbounded_channel();
        let connection = Arc::new(Self {
            outgoing,
            number: AtomicU64::new(1),
            state: Mutex::default(),
        });
        tokio::spawn(write(queue, commands));
        tokio::spawn(read(Arc::clone(&connection), answers));
        connection
    }

    pub fn is_closed(&self) -> bool {
        self.locked().closed
    }

    /// Sends a command and waits for its answer.
    pub async fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Answer {
        let (sender, answer) = oneshot::channel();
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        {
            let mut state = self.locked();
            if state.closed {
                return Err(CommandError::Closed);
            }
            state.waiting.insert(number, sender);
        }
        self.send(number, session, method, parameters);
        let answer = answer.await.unwrap_or(Err(CommandError::Closed));
        answer.map_err(|error| match error {
            CommandError::Refused(why) => CommandError::Refused(format!("{method}: {why}")),
            CommandError::Closed => CommandError::Closed,
        })
    }

    /// Sends a command without waiting for its answer.
    pub fn post(&self, session: Option<&str>, method: &str, parameters: Value) {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.send(number, session, method, parameters);
    }

    /// Starts to observe the pages of a context.
    pub fn observe(&self, context: &str, observed: Arc<dyn Observer>) {
        self.locked().contexts.insert(context.to_owned(), observed);
    }

    pub fn forget(&self, context: &str) {
        let mut state = self.locked();
        if let Some(forgotten) = state.contexts.remove(context) {
            state
                .sessions
                .retain(|_, observed| !Arc::ptr_eq(observed, &forgotten));
        }
    }

    fn send(&self, number: u64, session: Option<&str>, method: &str, parameters: Value) {
        let mut command = json!({"id": number, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let _ = self.outgoing.send(command);
    }

    /// Events are handled before the next answer is delivered, so an answer's receiver knows all events before it.
    fn arrived(&self, message: &mut Value) {
        if let Some(number) = message["id"].as_u64() {
            let Some(waiting) = self.locked().waiting.remove(&number) else {
                return;
            };
            let answer = match message.get("error") {
                Some(error) => Err(CommandError::Refused(
                    error["message"].as_str().unwrap_or("refused").to_owned(),
                )),
                None => Ok(message["result"].take()),
            };
            let _ = waiting.send(answer);
            return;
        }
        let parameters = message["params"].take();
        let method = message["method"].as_str().unwrap_or_default();
        match method {
            "Target.attachedToTarget" => self.attached(&parameters),
            "Target.detachedFromTarget" => {
                let session = parameters["sessionId"].as_str().unwrap_or_default();
                let observed = self.locked().sessions.remove(session);
                if let Some(observed) = observed {
                    observed.detached(session);
                }
            }
            _ => {
                let session = message["sessionId"].as_str().unwrap_or_default();
                let observed = self.locked().sessions.get(session).cloned();
                if let Some(observed) = observed {
                    observed.event(self, session, method, &parameters);
                }
            }
        }
    }

    /// A scenario's page is observed from the start. Any other target just continues.
    fn attached(&self, parameters: &Value) {
        let target = &parameters["targetInfo"];
        let session = parameters["sessionId"].as_str().unwrap_or_default();
        let context = target["browserContextId"].as_str().unwrap_or_default();
        let observed = match target["type"].as_str() {
            Some("page") => self.locked().contexts.get(context).cloned(),
            _ => None,
        };
        if let Some(observed) = observed {
            let of_session = Arc::clone(&observed);
            self.locked()
                .sessions
                .insert(session.to_owned(), of_session);
            let id = target["targetId"].as_str().unwrap_or_default();
            observed.attached(self, session, id);
        }
        self.post(Some(session), "Runtime.runIfWaitingForDebugger", json!({}));
    }

    fn close(&self) {
        let mut state = self.locked();
        state.closed = true;
        // The closed channel tells everyone who waits.
        state.waiting.clear();
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(mut queue: mpsc::UnboundedReceiver<Value>, mut commands: impl AsyncWrite + Unpin) {
    while let Some(command) = queue.recv().await {
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        if commands.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn read(connection: Arc<Connection>, answers: impl AsyncRead + Unpin) {
    let mut answers = BufReader::with_capacity(1 << 16, answers);
    let mut bytes = Vec::new();
    while let Ok(count) = answers.read_until(0, &mut bytes).await
        && count > 0
    {
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        if let Ok(mut message) = serde_json::from_slice(&bytes) {
            connection.arrived(&mut message);
        }
        bytes.clear();
    }
    connection.close();
}
