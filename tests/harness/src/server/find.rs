//! Chooses the server of a run, and says why.

use std::{fmt, path::Path};

use super::{IMAGE, Provider, Server, ServerRequest, container, external, local, masked};

/// A server, and a line that says why this one was chosen.
pub struct Found {
    pub server: Server,
    pub why: String,
}

/// Finds the requested server, and starts it if necessary.
///
/// `cache` is a folder that outlives the run, `folder` is removed with the run. `say` prints a line of progress.
pub async fn find(
    request: &ServerRequest,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, NoServer> {
    let none = |reasons| NoServer::new(request, reasons);
    let one = |reason| none(vec![reason]);
    let found = match &request.provider {
        Provider::Auto => auto(request, cache, folder, say).await.map_err(none)?,
        Provider::Url(url) => Found {
            server: external::server(url).await.map_err(one)?,
            why: format!("external: {}, as requested", masked(url)),
        },
        Provider::External => configured(request).await.map_err(one)?,
        Provider::Container => Found {
            server: container::server(&request.image, folder, say)
                .await
                .map_err(one)?,
            why: format!("container: {}, as requested", request.image),
        },
        Provider::Local => {
            let (server, bin) = local::server(cache, folder, request).await.map_err(one)?;
            let why = format!("local: {}, as requested", bin.display());
            Found { server, why }
        }
    };
    if !request.plain_owner {
        return Ok(found);
    }
    Ok(Found {
        server: found.server.into_plain_owner().await.map_err(one)?,
        why: format!("{}, as a plain owner", found.why),
    })
}

/// The external server of the settings. If it doesn't answer, that is an error; no other provider is tried.
async fn configured(request: &ServerRequest) -> Result<Found, String> {
    let Some(url) = &request.url else {
        return Err(format!(
            "external: no URL; set {}",
            request.setting_names.url
        ));
    };
    Ok(Found {
        server: external::server(url).await?,
        why: format!("external: {} is configured", masked(url)),
    })
}

/// External if a URL is configured, otherwise a container, otherwise a local cluster.
async fn auto(
    request: &ServerRequest,
    cache: &Path,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Found, Vec<String>> {
    if request.url.is_some() {
        return configured(request).await.map_err(|reason| vec![reason]);
    }
    let mut not = vec!["external: no URL is configured".to_owned()];
    match container::server(&request.image, folder, say).await {
        Ok(server) => {
            let why = format!("container: {} ({})", request.image, not.join("; "));
            return Ok(Found { server, why });
        }
        Err(reason) => not.push(reason),
    }
    match local::server(cache, folder, request).await {
        Ok((server, bin)) => {
            let why = format!("local: {} ({})", bin.display(), not.join("; "));
            Ok(Found { server, why })
        }
        Err(reason) => {
            not.push(reason);
            Err(not)
        }
    }
}

/// No server was found; a reason for each provider.
#[derive(Debug)]
pub struct NoServer {
    pub reasons: Vec<String>,
    image_setting: String,
}

impl NoServer {
    fn new(request: &ServerRequest, reasons: Vec<String>) -> Self {
        Self {
            reasons,
            image_setting: request.setting_names.image.clone(),
        }
    }

    /// The message for a suite that can't run on SQLite.
    pub fn without_sqlite(&self) -> String {
        let text = self.to_string();
        let lines = text.lines().filter(|line| !line.contains("SQLite"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for NoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "No PostgreSQL can be had:")?;
        for reason in &self.reasons {
            writeln!(f, "  - {reason}")?;
        }
        write!(
            f,
            "What you can do:\n\
             \x20 - install PostgreSQL's programs (Debian: apt install postgresql; macOS: brew install postgresql)\n\
             \x20 - start Docker, and pull the image: docker pull {IMAGE}, or another one with {}=<its name>\n\
             \x20 - name a server of yours: --database postgres://user:password@host:port/postgres\n\
             \x20 - run on SQLite: --store sqlite",
            self.image_setting
        )
    }
}
