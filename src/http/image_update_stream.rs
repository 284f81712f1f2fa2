//! A stream of changes of image updates, as server-sent events.
//!
//! While there are streams, one task per process polls for new changes and sends them to all streams. A stream that has
//! missed changes reads them from the store itself, so a slow client costs no memory.

use std::{
    convert::Infallible,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, Response, header},
    response::{IntoResponse, Sse, sse::Event},
};
use futures::stream;
use tokio::{
    sync::{OwnedSemaphorePermit, broadcast, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tracing::{Instrument, debug};

use super::change_feed::Batch;
use super::error::ApiError;
use super::image_updates::ImageUpdateResponse;
use super::input::Input;
use super::middleware::principal::{Principal, Reader};
use super::state::AppState;
use crate::domain::{Scope, Time};
use crate::store::StoreError;
use crate::store::image_update_changes::ImageUpdateChange;

/// How often the store is polled for changes by other replicas.
const POLL: Duration = Duration::from_millis(500);
/// How often a stream without changes sends a comment, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);
/// The maximum number of changes that are read at once.
const BATCH: i64 = 200;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Follow the changes of image updates. An event's type is `reported`, `acknowledged`, `unacknowledged`, `tagged` or
/// `deleted`. Its id is the number of the change. Its data is the image update as it is now, or only its `id` if it is
/// deleted. With the header `Last-Event-ID` the stream continues after that event. The event `reload` means that the
/// events in between are no longer available.
#[utoipa::path(get, path = "/image-updates/stream", tag = "image updates",
    params(("Last-Event-ID" = Option<i64>, Header, description = "The last event that the client received", minimum = 0,
            example = 17)),
    responses((status = 200, content_type = "text/event-stream", body = String,
               example = "id: 18\nevent: deleted\ndata: {\"id\":\"0197a0a0-0000-7000-8000-000000000001\"}\n\n")),
    security(("bearer" = ["read"])))]
pub async fn get(
    State(state): State<AppState>,
    Reader(principal): Reader,
    headers: HeaderMap,
    _: Input,
) -> Result<Response<Body>, ApiError> {
    open(state, principal, last_event_id(&headers)?).await
}

/// Opens a stream for a principal that may read. It begins after `last`, or at the latest change.
pub async fn open(
    state: AppState,
    principal: Principal,
    last: Option<i64>,
) -> Result<Response<Body>, ApiError> {
    let permits = Arc::clone(&state.change_feed.permits);
    let permit = permits
        .try_acquire_owned()
        .map_err(|_| ApiError::Unavailable)?;
    start_watching(&state);
    // Subscribes before it reads the latest number, so that no change is missed in between.
    let batches = state.change_feed.batches.subscribe();
    state.change_feed.has_new_stream.store(true, SeqCst);
    let last = match last {
        Some(last) => last,
        None => state.store.image_update_changes_kept().await?.0,
    };
    let (sender, events) = mpsc::channel(16);
    let client_stream = ClientStream {
        state,
        principal,
        last,
        sender,
    };
    tokio::spawn(client_stream.run(batches, permit).in_current_span());
    let events = stream::unfold(events, async |mut events| {
        Some((events.recv().await?, events))
    });
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        // Otherwise nginx would buffer the events.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Sse::new(events)).into_response())
}

/// The `Last-Event-ID` header, which a browser sends when it connects again.
pub fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(header) = headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let number = header.to_str().ok().and_then(|text| text.parse().ok());
    match number.filter(|number| *number >= 0) {
        Some(number) => Ok(Some(number)),
        None => Err(ApiError::invalid(
            "Last-Event-ID",
            "must be a whole number, 0 or more",
        )),
    }
}

/// The stream of one client.
struct ClientStream {
    state: AppState,
    principal: Principal,
    /// The number of the last change that was sent.
    last: i64,
    sender: mpsc::Sender<Result<Event, Infallible>>,
}

/// The stream has ended: the client is gone, its token is no longer valid, or the database can't be read.
struct StreamEnded;

impl From<StoreError> for StreamEnded {
    fn from(error: StoreError) -> Self {
        debug!("an event stream ends: {error}");
        Self
    }
}

impl ClientStream {
    async fn run(self, batches: broadcast::Receiver<Arc<Batch>>, _permit: OwnedSemaphorePermit) {
        let draining = self.state.draining.clone();
        let lifetime = self.principal.expires_at.since(Time::now());
        tokio::select! {
            () = draining.cancelled() => {}
            () = sleep(lifetime.unwrap_or_default()) => {}
            _ = self.send_all(batches) => {}
        }
    }

    async fn send_all(
        mut self,
        mut batches: broadcast::Receiver<Arc<Batch>>,
    ) -> Result<(), StreamEnded> {
        let start = Event::default().retry(RETRY).id(self.last.to_string());
        self.send(start).await?;
        self.catch_up().await?;
        let mut keep_alive = interval(KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let gone = self.sender.clone();
            tokio::select! {
                () = gone.closed() => return Err(StreamEnded),
                _ = keep_alive.tick() => {
                    self.check().await?;
                    self.send(Event::default().comment("")).await?;
                }
                batch = batches.recv() => match batch {
                    Ok(batch) if batch.after == self.last => self.pass_on(&batch.changes).await?,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(broadcast::error::RecvError::Closed) => return Err(StreamEnded),
                }
            }
        }
    }

    /// Sends the changes after the last one that was sent. If some are no longer stored, the client has to reload.
    async fn catch_up(&mut self) -> Result<(), StreamEnded> {
        let (latest, oldest) = self.state.store.image_update_changes_kept().await?;
        if self.last > latest || self.last + 1 < oldest {
            self.last = latest;
            let reload = Event::default().event("reload").id(latest.to_string());
            return self.send(reload.data("{}")).await;
        }
        while self.last < latest {
            let changes = self
                .state
                .store
                .image_update_changes(self.last, BATCH)
                .await?;
            if changes.is_empty() {
                break;
            }
            self.pass_on(&changes).await?;
        }
        Ok(())
    }

    async fn pass_on(&mut self, changes: &[ImageUpdateChange]) -> Result<(), StreamEnded> {
        self.check().await?;
        for change in changes {
            self.send(event(change)).await?;
            self.last = change.number;
        }
        Ok(())
    }

    /// Ends the stream when the session was ended, or the user or client was deleted.
    async fn check(&self) -> Result<(), StreamEnded> {
        let principal = self.principal.reload(&self.state).await?;
        let may_read = |principal: Principal| principal.scopes.contains(Scope::Read);
        principal
            .is_some_and(may_read)
            .then_some(())
            .ok_or(StreamEnded)
    }

    async fn send(&self, event: Event) -> Result<(), StreamEnded> {
        self.sender.send(Ok(event)).await.map_err(|_| StreamEnded)
    }
}

fn event(change: &ImageUpdateChange) -> Event {
    let data = match change.update.clone() {
        Some(update) => serde_json::to_string(&ImageUpdateResponse::from(update)),
        None => serde_json::to_string(&serde_json::json!({ "id": change.image_update_id })),
    };
    Event::default()
        .id(change.number.to_string())
        .event(&change.change)
        .data(data.unwrap_or_default())
}

fn start_watching(state: &AppState) {
    state.change_feed.watching.call_once(|| {
        let state = state.clone();
        tokio::spawn(async move {
            let draining = state.draining.clone();
            tokio::select! {
                () = draining.cancelled() => {}
                () = watch(&state) => {}
            }
        });
    });
}

/// Polls for new changes while there are streams.
async fn watch(state: &AppState) {
    let batches = &state.change_feed.batches;
    let mut position = None;
    loop {
        if batches.receiver_count() > 0
            && let Err(error) = poll(state, &mut position).await
        {
            debug!("changes of image updates can't be read: {error}");
        }
        let _ = timeout(POLL, state.store.image_updates_changed()).await;
    }
}

async fn poll(state: &AppState, position: &mut Option<i64>) -> Result<(), StoreError> {
    if state.change_feed.has_new_stream.swap(false, SeqCst) {
        *position = None;
    }
    let (latest, _) = state.store.image_update_changes_kept().await?;
    if *position == Some(latest) {
        return Ok(());
    }
    // Streams read the changes themselves if they are more than one batch, or if a stream was just opened.
    let near = position.filter(|position| (1..=BATCH).contains(&(latest - position)));
    let after = near.unwrap_or(latest);
    let changes = match near {
        Some(after) => state.store.image_update_changes(after, BATCH).await?,
        None => Vec::new(),
    };
    *position = Some(changes.last().map_or(latest, |change| change.number));
    // There may be no stream any more.
    let _ = state
        .change_feed
        .batches
        .send(Arc::new(Batch { after, changes }));
    Ok(())
}
