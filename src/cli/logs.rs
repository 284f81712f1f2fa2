//! Where log lines go: those of the service to standard output, those of a command's audit to standard error.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter, prelude::*};

use super::Failure;
use crate::config::{Log, LogFormat};

/// The service's lines, as its settings want them.
pub(super) fn of_the_service(settings: &Log) -> Result<(), Failure> {
    let terminal = io::stdout().is_terminal();
    write(&settings.filter, settings.format, terminal, io::stdout)
}

/// A command speaks by its output; only what the audit has to know is a line, whatever the filter says.
pub(super) fn of_the_audit(settings: &Log) -> Result<(), Failure> {
    let terminal = io::stderr().is_terminal();
    write("audit=info", settings.format, terminal, io::stderr)
}

/// Who runs a command, as the environment says; a process without a login shell may not know.
pub(super) fn operator(env: &BTreeMap<String, String>) -> String {
    let known = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| env.get(*name).filter(|who| !who.is_empty()));
    known.map_or_else(|| "unknown".to_owned(), Clone::clone)
}

fn write<W>(filter: &str, format: LogFormat, terminal: bool, to: W) -> Result<(), Failure>
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
        // Fields are flat beside the line's own, and its span is told once, not in a list of one as well.
        let lines = lines.json().flatten_event(true).with_span_list(false);
        lines.boxed()
    } else {
        lines.with_ansi(terminal).boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(|error| Failure::Failed(format!("logs can't be written: {error}")))
}
