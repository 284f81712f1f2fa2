//! The back office of a dance school: a compact service on PostgreSQL or `SQLite`.
//!
//! | module | holds |
//! |---|---|
//! | [`cli`] | the command line, one file a subcommand |
//! | [`config`] | every setting, declared once; what the settings come to |
//! | [`bootstrap`] | what is created at the start when it is missing |
//! | [`server`] | from a configuration to a listening service, and down again |
//! | [`http`] | routes, requests and answers, one file a resource |
//! | [`auth`] | passwords, tokens, and who may do what |
//! | [`store`] | SQL, one text for both databases, one file a resource |
//!
//! The direction is `cli → server → bootstrap, http → store`; `config` and `auth` are leaves. `store` knows nothing of HTTP and
//! `http` nothing of SQL.

pub mod auth;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod http;
pub mod server;
pub mod store;
