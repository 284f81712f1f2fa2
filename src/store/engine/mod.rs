//! The layer between the store and sqlx: pools, connections and locks.
//!
//! bb8 opens connections in tasks of their own. A log-in to PostgreSQL may take longer than a request waits, and must
//! not be cancelled with the request. sqlx's own pool cancels it. sqlx's pool also pings a connection each time it is
//! returned, which costs as much as reading a row by its key.

mod connections;
mod connector;
mod health;
pub(super) mod lock;
mod manager;
mod meter;
mod options;
mod pool;
mod probe;
mod session;
mod types;

pub use meter::PoolNumbers;
pub(super) use options::{can_connect, pinned, pools, replica, single};
pub(super) use pool::Pool;
