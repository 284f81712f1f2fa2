//! The steps that every suite has, grouped by their subject.

pub mod argument;
pub mod database;
pub mod log;
pub mod neighbours;
pub mod page;
pub mod parameter;
pub mod program;
pub mod requests;
pub mod response_json;
pub mod responses;
pub mod sql_file;
pub mod variables;
