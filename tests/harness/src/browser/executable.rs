//! Finds the browser.

use std::{
    env,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The variable that names the executable.
pub const VARIABLE: &str = "CHROMIUM";
/// The names to look for in `PATH`. First the browser without windows, which runs the same pages for a third of the CPU
/// time.
const NAMES: [&str; 6] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// Their paths on macOS.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The browser that the settings choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// No browser: scenarios that need one are left out.
    None,
    Path(PathBuf),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("write `none` or the path of Chromium".to_owned()),
            "none" => Ok(Self::None),
            path => Ok(Self::Path(PathBuf::from(path))),
        }
    }
}

/// The executable; `None` if there is no browser. `named` is a configured path with the name of its setting. Such a
/// path has to exist.
pub fn find(named: Option<(PathBuf, String)>) -> Result<Option<PathBuf>, String> {
    let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty());
    let variable = variable.map(|value| (PathBuf::from(value), VARIABLE.to_owned()));
    let Some((path, setting)) = named.or(variable) else {
        return Ok(anywhere());
    };
    if path.components().count() == 1
        && let Some(found) = in_path(&path)
    {
        return Ok(Some(found));
    }
    if path.is_file() {
        return Ok(Some(path));
    }
    Err(format!("{setting}: there is no browser {}", path.display()))
}

/// What was searched, for messages.
pub fn looked_for() -> String {
    format!(
        "{VARIABLE} isn't set, and PATH contains no {}",
        NAMES.join(", ")
    )
}

fn anywhere() -> Option<PathBuf> {
    let in_path = NAMES.iter().find_map(|name| in_path(Path::new(name)));
    in_path.or_else(|| {
        let applications = APPLICATIONS.iter().map(PathBuf::from);
        applications.into_iter().find(|path| path.is_file())
    })
}

fn in_path(name: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
