//! The data folder of a local server: created by `initdb`, or copied from an earlier result.

use std::{
    fs, io,
    num::NonZero,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use super::unprivileged::Unprivileged;
use crate::process::run_folder::is_running;

/// Creates the data folder: by `initdb`, or as a copy of an earlier result.
pub async fn initialise(
    bin: &Path,
    cache: &Path,
    data: &Path,
    user: Unprivileged,
) -> Result<(), String> {
    let version = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .await;
    let version = version.map_err(|error| error.to_string())?.stdout;
    let name: String = String::from_utf8_lossy(&version)
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let kept = cache.join(format!("initdb-{}", name.trim_matches('-')));
    remove_unfinished(cache);
    if kept.is_dir() {
        if copy(&kept, data, user).await.is_ok() {
            return Ok(());
        }
        // It may belong to another user, and be unreadable. The cache only saves time.
        let _ = fs::remove_dir_all(data);
    }
    let mut initdb = Command::new(bin.join("initdb"));
    initdb
        .args([
            "--no-sync",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(data)
        .stdin(Stdio::null())
        .current_dir("/");
    user.run(&mut initdb);
    let output = initdb.output().await.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!(
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    // Two runs may get here at the same time. Each makes its own copy, and one rename wins.
    let fresh = cache.join(format!("{UNFINISHED}{}", std::process::id()));
    let stored = async {
        fs::create_dir_all(cache)?;
        copy(data, &fresh, Unprivileged(None)).await?;
        fs::rename(&fresh, &kept)
    };
    if stored.await.is_err() {
        // The cache only saves time, so a read-only checkout works without it.
        let _ = fs::remove_dir_all(&fresh);
    }
    Ok(())
}

/// The prefix of an unfinished copy's name. The process id follows.
const UNFINISHED: &str = ".initdb-";

/// Removes what killed runs left in the cache.
fn remove_unfinished(cache: &Path) {
    let entries = fs::read_dir(cache).into_iter().flatten();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(UNFINISHED).map(str::parse);
        if let Some(Ok(process)) = process
            && !is_running(process)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Copies a data folder for `user`, with the file mode that the server requires.
async fn copy(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    let (from, to) = (from.to_owned(), to.to_owned());
    tokio::task::spawn_blocking(move || copy_folder(&from, &to, user)).await?
}

fn copy_folder(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    let mut files = Vec::new();
    create_folders(from, to, user, &mut files)?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let part = files.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let copy = |(from, to): &(PathBuf, PathBuf)| {
            fs::copy(from, to)?;
            user.own(to)
        };
        let threads: Vec<_> = files
            .chunks(part)
            .map(|part| scope.spawn(move || part.iter().try_for_each(copy)))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| io::Error::other("a thread that copied the data folder panicked"))?
        })
    })
}

/// Creates the folders, and lists the files and their copies.
fn create_folders(
    from: &Path,
    to: &Path,
    user: Unprivileged,
    files: &mut Vec<(PathBuf, PathBuf)>,
) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    user.own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            create_folders(&entry.path(), &target, user, files)?;
        } else {
            files.push((entry.path(), target));
        }
    }
    Ok(())
}
