//! Slots for any test runner: a command runs with the address of a pool. It leases databases from the pool, resets
//! them, and gives them back.
//!
//! A lease has an owner, which is a process. The client can name it (`{"pid": 123}`); otherwise it is the process that
//! sent the request. When the owner has ended, the slot is reset and free again.

mod api;
mod command;
mod owner;
mod place;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{failure::Failure, output::complain, slot::factory::SlotContext};

pub use command::Signals;
use place::{Pool, Refused};

/// The variable that tells the command the pool's address.
pub const VARIABLE: &str = "BDD_POOL";

/// The time between two checks of the owners.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A running pool.
pub struct RunningPool {
    pool: Arc<Pool>,
    port: u16,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl RunningPool {
    /// Prepares this number of slots and listens on a free port of 127.0.0.1.
    pub async fn start(context: &Arc<SlotContext>, slots: usize) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::new(format!("the pool can't listen: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let pool = Arc::new(Pool::prepare(context, slots).await?);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(api::serve(listener, Arc::clone(&pool), stop.clone()));
        let watching = tokio::spawn(watch(Arc::clone(&pool), stop.clone()));
        Ok(Self {
            pool,
            port,
            stop,
            tasks: vec![serving, watching],
        })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops answering requests, and removes its slots.
    pub async fn end(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        self.pool.end().await;
    }
}

/// Takes back leases whose owners have ended.
async fn watch(pool: Arc<Pool>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::time::sleep(POLL_INTERVAL).await;
        for (held, owner) in pool.abandoned() {
            let number = held.number();
            match pool.release(held).await {
                Ok(()) => complain(format_args!(
                    "slot {number} is free again: its owner, {owner}, has ended"
                )),
                Err(Refused::Failed(failure)) => {
                    complain(format_args!("slot {number}: {failure}"));
                }
                Err(_) => {}
            }
        }
    }
}

/// Runs the command with a pool, and returns its exit code.
pub async fn run(
    context: &Arc<SlotContext>,
    slots: usize,
    command: &[String],
    signals: &mut Signals,
) -> Result<u8, Failure> {
    let pool = RunningPool::start(context, slots).await?;
    let code = command::run(command, &pool.url(), &context.folder, signals).await;
    pool.end().await;
    code
}
