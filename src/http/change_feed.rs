//! State that all event streams of a process share: the changes of image updates, and the limit of streams.

use std::sync::{Arc, Once, atomic::AtomicBool};

use tokio::sync::{Semaphore, broadcast};

use crate::store::image_update_changes::ImageUpdateChange;

/// State that all event streams share.
pub struct ChangeFeed {
    pub(super) batches: broadcast::Sender<Arc<Batch>>,
    pub(super) permits: Arc<Semaphore>,
    pub(super) watching: Once,
    /// Whether a stream was opened since the last poll.
    pub(super) has_new_stream: AtomicBool,
}

/// Consecutive changes.
pub(super) struct Batch {
    /// The number of the change before the first one.
    pub(super) after: i64,
    pub(super) changes: Vec<ImageUpdateChange>,
}

impl ChangeFeed {
    pub fn new(max_streams: usize) -> Self {
        Self {
            batches: broadcast::Sender::new(64),
            permits: Arc::new(Semaphore::new(max_streams.min(Semaphore::MAX_PERMITS))),
            watching: Once::new(),
            has_new_stream: AtomicBool::default(),
        }
    }
}
