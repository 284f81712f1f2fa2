//! Passes the commit to the build, and rebuilds when migrations change.

use std::{env, process::Command};

fn main() {
    for path in ["migrations", ".git/HEAD", ".git/refs/heads", "build.rs"] {
        if std::path::Path::new(path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-env-changed=BUILD_COMMIT");
    // A build from an archive has no Git history, so the commit can be set by a variable.
    let commit = env::var("BUILD_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty())
        .or_else(from_git);
    println!(
        "cargo:rustc-env=BUILD_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
}

fn from_git() -> Option<String> {
    let output = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()?;
    let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !commit.is_empty()).then_some(commit)
}
