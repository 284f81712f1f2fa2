//! A throwaway server in a container, with its data in memory.

use std::{collections::HashMap, net::IpAddr, path::Path, time::Duration};

use futures::TryStreamExt as _;
use testcontainers::{
    ContainerAsync, ImageExt as _, TestcontainersError,
    bollard::{
        Docker,
        query_parameters::{
            CreateImageOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
        },
    },
    core::Mount,
    runners::AsyncRunner as _,
};
use testcontainers_modules::postgres::Postgres;
use url::Url;

use crate::process::{
    guardian::Guarded,
    random_name,
    run_folder::{is_alive, is_kept_by_another},
};
use crate::server::{Origin, Server, TUNING, until_it_answers};

/// How long an engine may take to respond.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// A pull without progress for this long is given up.
const STALL: Duration = Duration::from_secs(5);

/// The port on which PostgreSQL listens in the container.
const PORT: u16 = 5432;

/// A running container. Its guardian removes it if we are killed.
#[derive(Debug)]
pub struct Container {
    container: ContainerAsync<Postgres>,
    guardian: Option<Guarded>,
}

impl Container {
    /// Keeps the container until the next run removes it.
    pub async fn keep(self) {
        if let Some(guardian) = self.guardian {
            let _ = guardian.dismiss().await;
        }
        // The destructor would remove the container.
        std::mem::forget(self.container);
    }

    pub async fn remove(self) {
        let _ = self.container.rm().await;
        if let Some(guardian) = self.guardian {
            let _ = guardian.dismiss().await;
        }
    }
}

/// Labels with the run's folder and its host, so that the next run knows which run a container belongs to.
const RUN: &str = "bdd_harness.run";
const HOST: &str = "bdd_harness.host";

/// Starts `image` (`name:tag`) for the run of this folder. Reports the progress of the pull.
pub async fn server(
    image: &str,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Server, String> {
    let engine = Docker::connect_with_defaults()
        .map_err(|error| format!("container: no engine: {error}"))?;
    match tokio::time::timeout(PING_TIMEOUT, engine.ping()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(format!("container: no engine answers: {error}")),
        Err(_) => {
            return Err(format!(
                "container: no engine answers within {} s",
                PING_TIMEOUT.as_secs()
            ));
        }
    }
    for swept in sweep(&engine).await {
        say(&format!(
            "swept what a killed run had left: container {swept}"
        ));
    }
    if engine.inspect_image(image).await.is_err() {
        pull(&engine, image, say).await.map_err(|reason| {
            format!("container: the image {image} isn't there and can't be pulled: {reason}")
        })?;
    }
    boot(image, folder)
        .await
        .map_err(|reason| format!("container: {image}: {reason}"))
}

async fn pull(engine: &Docker, image: &str, say: &(dyn Fn(&str) + Sync)) -> Result<(), String> {
    let options = CreateImageOptionsBuilder::default()
        .from_image(image)
        .build();
    let mut progress = engine.create_image(Some(options), None, None);
    let mut shown = std::time::Instant::now();
    let mut moved = std::time::Instant::now();
    let mut last = String::new();
    say(&format!("pulling {image} …"));
    loop {
        let Ok(next) =
            tokio::time::timeout(STALL.saturating_sub(moved.elapsed()), progress.try_next()).await
        else {
            return Err(format!("no progress for {} s", STALL.as_secs()));
        };
        let Some(info) = next.map_err(|error| error.to_string())? else {
            return Ok(());
        };
        if let Some(error) = info.error_detail.and_then(|detail| detail.message) {
            return Err(error);
        }
        let detail = info.progress_detail.unwrap_or_default();
        let bytes =
            |n: Option<i64>| n.map_or_else(|| "?".to_owned(), |n| format!("{:.1}", n as f64 / 1e6));
        let now = format!(
            "{} {} {} of {} MB",
            info.id.unwrap_or_default(),
            info.status.unwrap_or_default(),
            bytes(detail.current),
            bytes(detail.total)
        );
        if now != last {
            moved = std::time::Instant::now();
            if shown.elapsed() > Duration::from_secs(1) {
                shown = moved;
                say(&format!("pulling {image}: {now}"));
            }
            last = now;
        }
    }
}

/// Removes the containers of dead runs of this host.
async fn sweep(engine: &Docker) -> Vec<String> {
    let filters = HashMap::from([("label", vec![format!("{HOST}={}", host())])]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let found = engine
        .list_containers(Some(options))
        .await
        .unwrap_or_default();
    let mut swept = Vec::new();
    for container in found {
        let labels = container.labels.unwrap_or_default();
        let alive = labels.get(RUN).map(Path::new);
        let alive = alive.is_none_or(|folder| is_alive(folder) || is_kept_by_another(folder));
        if let (Some(id), false) = (container.id, alive) {
            let options = RemoveContainerOptionsBuilder::default()
                .force(true)
                .v(true)
                .build();
            if engine.remove_container(&id, Some(options)).await.is_ok() {
                swept.push(container.names.unwrap_or_default().join(" "));
            }
        }
    }
    swept
}

/// The name of this machine, or of the container in which we run.
fn host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

async fn boot(image: &str, folder: &Path) -> Result<Server, String> {
    let (name, tag) = split(image);
    let mut command = vec![];
    for (setting, value) in TUNING {
        command.extend(["-c".to_owned(), format!("{setting}={value}")]);
    }
    let own = format!("bdd-harness-{}", random_name());
    // Before the container is created, so that it is always guarded.
    let guardian = guard(&own);
    let container = Postgres::default()
        .with_name(name)
        .with_tag(tag)
        .with_container_name(&own)
        .with_cmd(command)
        .with_mount(Mount::tmpfs_mount("/var/lib/postgresql/data"))
        .with_label(RUN, folder.display().to_string())
        .with_label(HOST, host())
        .with_startup_timeout(Duration::from_mins(1))
        .start()
        .await
        .map_err(|error| error.to_string())?;
    let container = Container {
        container,
        guardian,
    };
    match reach(&container).await {
        Ok(url) => Server::tuned(url, Origin::Container(Box::new(container))).await,
        Err(reason) => {
            container.remove().await;
            Err(reason)
        }
    }
}

/// A registry may have a port, so only a colon after the last slash starts the tag.
fn split(image: &str) -> (&str, &str) {
    let start = image.rfind('/').map_or(0, |slash| slash + 1);
    match image[start..].find(':') {
        Some(colon) => (&image[..start + colon], &image[start + colon + 1..]),
        None => (image, "latest"),
    }
}

async fn reach(container: &Container) -> Result<Url, String> {
    let (host, port) = place(&container.container)
        .await
        .map_err(|error| error.to_string())?;
    let url = format!("postgres://postgres:postgres@{host}:{port}/postgres?sslmode=disable");
    let url = Url::parse(&url).map_err(|error| error.to_string())?;
    until_it_answers(&url, Duration::from_secs(30), || None).await?;
    Ok(url)
}

/// The container's bridge address if it is reachable: a connection takes half the time of one through a published port.
async fn place(container: &ContainerAsync<Postgres>) -> Result<(String, u16), TestcontainersError> {
    if let Ok(IpAddr::V4(bridge)) = container.get_bridge_ip_address().await {
        let direct = tokio::net::TcpStream::connect((bridge, PORT));
        if matches!(
            tokio::time::timeout(Duration::from_millis(300), direct).await,
            Ok(Ok(_))
        ) {
            return Ok((bridge.to_string(), PORT));
        }
    }
    let host = container.get_host().await?.to_string();
    Ok((host, container.get_host_port_ipv4(PORT).await?))
}

/// The guardian that removes the container when we end, however that happens.
///
/// It needs the `docker` command. Without it, a killed run's container stays until somebody removes it.
fn guard(name: &str) -> Option<Guarded> {
    Guarded::after_us(&["docker", "rm", "--force", "--volumes", name]).ok()
}
