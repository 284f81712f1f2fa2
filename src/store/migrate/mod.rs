//! Migrations: embedded, reversible, and never applied to a database that isn't the service's.
//!
//! Applied migrations are recorded in `_sqlx_migrations`, as by `sqlx-cli`. `record` compares that record with our
//! migrations. `change` applies and reverts them, and repairs the record. `emails` is a check before one migration.

mod change;
mod connection;
mod emails;
mod error;
mod files;
mod record;

pub(super) use connection::on_engine;
pub use connection::{Access, Migrations};
pub use error::MigrationError;
pub use record::Step;
