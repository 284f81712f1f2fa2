//! The service's command line.

use std::{env, fs, io, path::PathBuf, process::ExitCode};

use bdd_harness::{BoxError, service::Environment};
use tokio::signal::unix::{SignalKind, signal};

use crate::service::{self, database::Database};

const NAME: &str = "guestbook";

/// Whether this process was started under the service's name.
pub fn is_meant() -> bool {
    env::args_os()
        .next()
        .is_some_and(|name| PathBuf::from(name).ends_with(NAME))
}

/// The path of this executable under the service's name.
pub fn link() -> io::Result<PathBuf> {
    let target = env::current_exe()?;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let link = folder.join(NAME);
    if fs::read_link(&link).is_ok_and(|found| found == target) {
        return Ok(link);
    }
    // Another suite may be using this name, so the link is replaced in one step.
    let new = folder.join(format!("{NAME}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    std::os::unix::fs::symlink(target, &new)?;
    fs::rename(new, &link)?;
    Ok(link)
}

pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new();
    let done = runtime
        .map_err(BoxError::from)
        .and_then(|runtime| runtime.block_on(run()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let environment: Environment = env::vars().collect();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => serve(&environment).await,
        ["--version"] => {
            println!("{NAME} {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        ["hello", name] => {
            let greeting = environment.get("GREETING").map_or("Hello", String::as_str);
            println!("{greeting}, {name}!");
            Ok(())
        }
        ["import", file] => {
            let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
            println!("{} lines", text.lines().count());
            Ok(())
        }
        ["users"] => {
            let url = environment
                .get("DATABASE_URL")
                .ok_or("DATABASE_URL isn't set")?;
            let users = Database::connect(url).await?.users("").await?;
            println!("{} users", users.len());
            Ok(())
        }
        _ => Err(format!("{arguments:?} is unknown").into()),
    }
}

async fn serve(environment: &Environment) -> Result<(), BoxError> {
    tracing_subscriber::fmt().json().flatten_event(true).init();
    let mut terminated = signal(SignalKind::terminate())?;
    let stopped = async move {
        terminated.recv().await;
    };
    service::serve(
        environment,
        |address| println!("listening on http://{address}"),
        stopped,
    )
    .await
}
