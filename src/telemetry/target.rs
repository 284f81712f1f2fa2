//! The target that separates spans of telemetry from log lines.

/// The target of spans that are sent to the collector.
pub const TARGET: &str = "telemetry";
