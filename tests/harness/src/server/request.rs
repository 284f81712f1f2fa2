//! Which server a run asks for.

use std::str::FromStr;

/// Where a server comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// External when a URL is known, else a container, else a local one.
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
                    "write auto, external, container, local, or a URL that begins with postgres://"
                        .into(),
                );
            }
        })
    }
}

/// The image when no other is named.
pub const IMAGE: &str = "postgres:16-alpine";

/// The server that a run asks for.
#[derive(Clone, Debug)]
pub struct ServerRequest {
    pub provider: Provider,
    /// The external server, when the settings name one.
    pub url: Option<String>,
    /// The container's image, `name:tag`.
    pub image: String,
    /// Whether a local server has its data in memory, where there is room.
    pub in_memory: bool,
    /// Work as a role that owns its databases and no more.
    pub plain_owner: bool,
    pub setting_names: SettingNames,
}

/// How messages call the settings that a user may change.
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
    /// A server of this provider, with nothing else asked for.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            url: None,
            image: IMAGE.into(),
            in_memory: true,
            plain_owner: false,
            setting_names: SettingNames::default(),
        }
    }
}
