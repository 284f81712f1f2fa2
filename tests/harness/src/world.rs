//! The state of one scenario: its slot, its client, its variables, and its requests and answers.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    convert::Infallible,
    fmt,
    time::Duration,
};

use crate::{
    browser::{self, Page},
    database::Rows,
    failure::{Failure, Outcome},
    http::{Client, Request, masked_url},
    slot::Slot,
    slot::command_line::Console,
    variables::Variables,
};

/// How long a step waits for a line of the log or a call to a neighbour, if steps have no other time limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state of one scenario. Each scenario gets a new one.
#[derive(Debug)]
pub struct World {
    /// The database and the service, which only this scenario uses.
    pub slot: Slot,
    /// The scenario's headers and bearer token, and all exchanges so far.
    pub client: Client,
    /// Saved and generated values, for `{{name}}`.
    pub variables: Variables,
    /// The result of the last `I query:`.
    pub queried: Option<Rows>,
    /// Runs of the service's command line.
    pub console: Console,
    /// The service was asked to stop, so `it exits with` is about the service.
    pub asked_to_stop: bool,
    /// The browser page, since the first step that uses one.
    pub page: Option<Page>,
    /// Whether the scenario has the tag for browser scenarios.
    pub may_browse: bool,
    /// How long a step waits for a line of the log or a call to a neighbour.
    pub patience: Duration,
    /// Attachments of the current step or hook.
    attachments: Vec<Attachment>,
    extensions: Extensions,
}

impl World {
    /// A world on a leased slot. `seed` makes its generated values the same in every run.
    pub fn on(slot: Slot, seed: u64) -> Self {
        Self {
            slot,
            client: Client::default(),
            variables: Variables::new(seed),
            queried: None,
            console: Console::default(),
            asked_to_stop: false,
            page: None,
            may_browse: true,
            patience: PATIENCE,
            attachments: Vec::new(),
            extensions: Extensions::default(),
        }
    }

    /// Adapts what a step waits for to the time limit of steps. It gives up earlier, so that it can say what it waited for.
    pub fn waits_for(&mut self, limit: Duration) {
        self.patience = limit * 3 / 4;
        self.client.patience = self.client.patience.max(limit);
    }

    /// For a step in Rust: sends JSON to the service with the scenario's headers. The answer becomes the scenario's
    /// last one. Fails if the status is another.
    pub async fn send_json(
        &mut self,
        method: &str,
        path: &str,
        body: &serde_json::Value,
        expected: u16,
    ) -> Outcome {
        let request = self.json_request(method, path, body)?;
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
        let request = self.json_request(method, path, body)?.anonymous();
        self.send_expecting(request, expected).await
    }

    fn json_request(
        &self,
        method: &str,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<Request, Failure> {
        let request = Request::new(|| self.slot.base_url(), method, path)?;
        Ok(request.body_of("application/json", body.to_string()))
    }

    async fn send_expecting(&mut self, request: Request, expected: u16) -> Outcome {
        let target = masked_url(&request.target);
        let asked = format!("{} {target}", request.method);
        self.client.send(request).await?;
        let answer = self.client.answer()?;
        if answer.status == expected {
            return Ok(());
        }
        let found = answer.status_line();
        Err(format!("{asked} was answered {found}, not {expected}").into())
    }

    /// The scenario's page. The first call in a run starts a browser.
    pub async fn page(&mut self) -> Result<&mut Page, Failure> {
        if self.page.is_none() {
            if !self.may_browse {
                let tag = browser::TAG;
                return Err(format!("this needs a browser: tag the scenario @{tag}").into());
            }
            // Fails without a service, before a browser is started.
            self.slot.base_url()?;
            self.page = Some(self.slot.new_page().await?);
        }
        self.page.as_mut().ok_or_else(|| "there is no page".into())
    }

    /// Closes the page, so that none of its requests reaches the service after the reset. Fails if an answer for a
    /// dialog wasn't used.
    pub async fn close_page(&mut self) -> Outcome {
        let Some(page) = self.page.take() else {
            return Ok(());
        };
        if page.has_unanswered() {
            self.slot.is_disturbed();
        }
        let left = page.unused_answers();
        page.close().await;
        match left {
            0 => Ok(()),
            left => Err(format!(
                "the scenario has answers for {left} more dialog(s) of the browser, but no page opened one"
            )
            .into()),
        }
    }

    /// Sends SIGTERM to the service. From now on `it exits with` is about the service.
    pub async fn ask_service_to_stop(&mut self) -> Outcome {
        self.asked_to_stop = true;
        self.console.last = None;
        self.slot.ask_service_to_stop().await
    }

    /// Attaches a text to the current step's report.
    pub fn attach(&mut self, media_type: &str, text: impl Into<String>) {
        self.attach_content(media_type, Content::Text(text.into()), None);
    }

    /// Attaches a file to the current step's report. Pictures are shown, other files can be saved under that name.
    pub fn attach_file(&mut self, media_type: &str, bytes: impl Into<Vec<u8>>, name: Option<&str>) {
        self.attach_content(media_type, Content::Bytes(bytes.into()), name);
    }

    /// Attaches a line to the current step's report.
    pub fn log(&mut self, text: impl Into<String>) {
        self.attach("text/x.cucumber.log+plain", text);
    }

    pub fn attach_as_it_is(&mut self, attachment: Attachment) {
        self.attachments.push(attachment);
    }

    fn attach_content(&mut self, media_type: &str, content: Content, name: Option<&str>) {
        self.attachments.push(Attachment {
            media_type: media_type.to_owned(),
            name: name.map(str::to_owned),
            content,
        });
    }

    /// The attachments since the last call.
    pub fn take_attachments(&mut self) -> Vec<Attachment> {
        std::mem::take(&mut self.attachments)
    }

    /// The state of the project's own steps, created by `Default` on first use.
    pub fn ext<T: Any + Default>(&mut self) -> &mut T {
        self.extensions
            .0
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Box::new(T::default()))
            .downcast_mut()
            .expect("an entry has the type that it is filed under")
    }
}

/// What a step or a hook attaches to reports.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub media_type: String,
    pub name: Option<String>,
    pub content: Content,
}

impl Attachment {
    /// The content if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Bytes(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

/// The states of projects' own steps, by type.
#[derive(Default)]
struct Extensions(HashMap<TypeId, Box<dyn Any>>);

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} extensions", self.0.len())
    }
}

impl cucumber::World for World {
    type Error = Infallible;

    /// A world without a slot. The runner creates worlds with [`World::on`].
    async fn new() -> Result<Self, Infallible> {
        Ok(Self::on(Slot::nowhere(), 0))
    }
}
