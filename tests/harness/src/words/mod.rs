//! The steps that every suite has, grouped by what a step speaks of.

pub mod argument;
pub mod database;
pub mod log;
pub mod parameter;
pub mod program;
pub mod requests;
pub mod response_json;
pub mod responses;
pub mod variables;
