//! The command that a pool runs. It gets the pool's address, and signals are passed on to it.

use std::{
    io::IsTerminal as _, os::unix::process::ExitStatusExt as _, path::Path, process::ExitStatus,
};

use rustix::process::Signal;
use tokio::{
    process::{Child, Command},
    signal::unix::{self, SignalKind},
};

use crate::{
    failure::Failure,
    output::complain,
    pool::VARIABLE,
    process::{exit_code, guardian::Guarded, run_folder, table},
};

/// Ends the command `$2` and all processes that have the pool's address `$1` in their environment. Without a command, it
/// asks them first, and waits up to five seconds.
const END: &str = r#"
users() { grep -lzxF -- "BDD_POOL=$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,[^0-9],,g'; }
if [ -n "$2" ]; then
    kill -s KILL "$2"
else
    for pause in 0 .1 .2 .3 .4 .5 .5 1 1 1; do
        sleep $pause
        [ -n "$(users "$1")" ] || exit 0
        [ $pause != 0 ] || kill -s TERM $(users "$1")
    done
fi
for process in $(users "$1"); do
    kill -s KILL "$process"
done
"#;

/// The signals that ask us to stop.
pub struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// The next signal, and its exit code.
    pub async fn next(&mut self) -> (Signal, u8) {
        tokio::select! {
            _ = self.interrupt.recv() => (Signal::INT, 130),
            _ = self.terminate.recv() => (Signal::TERM, 143),
            _ = self.hangup.recv() => (Signal::HUP, 129),
        }
    }
}

/// Runs the command until it ends, and returns its exit code.
pub async fn run(
    command: &[String],
    url: &str,
    folder: &Path,
    signals: &mut Signals,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("the pool has no command to run".into());
    };
    // In our own process group, so that it can read from the terminal and gets the terminal's signals.
    let spawned = Command::new(program)
        .args(arguments)
        .env(VARIABLE, url)
        .env(run_folder::VARIABLE, folder)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Ok(exit_code::not_started(program, &error)),
    };
    let failed = |error: std::io::Error| Failure::new(format!("{program}: {error}"));
    let pid = child.id().unwrap_or_default().to_string();
    let guardian = Guarded::after_us(&["sh", "-c", END, "guardian", url, &pid]).map_err(failed)?;
    let status = wait(&mut child, signals).await.map_err(failed)?;
    let _ = guardian.dismiss().await;
    if status.signal().is_some() {
        // It couldn't end what it had started, and that has no pool any more.
        let mut rest = Command::new("sh");
        rest.args(["-c", END, "guardian", url, ""]);
        let _ = rest.status().await;
    }
    Ok(exit_code::of(status))
}

/// Passes signals on. After the second signal the command is killed.
async fn wait(child: &mut Child, signals: &mut Signals) -> std::io::Result<ExitStatus> {
    let mut count = 0;
    loop {
        let (signal, _) = tokio::select! {
            status = child.wait() => return status,
            signal = signals.next() => signal,
        };
        count += 1;
        let pid = child.id();
        // Ctrl-C in a terminal reaches the command directly.
        let has_it = signal == Signal::INT && std::io::stdin().is_terminal();
        match pid {
            Some(pid) if count > 2 => table::signal_family(pid, Signal::KILL),
            Some(pid) if !has_it => table::signal_family(pid, signal),
            _ => {}
        }
        if count == 2 {
            complain("the command hasn't ended yet; another signal kills it");
        }
    }
}
