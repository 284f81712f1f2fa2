//! Pictures of pages, for failed scenarios.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use gherkin::{Feature, Scenario};

/// Saves a picture in the folder of the reports, named after the scenario's place. `attempt` counts from 0.
pub fn save_picture(
    reports: &Path,
    feature: &Feature,
    scenario: &Scenario,
    attempt: usize,
    png: &[u8],
) -> io::Result<PathBuf> {
    let folder = reports.join("pictures");
    fs::create_dir_all(&folder)?;
    let path = feature.path.clone().unwrap_or_default();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let again = match attempt {
        0 => String::new(),
        attempt => format!("-{}", attempt + 1),
    };
    let file = folder.join(format!("{name}-{}{again}.png", scenario.position.line));
    fs::write(&file, png)?;
    Ok(file)
}
