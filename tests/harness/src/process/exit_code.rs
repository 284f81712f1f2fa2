//! Exit codes of a command, as a shell reports them.

use std::{io, os::unix::process::ExitStatusExt as _, process::ExitStatus};

use crate::output::complain;

/// The code of a command that has ended: 128 + the signal's number, if a signal ended it.
pub fn of(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(1)
}

/// The code of a command that couldn't be started: 127 if it doesn't exist, otherwise 126. Prints the reason.
pub fn not_started(program: &str, error: &io::Error) -> u8 {
    complain(format_args!("error: {program} can't be run: {error}"));
    if error.kind() == io::ErrorKind::NotFound {
        127
    } else {
        126
    }
}
