//! Neighbours: other services that the service under test calls, played by the harness. Each slot has its own.

use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::net::TcpSocket;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::{
    failure::{Failure, nearest_first},
    http::{masked_body, masked_url},
    json::Json,
    output::shortened,
    service::Environment,
};

/// The status for a call that no step of the scenario describes.
const NOT_SCRIPTED: u16 = 501;

#[derive(Debug, Default)]
pub struct Neighbours(BTreeMap<String, Neighbour>);

/// One neighbour. Its address stays the same while the slot exists.
#[derive(Debug)]
pub struct Neighbour {
    name: String,
    /// The environment variable that tells the service this address.
    variable: String,
    address: SocketAddr,
    /// Bound, but not listening: it reserves the port while the neighbour is down, and connections are refused.
    _reserved: TcpSocket,
    script: Script,
    server: Option<MockServer>,
}

/// The answers that a neighbour gives, and the calls that it received.
#[derive(Clone, Debug, Default)]
struct Script(Arc<Mutex<ScriptState>>);

#[derive(Debug, Default)]
struct ScriptState {
    answers: Vec<ScriptedAnswer>,
    delay: Duration,
    calls: Vec<Call>,
}

/// An answer that a neighbour gives from now on.
#[derive(Clone, Debug)]
pub struct ScriptedAnswer {
    pub method: String,
    /// With a query only if the query matters.
    pub path: String,
    pub status: u16,
    pub json: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    path: String,
    query: Option<String>,
    pub body: Vec<u8>,
    /// The status of the answer, if a step describes it.
    pub status: Option<u16>,
}

impl Neighbours {
    /// Starts a neighbour for each name and variable.
    pub async fn start(declared: &[(String, String)]) -> Result<Self, Failure> {
        let mut neighbours = BTreeMap::new();
        for (name, variable) in declared {
            let neighbour = Neighbour::start(name, variable).await?;
            neighbours.insert(name.clone(), neighbour);
        }
        Ok(Self(neighbours))
    }

    /// The variables that tell the service their addresses.
    pub fn environment(&self) -> Environment {
        let variable = |neighbour: &Neighbour| (neighbour.variable.clone(), neighbour.url());
        self.0.values().map(variable).collect()
    }

    pub fn get_mut(&mut self, name: &str) -> Result<&mut Neighbour, Failure> {
        if !self.0.contains_key(name) {
            return Err(self.unknown(name));
        }
        self.0
            .get_mut(name)
            .ok_or_else(|| Failure::new("no such neighbour"))
    }

    fn unknown(&self, name: &str) -> Failure {
        let known = nearest_first(self.0.keys().map(String::as_str), name);
        let known = match known.as_slice() {
            [] => "the suite has none".to_owned(),
            known => format!("there are: {}", known.join(", ")),
        };
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let key = if name.chars().all(is_bare) {
            name.to_owned()
        } else {
            format!("{name:?}")
        };
        Failure::new(format!(
            "no neighbour is called \"{name}\"; {known}\n  name it in the suite's file, with the variable that tells the \
             service its address:\n    [neighbours]\n    {key} = \"{}\"",
            usual_variable(name)
        ))
    }

    /// Forgets answers and calls, and makes all neighbours available again.
    pub async fn reset(&mut self) -> Result<(), Failure> {
        for neighbour in self.0.values_mut() {
            *neighbour.script.0.lock() = ScriptState::default();
            neighbour.go_up().await?;
        }
        Ok(())
    }

    /// Fails if a neighbour was called and no step describes the answer.
    pub fn check_calls(&self) -> Result<(), Failure> {
        let mut message = String::new();
        for neighbour in self.0.values() {
            for call in neighbour.calls() {
                if call.status.is_none() {
                    message.push_str(&format!("\n  \"{}\": {call}", neighbour.name));
                }
            }
        }
        if message.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the service called a neighbour, and no step says what it answers{message}"
        )))
    }

    /// The calls that each neighbour received, for messages; empty if there were none.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for neighbour in self.0.values() {
            let calls = neighbour.calls();
            if !calls.is_empty() {
                text.push_str(&format!(
                    "the service \"{}\" received:\n{}",
                    neighbour.name,
                    shown(&calls)
                ));
            }
        }
        text
    }
}

/// The variable that tells the service a neighbour's address, if the suite names no other: `PAYMENTS_URL`.
pub fn usual_variable(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let name: String = name.chars().map(letter).collect();
    format!("{}_URL", name.to_uppercase())
}

/// Calls, one per line.
pub fn shown(calls: &[Call]) -> String {
    let line = |call: &Call| format!("  {call}\n");
    calls.iter().map(line).collect()
}

impl Neighbour {
    async fn start(name: &str, variable: &str) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::new(format!("the neighbour \"{name}\": {error}"));
        let reserved = socket(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(failed)?;
        let mut neighbour = Self {
            name: name.to_owned(),
            variable: variable.to_owned(),
            address: reserved.local_addr().map_err(failed)?,
            _reserved: reserved,
            script: Script::default(),
            server: None,
        };
        neighbour.go_up().await?;
        Ok(neighbour)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gives this answer from now on. The neighbour becomes available if it was down.
    pub async fn answer(&mut self, answer: ScriptedAnswer) -> Result<(), Failure> {
        self.script.0.lock().answers.push(answer);
        self.go_up().await
    }

    /// Delays every answer by this time.
    pub fn slow_by(&self, delay: Duration) {
        self.script.0.lock().delay = delay;
    }

    async fn go_up(&mut self) -> Result<(), Failure> {
        if self.server.is_some() {
            return Ok(());
        }
        let failed =
            |error: io::Error| Failure::new(format!("the neighbour \"{}\": {error}", self.name));
        let listener = socket(self.address)
            .and_then(|socket| socket.listen(1024))
            .and_then(tokio::net::TcpListener::into_std)
            .map_err(failed)?;
        // The script records calls, because it knows whether it had an answer.
        let server = MockServer::builder()
            .listener(listener)
            .disable_request_recording()
            .start()
            .await;
        let script = self.script.clone();
        Mock::given(matchers::any())
            .respond_with(script)
            .mount(&server)
            .await;
        self.server = Some(server);
        Ok(())
    }

    /// Refuses connections from now on, and cuts open ones.
    pub async fn go_down(&mut self) {
        if self.server.take().is_none() {
            return;
        }
        // The server stops on a thread of its own.
        while TcpStream::connect(self.address).is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Why it may have received nothing.
    pub fn hint(&self) -> String {
        format!(
            "the service finds its address in the variable {}",
            self.variable
        )
    }

    /// The calls of this scenario, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.script.0.lock().calls.clone()
    }
}

/// A socket that can share its port with other sockets of ours.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut script = self.0.lock();
        let mut call = Call {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: request.url.query().map(str::to_owned),
            body: request.body.clone(),
            status: None,
        };
        // The last step that describes this call decides.
        let mut answers = script.answers.iter().rev();
        let answer = answers.find(|answer| call.is(&answer.method, &answer.path));
        let answer = answer.cloned();
        call.status = answer.as_ref().map(|answer| answer.status);
        script.calls.push(call);
        let response = match answer {
            None => ResponseTemplate::new(NOT_SCRIPTED)
                .set_body_string("no step says what this service answers"),
            Some(ScriptedAnswer {
                status,
                json: Some(json),
                ..
            }) => ResponseTemplate::new(status).set_body_raw(json, "application/json"),
            Some(answer) => ResponseTemplate::new(answer.status),
        };
        response.set_delay(script.delay)
    }
}

impl Call {
    /// Whether it is a call with this method to this path.
    pub fn is(&self, method: &str, path: &str) -> bool {
        let is_there = match path.split_once('?') {
            Some((path, query)) => self.path == path && self.query.as_deref() == Some(query),
            None => self.path == path,
        };
        self.method == method && is_there
    }

    /// The body as JSON; if it isn't JSON, as a text.
    pub fn json(&self) -> Json {
        let text = String::from_utf8_lossy(&self.body);
        Json::parse(&text).unwrap_or_else(|_| Json::from(text.into_owned()))
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LONGEST: usize = 2000;
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(query) = &self.query {
            f.write_str(&masked_url(&format!("?{query}")))?;
        }
        match self.status {
            Some(status) => write!(f, ", answered {status}")?,
            None => write!(f, ", which no step says how to answer")?,
        }
        let body = masked_body(&String::from_utf8_lossy(&self.body));
        if body.is_empty() {
            return Ok(());
        }
        write!(f, ", with {}", shortened(&body, LONGEST))
    }
}
