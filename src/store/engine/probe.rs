//! Finds out which statements get no answer any more.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::sleep};

use super::connector::{Connector, within};
use super::health::Health;
use super::session::{Simple, Working};

/// A statement that takes longer is looked after.
const QUIET: Duration = Duration::from_millis(1500);
/// How long the database may take to answer on a new connection.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// The pause between two probes.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks the database on a new connection what became of statements that are not answered.
pub(super) struct Probe<C: Simple> {
    connector: Arc<Connector<C>>,
    health: Arc<Health>,
    is_running: AtomicBool,
    answer: watch::Sender<Answer>,
}

/// What the last probe found.
struct Answer {
    asked: Instant,
    working: Working,
}

impl<C: Simple + 'static> Probe<C> {
    pub(super) fn new(connector: Arc<Connector<C>>, health: Arc<Health>) -> Self {
        let (asked, working) = (Instant::now(), Working::Unknown);
        Self {
            connector,
            health,
            is_running: AtomicBool::default(),
            answer: watch::Sender::new(Answer { asked, working }),
        }
    }

    /// Ends when a statement that is sent now, to this process of the server, gets no answer any more: the database answers
    /// nobody, or that process is not working on it.
    pub(super) async fn lost(self: &Arc<Self>, process: Option<i32>) {
        let sent = Instant::now();
        let mut answers = self.answer.subscribe();
        sleep(QUIET).await;
        loop {
            self.start();
            // The sender is part of this value.
            let _ = answers.changed().await;
            {
                let answer = answers.borrow_and_update();
                if answer.asked > sent + QUIET && !answer.working.includes(process) {
                    return;
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Probes, unless that is being done.
    fn start(self: &Arc<Self>) {
        if self.is_running.swap(true, SeqCst) {
            return;
        }
        let probe = Arc::clone(self);
        tokio::spawn(async move {
            let asked = Instant::now();
            let working = within(PROBE_TIMEOUT, async {
                probe.connector.connect_once().await?.working(QUIET).await
            });
            let working = match working.await {
                Ok(working) => working,
                // The server refuses a connection, but answers.
                Err(sqlx::Error::Database(_) | sqlx::Error::PoolClosed) => Working::Unknown,
                Err(_) => {
                    probe.health.note_all_lost();
                    Working::Only(HashSet::new())
                }
            };
            probe.is_running.store(false, SeqCst);
            probe.answer.send_replace(Answer { asked, working });
        });
    }
}
