//! What explains a scenario's failure.

use std::time::Duration;

use crate::{
    http::Exchange,
    output::shortened,
    report::{record::Status, rows},
    service::process::Role,
    slot::{logs::Line, neighbours::Neighbours},
    world::{Attachment, Content, World},
};

/// The number of the service log's last lines that are shown.
const LOG_LINES: usize = 40;
/// How long to wait for the log: a service may write it a moment after its answer, as uvicorn writes a traceback.
const LOG_PATIENCE: Duration = Duration::from_secs(1);
/// The maximum number of characters of a variable's value.
const VALUE: usize = 200;

/// The maximum number of earlier exchanges that are listed.
const EARLIER: usize = 12;

/// A part of a failure's explanation.
pub struct Section {
    pub title: &'static str,
    /// On the terminal, the title is above the lines.
    titled: bool,
    lines: Vec<String>,
}

impl Section {
    fn of(title: &'static str, lines: Vec<String>) -> Self {
        Self {
            title,
            titled: true,
            lines,
        }
    }

    fn untitled(title: &'static str, text: &str) -> Self {
        Self {
            title,
            titled: false,
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// The text for the terminal.
    pub fn shown(&self) -> String {
        let indent = if self.titled { "  " } else { "" };
        let mut text = String::new();
        if self.titled {
            text.push_str(&format!("{}:\n", self.title));
        }
        for line in self.lines.iter().flat_map(|line| line.lines()) {
            text.push_str(&format!("{indent}{line}\n"));
        }
        text
    }

    /// The attachment for reports. Exchanges are already there, with the steps that sent them.
    pub fn attachment(&self) -> Option<Attachment> {
        (self.title != EXCHANGES).then(|| Attachment {
            media_type: "text/plain".to_owned(),
            name: Some(self.title.to_owned()),
            content: Content::Text(self.lines.join("\n")),
        })
    }
}

const EXCHANGES: &str = "exchanges";

/// The last exchange in full and as a `curl` line, earlier ones in short form, the written rows, the variables, and the
/// service's log.
pub async fn diagnosis(world: &mut World) -> Vec<Section> {
    let written = world.slot.written().await;
    world.slot.log().is_complete_within(LOG_PATIENCE).await;
    let log = log(world);
    let mut service = Vec::new();
    // After the wait for the log: a process that closes a connection may end a moment later.
    if let Some(how) = world.slot.service_ended().filter(|_| !world.asked_to_stop) {
        service.push(format!("the service has ended by itself: {how}"));
    }
    for panic in log.iter().filter_map(|line| line.strip_prefix("PANIC ")) {
        service.push(format!("the service {}", panic.replace('\n', " ")));
    }
    if lacks_rights(world, &log) {
        service.push(
            "the service's role may only read and write rows: role = \"owner\" or grants, in [service] of bdd.toml, \
             allow more"
                .to_owned(),
        );
    }
    let rows = match written {
        Ok(tables) => rows::lines(&tables),
        Err(failure) => vec![format!("(they can't be read: {failure})")],
    };
    let variables = world.variables.iter();
    let variables = variables.map(|(name, value)| format!("{name} = {}", shown(name, value)));
    let variables = variables.collect();
    let neighbours = world.slot.neighbours().map(Neighbours::shown);
    let mut sections = vec![
        Section::untitled("the service", &service.join("\n")),
        Section::untitled(EXCHANGES, &exchanges(world)),
        Section::of("the rows that this scenario wrote", rows),
        Section::of("the variables", variables),
        Section::untitled("the neighbours", &neighbours.unwrap_or_default()),
        Section::of("the service's log", log),
    ];
    sections.retain(|section| !section.lines.is_empty());
    sections
}

/// Whether the database has refused something that the service's role isn't allowed to do.
fn lacks_rights(world: &World, log: &[String]) -> bool {
    let program = world.slot.program().ok();
    let may_have_more = program.is_some_and(|program| {
        let process = program.process();
        process.is_some_and(|process| process.role != Role::Owner)
    });
    let refused = |line: &String| {
        line.contains("must be owner of ") || line.contains("permission denied for ")
    };
    may_have_more && log.iter().any(refused)
}

/// The exchanges after the first `count` ones. If the step failed, they have a `curl` line.
pub fn exchanges_since(world: &World, count: usize, status: Status) -> Vec<Attachment> {
    let exchanges = world.client.exchanges().get(count..).unwrap_or_default();
    let attachment = |exchange: &Exchange| {
        let mut text = exchange.shown();
        if status.is_failure() {
            text.push_str(&format!("\n{}\n", exchange.curl()));
        }
        Attachment {
            media_type: EXCHANGE.to_owned(),
            name: Some(exchange.brief()),
            content: Content::Text(text),
        }
    };
    let most = if status.is_failure() {
        usize::MAX
    } else {
        MOST
    };
    exchanges.iter().take(most).map(attachment).collect()
}

/// The maximum number of kept exchanges of a passed step, because a step may send hundreds of requests.
const MOST: usize = 20;
const EXCHANGE: &str = "text/x.http-exchange+plain";

/// The last lines of the log, panics first.
fn log(world: &World) -> Vec<String> {
    let lines = world.slot.log().lines();
    let earlier = lines.len().saturating_sub(LOG_LINES);
    let mut shown: Vec<_> = lines[..earlier]
        .iter()
        .filter(|line| line.text.starts_with("PANIC"))
        .map(|line| line.text.clone())
        .collect();
    let left = earlier - shown.len() + world.slot.log().forgotten();
    if left > 0 {
        shown.push(format!("… {left} earlier lines"));
    }
    shown.extend(lines[earlier..].iter().map(Line::shown));
    shown
}

fn exchanges(world: &World) -> String {
    let mut text = String::new();
    if let Some((last, earlier)) = world.client.exchanges().split_last() {
        let before = earlier.len().saturating_sub(EARLIER);
        if before > 0 {
            text.push_str(&format!("earlier: {before} exchanges, followed by\n"));
        }
        for exchange in &earlier[before..] {
            text.push_str(&format!("earlier: {}\n", exchange.brief()));
        }
        text.push_str("the last exchange:\n");
        for line in last.shown().lines() {
            text.push_str(&format!("  {line}\n"));
        }
        text.push_str(&format!("  {}\n", last.curl()));
    }
    text
}

/// A value on one line. Values whose names look like secrets are masked.
fn shown(name: &str, value: &crate::json::Json) -> String {
    let lower = name.to_lowercase();
    if ["token", "password", "secret"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return "***".to_owned();
    }
    shortened(&value.to_string(), VALUE)
}
