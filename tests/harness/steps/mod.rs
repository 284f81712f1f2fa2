//! The vocabulary, grouped by what a word speaks of.

pub mod database;
pub mod log;
pub mod program;
pub mod request;
pub mod response;
pub mod response_json;
pub mod variables;
