//! A throwaway cluster, with PostgreSQL's own programs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;
use url::Url;

use crate::process::guardian::Guarded;
use crate::server::{Origin, Server, TUNING, until_it_answers};

/// A running cluster; its guardian removes the folder.
#[derive(Debug)]
pub struct Cluster(Guarded);

impl Cluster {
    pub async fn stop(self) {
        let _ = self.0.end().await;
    }
}

/// Boots a cluster in `folder`, which goes with the run; also answers the folder of the programs.
pub async fn server(cache: &Path, folder: &Path) -> Result<(Server, PathBuf), String> {
    let bin = programs()
        .ok_or("local: no initdb and postgres in PATH, pg_config --bindir or the usual folders")?;
    let server = boot(&bin, cache, folder)
        .await
        .map_err(|reason| format!("local: {}: {reason}", bin.display()))?;
    Ok((server, bin))
}

/// The folder that holds `initdb` and `postgres`, the newest first.
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| {
        // A link in PATH leads to the folder where the server finds its libraries and messages.
        let initdb = folder.join("initdb");
        fs::canonicalize(&initdb)
            .ok()
            .and_then(|real| real.parent().map(Path::to_owned))
            .unwrap_or(folder)
    });
    let said = std::process::Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|text| PathBuf::from(text.trim()));
    let mut usual: Vec<PathBuf> = [
        "/usr/lib/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr",
    ]
    .iter()
    .filter_map(|parent| fs::read_dir(parent).ok())
    .flatten()
    .filter_map(Result::ok)
    .map(|entry| entry.path().join("bin"))
    .collect();
    usual.sort();
    in_path
        .chain(said)
        .chain(usual.into_iter().rev())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

async fn boot(bin: &Path, cache: &Path, folder: &Path) -> Result<Server, String> {
    let user = Unprivileged::when_root().map_err(|error| error.to_string())?;
    let folder = folder.join("postgres");
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    user.own(&folder).map_err(|error| error.to_string())?;
    let data = folder.join("data");
    initialise(bin, cache, &data, user).await?;

    let log = folder.join("server.log");
    let output = fs::File::create(&log).map_err(|error| error.to_string())?;
    let errors = output.try_clone().map_err(|error| error.to_string())?;
    let mut command = vec![
        bin.join("postgres").into_os_string(),
        "-D".into(),
        data.into_os_string(),
    ];
    for (setting, value) in TUNING {
        command.extend(["-c".into(), format!("{setting}={value}").into()]);
    }
    // No port, so that none can be taken and nobody on the network can connect.
    command.extend([
        "-c".into(),
        "listen_addresses=".into(),
        "-k".into(),
        folder.clone().into_os_string(),
    ]);

    let mut guarded = Guarded::start(&command, "QUIT", Some(&folder), |shell| {
        shell.stdout(output).stderr(errors).current_dir("/");
        user.run(shell);
    })
    .map_err(|error| error.to_string())?;

    let url = Url::parse_with_params(
        "postgres://postgres@localhost:5432/postgres",
        &[
            ("host", folder.to_string_lossy().as_ref()),
            ("sslmode", "disable"),
        ],
    )
    .map_err(|error| error.to_string())?;
    let answered = until_it_answers(&url, Duration::from_secs(30), || {
        guarded.ended().map(|_| {
            let said = fs::read_to_string(&log).unwrap_or_default();
            format!(
                "the server ended at its start: {}",
                said.lines().last().unwrap_or("it said nothing")
            )
        })
    })
    .await;
    let cluster = Cluster(guarded);
    if let Err(reason) = answered {
        cluster.stop().await;
        return Err(reason);
    }
    Server::tuned(url, Origin::Local(Box::new(cluster))).await
}

/// Creates the data folder: a copy of an earlier `initdb`'s, or by `initdb`.
async fn initialise(
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
    if kept.is_dir() {
        return copy(&kept, data, user)
            .await
            .map_err(|error| format!("copying {}: {error}", kept.display()));
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
    // Two runs may get here at once: each makes its own copy, and one rename wins.
    let fresh = cache.join(format!(".initdb-{}", std::process::id()));
    let stored = async {
        fs::create_dir_all(cache)?;
        copy(data, &fresh, Unprivileged(None)).await?;
        fs::rename(&fresh, &kept)
    };
    if stored.await.is_err() {
        // The cache is only for speed: a read-only checkout does without.
        let _ = fs::remove_dir_all(&fresh);
    }
    Ok(())
}

/// Copies a data folder for `user`, with the mode the server insists on.
async fn copy(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    let (from, to) = (from.to_owned(), to.to_owned());
    tokio::task::spawn_blocking(move || copy_folder(&from, &to, user)).await?
}

fn copy_folder(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    user.own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target, user)?;
        } else {
            fs::copy(entry.path(), &target)?;
            user.own(&target)?;
        }
    }
    Ok(())
}

/// PostgreSQL refuses to run as root, so root runs it as another user.
#[derive(Clone, Copy)]
struct Unprivileged(Option<(u32, u32)>);

impl Unprivileged {
    fn when_root() -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        // The owner of a new file is our own user.
        let probe = tempfile::tempfile()?;
        if probe.metadata()?.uid() != 0 {
            return Ok(Self(None));
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let ids = |name: &str| {
            accounts.lines().find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                (fields.first() == Some(&name))
                    .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
            })
        };
        match ids("postgres").or_else(|| ids("nobody")) {
            Some(ids) => Ok(Self(Some(ids))),
            None => Err(io::Error::other(
                "running as root, and there is no user postgres or nobody to run it as",
            )),
        }
    }

    fn own(self, path: &Path) -> io::Result<()> {
        match self.0 {
            Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    fn run(self, command: &mut Command) {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }
}
