//! The server that a run requests.

use std::str::FromStr;

/// Where a server comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// External if a URL is configured, otherwise a container, otherwise a local cluster.
    Auto,
    /// The server that the settings name.
    External,
    Container,
    Local,
    /// This server.
    Url(String),
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "auto" => Self::Auto,
            "external" => Self::External,
            "container" => Self::Container,
            "local" => Self::Local,
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Url(url.to_owned())
            }
            _ => {
                return Err(
                    "write auto, external, container, local, or a URL that starts with postgres://"
                        .into(),
                );
            }
        })
    }
}

/// The default image.
pub const IMAGE: &str = "postgres:16-alpine";

#[derive(Clone, Debug)]
pub struct ServerRequest {
    pub provider: Provider,
    /// The external server, if the settings name one.
    pub url: Option<String>,
    /// The container's image, `name:tag`.
    pub image: String,
    /// Whether a local server stores its data in memory if there is room.
    pub in_memory: bool,
    /// Whether programs have to reach a local server over TCP too.
    pub tcp: bool,
    /// Use a role that may only create databases and roles.
    pub plain_owner: bool,
    pub setting_names: SettingNames,
}

/// The names of settings, for messages.
#[derive(Clone, Debug)]
pub struct SettingNames {
    /// What sets [`ServerRequest::url`]: `BDD_DATABASE_URL, or database.url in bdd.toml`.
    pub url: String,
    /// What sets [`ServerRequest::image`]: `BDD_DATABASE_IMAGE`.
    pub image: String,
}

impl Default for SettingNames {
    fn default() -> Self {
        Self {
            url: "BDD_DATABASE_URL".into(),
            image: "BDD_DATABASE_IMAGE".into(),
        }
    }
}

impl ServerRequest {
    /// A request for a server of this provider, with defaults for everything else.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            url: None,
            image: IMAGE.into(),
            in_memory: true,
            tcp: false,
            plain_owner: false,
            setting_names: SettingNames::default(),
        }
    }
}
