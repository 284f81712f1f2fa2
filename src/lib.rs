//! The back office of a dance school: a compact service on PostgreSQL or SQLite.
//!
//! | module | contents |
//! |---|---|
//! | [`domain`] | ids, times, prices, roles and scopes: the types that all modules use |
//! | [`config`] | every setting, declared once, and the database that the settings select |
//! | [`telemetry`] | traces for an OpenTelemetry collector |
//! | [`auth`] | passwords and tokens |
//! | [`store`] | SQL for both databases, one file per resource |
//! | [`http`] | routes, requests and responses, one file per resource |
//! | [`server`] | from a configuration to a listening service, and its shutdown |
//! | [`cli`] | the command line, one file per subcommand |
//!
//! A module imports only modules above it in this table.

pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod server;
pub mod store;
pub mod telemetry;
