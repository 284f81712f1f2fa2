//! Traces: spans of requests and of their database statements, sent to an OpenTelemetry collector.
//!
//! The spans have a target of their own, so that they don't appear in log lines. Without a collector they cost nothing.
//! Names and attributes follow OpenTelemetry's semantic conventions.

mod collector;
mod request;
mod statement;
mod target;

pub use collector::Telemetry;
pub use request::{RequestTrace, with_current};
pub use statement::{DatabaseName, StatementSpan, waiting_for_connection};
