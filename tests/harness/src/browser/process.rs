//! The browser's process. Its profile is in the run's folder, and it can't outlive the run.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::unix::pipe;

use super::{BrowserSettings, connection::Connection, executable};
use crate::process::{guardian::Guarded, random_name, run_folder};

/// A start takes a second, but much longer on a busy machine.
const START: Duration = Duration::from_mins(1);
/// How long an orderly shutdown may take.
const END: Duration = Duration::from_secs(5);
/// The number of the browser's last lines that are shown if it doesn't start.
const LINES: usize = 8;

/// The browser reads commands from descriptor 3 and writes answers to descriptor 4. Its commands come through a named
/// pipe, because the guardian uses standard input.
const WRAPPER: &str = r#"mkfifo -m 600 "$0" && exec 3<"$0" 4>&1 1>&2 && exec "$@""#;

/// No requests except the page's own, no first-run page, and nothing that waits for a person.
const ARGUMENTS: [&str; 21] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-gpu",
    // Containers have little space in /dev/shm.
    "--disable-dev-shm-usage",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,HttpsUpgrades,AutofillServerCommunication,IsolateOrigins,site-per-process,IsolateSandboxedIframes",
    // Frames of other sites are in the page's own process, where words reach them too.
    "--disable-site-isolation-trials",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
];

pub struct Process {
    guarded: Guarded,
    connection: Arc<Connection>,
    folder: PathBuf,
}

impl Process {
    /// Starts it and connects.
    pub async fn start(settings: &BrowserSettings, run: &Path) -> Result<Self, String> {
        let Some(executable) = &settings.executable else {
            return Err(format!(
                "this needs a browser, but none was found: {}",
                executable::looked_for()
            ));
        };
        let folder = run.join(format!("browser-{}", random_name()));
        let started = Self::start_in(&folder, executable, settings, run).await;
        started.map_err(|error| {
            format!(
                "the browser {} didn't start: {error}{}",
                executable.display(),
                last_output(&folder)
            )
        })
    }

    async fn start_in(
        folder: &Path,
        executable: &Path,
        settings: &BrowserSettings,
        run: &Path,
    ) -> Result<Self, String> {
        let failed = |error: io::Error| error.to_string();
        fs::create_dir(folder).map_err(failed)?;
        let commands = folder.join("commands");
        let log = File::create(log_of(folder)).map_err(failed)?;
        let mut command = vec!["/bin/sh".into(), "-c".into(), WRAPPER.into()];
        command.push(commands.clone().into_os_string());
        command.push(executable.into());
        command.extend(ARGUMENTS.map(Into::into));
        command.push(format!("--user-data-dir={}", folder.join("profile").display()).into());
        // Chromium's sandbox refuses to run as root.
        if fs::metadata(folder).map_err(failed)?.uid() == 0 {
            command.push("--no-sandbox".into());
        }
        command.extend(settings.arguments.iter().map(Into::into));
        command.push("about:blank".into());
        let mut guarded = Guarded::start(&command, "KILL", None, |shell| {
            shell.stdout(std::process::Stdio::piped()).stderr(log);
            // The folders where a browser stores crash reports, settings and sockets.
            shell.env("HOME", folder).env("TMPDIR", folder);
            for name in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
                shell.env_remove(name);
            }
            shell.env(run_folder::VARIABLE, run);
        })
        .map_err(failed)?;
        let deadline = Instant::now() + START;
        let sender = loop {
            match pipe::OpenOptions::new().open_sender(&commands) {
                Ok(sender) => break sender,
                Err(error) if guarded.ended().is_some() => return Err(error.to_string()),
                Err(error) if Instant::now() > deadline => {
                    let _ = guarded.end().await;
                    return Err(error.to_string());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        };
        let (output, _) = guarded.output();
        let answers = output.ok_or("it has no standard output")?;
        let process = Self {
            guarded,
            connection: Connection::new(sender, answers),
            folder: folder.to_owned(),
        };
        let discovery =
            json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true});
        let ready = process
            .connection
            .call(None, "Target.setAutoAttach", discovery);
        match tokio::time::timeout(START, ready).await {
            Ok(Ok(_)) => Ok(process),
            Ok(Err(error)) => {
                process.end().await;
                Err(error.to_string())
            }
            Err(_) => {
                process.end().await;
                Err(format!("it didn't answer within {START:?}"))
            }
        }
    }

    pub fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// First asks the browser to close: a killed browser may leave a child behind for a moment, which writes into its
    /// profile.
    pub async fn end(mut self) {
        self.connection.post(None, "Browser.close", json!({}));
        let _ = tokio::time::timeout(END, self.guarded.wait()).await;
        let _ = self.guarded.end().await;
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// The last lines of the browser's output.
fn last_output(folder: &Path) -> String {
    let text = fs::read(log_of(folder)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let last = &lines[lines.len().saturating_sub(LINES)..];
    format!("; its output:\n    {}", last.join("\n    "))
}
