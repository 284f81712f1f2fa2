//! A command in its own process group, which ends when we end, however that happens. Wrappers (npm, poetry, a shell)
//! start child processes that a signal to the wrapper alone wouldn't reach.

use std::{
    ffi::OsStr,
    io,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, ChildStderr, ChildStdout, Command},
};

use crate::process::{guardian::Guarded, table};

/// Waits for a line before it becomes the command, so that the guardian exists first. Without a line it ends.
const SHIM: &str = r#"read -r go || exit 1; exec "$@" </dev/null"#;

/// Ends the group `$1` when we are gone.
const END: &str =
    r#"kill -s TERM -- "-$1" 2>/dev/null || exit 0; sleep 1; kill -s KILL -- "-$1" 2>/dev/null"#;

/// How long a group may take to end after SIGTERM, and how long the kernel may take to remove it after SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
const REMOVAL: Duration = Duration::from_secs(2);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A running command and its children.
#[derive(Debug)]
pub struct Group {
    child: Child,
    leader: Pid,
    guardian: Guarded,
}

impl Group {
    /// Starts `command`. `prepare` sets its environment, working folder and output.
    pub async fn start(
        command: &[impl AsRef<OsStr>],
        prepare: impl FnOnce(&mut Command),
    ) -> io::Result<Self> {
        let mut shim = Command::new("/bin/sh");
        prepare(&mut shim);
        shim.args(["-c", SHIM, "service"])
            .args(command)
            .stdin(Stdio::piped())
            .process_group(0);
        let mut child = shim.spawn()?;
        let leader = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(|| io::Error::other("it ended at once"))?;
        let number = leader.as_raw_nonzero().to_string();
        let guardian = Guarded::after_us(&["/bin/sh", "-c", END, "guardian", &number])?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(b"go\n").await?;
        }
        Ok(Self {
            child,
            leader,
            guardian,
        })
    }

    pub fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Sends SIGTERM to all its processes.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// How its first process ended, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until its first process ends by itself.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends all processes: by SIGTERM and some seconds later by SIGKILL, or at once by SIGKILL.
    pub async fn end(mut self, at_once: bool) {
        if !at_once {
            self.signal(Signal::TERM);
            self.gone_within(GRACE).await;
        }
        self.signal(Signal::KILL);
        self.gone_within(REMOVAL).await;
        let _ = self.guardian.dismiss().await;
    }

    async fn gone_within(&mut self, limit: Duration) {
        let start = Instant::now();
        while start.elapsed() < limit {
            // The first process is our child: until we read its exit status, it counts as existing.
            let ended = self.ended().is_some();
            let group = self.leader.as_raw_nonzero().get().cast_unsigned();
            if ended && (test_kill_process_group(self.leader).is_err() || table::has_ended(group)) {
                return;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    fn signal(&self, signal: Signal) {
        // The group may be gone already.
        let _ = kill_process_group(self.leader, signal);
    }
}
