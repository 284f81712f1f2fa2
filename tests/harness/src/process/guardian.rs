//! A guardian: a small shell that watches a process we started, and outlives us.
//!
//! It holds the other end of a pipe. Each line we write to it is a signal to pass on. When the pipe closes, because we
//! closed it, panicked, or were killed with `kill -9`, the guardian ends the process and removes its folder. So nothing
//! depends on our own code still running.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
};

/// `$1` is the last signal, `$2` the folder to remove (or empty); the command follows.
///
/// `exec 3<&0` is needed because a shell without job control gives its background jobs an empty standard input. `exec
/// 2>` is needed because the shell would print "Killed" into the log of the slot's next scenario.
const SCRIPT: &str = r#"
exec 3<&0
last=$1 folder=$2
shift 2
"$@" 3<&- </dev/null &
pid=$!
exec 2>/dev/null
(
    while read -r signal <&3; do
        [ "$signal" != keep ] || exit 0
        kill -s "$signal" "$pid" 2>/dev/null
    done
    kill -s "$last" "$pid" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
wait "$pid"
status=$?
kill "$watcher" 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
exit "$status"
"#;

const REMOVAL: &str = r#"
if read -r word && [ "$word" = dismissed ]; then exit 0; fi
for attempt in 1 2 3 4 5 6; do
    "$@"
    sleep 0.5
done
"#;

/// A process that can't outlive us.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Guarded {
    /// Starts `command`. At the end it gets `last_signal` (`KILL`, `QUIT`, …), and `folder` is removed.
    ///
    /// `prepare` sets what the command needs (environment, working folder, user).
    pub fn start(
        command: &[impl AsRef<OsStr>],
        last_signal: &str,
        folder: Option<&Path>,
        prepare: impl FnOnce(&mut Command),
    ) -> io::Result<Self> {
        let mut shell = Command::new("/bin/sh");
        prepare(&mut shell);
        shell
            .args(["-c", SCRIPT, "guardian", last_signal])
            .arg(folder.map_or(OsStr::new(""), Path::as_os_str))
            .args(command)
            .stdin(Stdio::piped())
            // Ctrl-C in a terminal signals the whole foreground group, and must not reach this process.
            .process_group(0);
        let mut child = shell.spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// Runs `command` if we end without [`Self::dismiss`].
    ///
    /// The command runs several times, because a process that is ending may still create or use what it removes.
    pub fn after_us(command: &[impl AsRef<OsStr>]) -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", REMOVAL, "guardian"])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// Passes a signal on by its name: `TERM`, `HUP`, ….
    pub async fn signal(&mut self, name: &str) -> io::Result<()> {
        match &mut self.pipe {
            Some(pipe) => {
                pipe.write_all(format!("{name}\n").as_bytes()).await?;
                pipe.flush().await
            }
            None => Ok(()),
        }
    }

    pub fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// How the process ended, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until the process ends by itself.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        // Not `Child::wait`: it closes our end of the pipe, which would end the process.
        let mut wait = std::time::Duration::from_millis(1);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(std::time::Duration::from_millis(20));
        }
    }

    /// Lets the process outlive us. Its folder is still removed when it ends.
    pub async fn keep(mut self) -> io::Result<()> {
        self.signal("keep").await
    }

    /// Ends the guardian without running its command, because we have cleaned up ourselves.
    pub async fn dismiss(mut self) -> io::Result<()> {
        self.signal("dismissed").await?;
        self.child.wait().await?;
        Ok(())
    }

    /// Ends the process, and waits until its folder is removed.
    pub async fn end(mut self) -> io::Result<ExitStatus> {
        drop(self.pipe.take());
        self.child.wait().await
    }
}
