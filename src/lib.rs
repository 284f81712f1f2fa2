//! The back office of a dance school: a compact service on PostgreSQL or SQLite.
//!
//! | room | holds |
//! |---|---|
//! | [`domain`] | ids, times, prices, roles and scopes: the words that all rooms use |
//! | [`config`] | every setting, declared once, and the database that the settings select |
//! | [`auth`] | passwords and tokens |
//! | [`store`] | SQL for both databases, one file per resource |
//! | [`http`] | routes, requests and answers, one file per resource |
//! | [`server`] | from a configuration to a listening service, and its shutdown |
//! | [`cli`] | the command line, one file per subcommand |
//!
//! A room imports only rooms above it in this table.

pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod server;
pub mod store;
