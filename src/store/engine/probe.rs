//! Finds out which statements will never be answered.

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

/// After this time without an answer, the database is asked about a statement.
const QUIET: Duration = Duration::from_millis(1500);
/// How long the database may take to answer on a new connection.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// The pause between two probes.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks the database on a new connection whether it still works on statements that it has not answered.
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

    /// Completes when it is certain that a statement, sent now to this process of the server, will not be answered: the
    /// database answers nobody, or that process does not work on it.
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

    /// Starts a probe, unless one is running.
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
