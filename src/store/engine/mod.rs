//! Everything between the store and sqlx: pools, connections and locks.
//!
//! Connections are opened by bb8, in tasks of its own: a log-in to PostgreSQL may take longer than the request that
//! needed it waits, and must not be cancelled with it. sqlx's own pool does cancel it, and it also pings a connection
//! each time it is returned, which costs as much as reading a row by its key.

mod connections;
mod health;
pub(super) mod lock;
mod manager;
mod meter;
mod options;
mod pool;
mod types;

pub(super) use connections::end_transaction;
pub use meter::PoolNumbers;
pub(super) use options::{pinned, pools};
pub(super) use pool::Pool;
