//! Logging: the service writes to standard output, the audit lines of other commands go to standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter, prelude::*};

use super::failure::Failure;
use crate::config::{EnvVars, Log, LogFormat};
use crate::telemetry::Telemetry;

/// Logging of the service.
pub(super) fn for_service(settings: &Log, telemetry: Option<&Telemetry>) -> Result<(), Failure> {
    let terminal = io::stdout().is_terminal();
    let format = settings.format;
    install(&settings.filter, format, terminal, io::stdout, telemetry)
}

/// Logging of other commands: only audit lines, whatever the filter is.
pub(super) fn for_command(settings: &Log) -> Result<(), Failure> {
    let terminal = io::stderr().is_terminal();
    install("audit=info", settings.format, terminal, io::stderr, None)
}

/// The user who runs a command. The variables are missing without a login shell.
pub(super) fn operator(env: &EnvVars) -> String {
    let known = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| env.get(*name).filter(|who| !who.is_empty()));
    known.map_or_else(|| "unknown".to_owned(), Clone::clone)
}

fn install<W>(
    filter: &str,
    format: LogFormat,
    terminal: bool,
    to: W,
    telemetry: Option<&Telemetry>,
) -> Result<(), Failure>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::Failed(format!("log.filter: {filter:?} isn't a filter: {error}"))
    })?;
    let json = match format {
        LogFormat::Auto => !terminal,
        LogFormat::Pretty => false,
        LogFormat::Json => true,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(to);
    let lines = if json {
        // Fields are members of the line itself, and the current span is written once instead of also as a list.
        let lines = lines.json().flatten_event(true).with_span_list(false);
        lines.boxed()
    } else {
        lines.with_ansi(terminal).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(telemetry.map(Telemetry::layer))
        .try_init()
        .map_err(|error| Failure::Failed(format!("logging can't be set up: {error}")))
}
