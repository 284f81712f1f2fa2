//! The types that all other modules use: ids, times, prices, roles, scopes and stored JSON. Imports no other module.

mod database_status;
mod id;
mod json_text;
pub mod number;
mod price;
mod role;
pub mod rules;
mod scopes;
mod time;
mod words;

pub use database_status::DatabaseStatus;
pub use id::Id;
pub use json_text::JsonText;
pub use price::Price;
pub use role::Role;
pub use scopes::{Scope, Scopes};
pub use time::Time;

/// The client that development creates. Its secret is public, so staging and production refuse it.
pub const DEV_CLIENT: &str = "dev-client";
