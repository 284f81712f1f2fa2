//! Steps for event streams of image updates.

use std::{collections::HashMap, time::Duration};

use bdd_harness::{
    failure::{Failure, Outcome},
    given,
    json::{self, Json, Mode},
    then,
    words::argument,
    world::World,
};
use gherkin::Step;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};

/// How long an event may take; long enough for a busy machine.
const EVENT_TIMEOUT: Duration = Duration::from_secs(30);

/// The open streams, by the name of their reader.
#[derive(Default)]
struct Streams(HashMap<String, BufReader<TcpStream>>);

/// Opens the stream of image updates with the token of a logged-in user, or of `asking`.
#[given(expr = "{string} follows the image updates")]
async fn follows(world: &mut World, name: String) -> Outcome {
    follow(world, &name, "").await
}

/// Opens the stream of image updates after the event with this id.
#[given(expr = "{string} follows the image updates after event {string}")]
async fn follows_after(world: &mut World, name: String, id: String) -> Outcome {
    let id = world.variables.text(&id)?;
    follow(world, &name, &format!("Last-Event-ID: {id}\r\n")).await
}

/// The next events of a stream, in this order: a table with the headings `event` and `JSON`, which is a part of the
/// event's data. `{{event}}` is the id of the last one.
#[then(expr = "{string} is told:")]
async fn is_told(world: &mut World, step: &Step, name: String) -> Outcome {
    let rows = argument::pairs(step, "event | JSON", &mut world.variables)?;
    for (expected, data) in rows {
        let event = next_event(world, &name).await?;
        if event.kind != expected {
            return Err(format!("the event is {} {}", event.kind, event.data).into());
        }
        let (expected, found) = (parsed(&data)?, parsed(&event.data)?);
        let comparison = json::compare(Mode::Subset, &expected, Some(&found), "$")?;
        world.variables.settle(comparison, "the event's data")?;
        world.variables.set("event", event.id);
    }
    Ok(())
}

/// The service ends the stream without another event.
#[then(expr = "the stream of {string} ends")]
async fn ends(world: &mut World, name: String) -> Outcome {
    match next_event(world, &name).await {
        Err(failure) if failure.message == ENDED => Ok(()),
        Err(failure) => Err(failure),
        Ok(event) => Err(format!("the stream continues with {} {}", event.kind, event.data).into()),
    }
}

fn parsed(text: &str) -> Result<Json, Failure> {
    Json::parse(text).map_err(|flaw| Failure::new(format!("`{text}`: {flaw}")))
}

const ENDED: &str = "the stream has ended";

#[derive(Default)]
struct Event {
    id: String,
    kind: String,
    data: String,
}

async fn follow(world: &mut World, name: &str, header: &str) -> Outcome {
    let token = world.variables.text(&format!("{{{{{name}.token}}}}"))?;
    let base = world.slot.base_url()?;
    let host = base.trim_start_matches("http://");
    // A response to HTTP/1.0 is not chunked.
    let head = format!(
        "GET /api/v1/image-updates/stream HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{header}\r\n"
    );
    let opening = async {
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(head.as_bytes()).await?;
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status).await?;
        // The stream is open when the first line of the body arrives.
        let mut line = String::new();
        while !line.starts_with("retry:") && reader.read_line(&mut line).await? > 0 {
            if !line.starts_with("retry:") {
                line.clear();
            }
        }
        Ok::<_, std::io::Error>((status, reader))
    };
    let opened = timeout(EVENT_TIMEOUT, opening)
        .await
        .map_err(|_| "the stream doesn't open")?;
    let (status, reader) = opened.map_err(|error| format!("the stream doesn't open: {error}"))?;
    if !status.contains(" 200 ") {
        return Err(format!("the answer is {}", status.trim_end()).into());
    }
    world.ext::<Streams>().0.insert(name.to_owned(), reader);
    Ok(())
}

async fn next_event(world: &mut World, name: &str) -> Result<Event, Failure> {
    let reader = world.ext::<Streams>().0.get_mut(name);
    let reader = reader.ok_or_else(|| format!("\"{name}\" has no open stream"))?;
    let event = timeout(EVENT_TIMEOUT, read_event(reader)).await;
    event.map_err(|_| Failure::new(format!("no event came within {EVENT_TIMEOUT:?}")))?
}

async fn read_event(reader: &mut BufReader<TcpStream>) -> Result<Event, Failure> {
    let mut event = Event::default();
    loop {
        let mut line = String::new();
        // A reset connection counts as ended.
        if reader.read_line(&mut line).await.unwrap_or_default() == 0 {
            return Err(ENDED.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("id", id)) => id.clone_into(&mut event.id),
            Some(("event", kind)) => kind.clone_into(&mut event.kind),
            Some(("data", data)) => data.clone_into(&mut event.data),
            _ if line.trim_end().is_empty() && !event.kind.is_empty() => return Ok(event),
            _ => {}
        }
    }
}
