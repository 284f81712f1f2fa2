//! A project's folder, and the texts in it that people have written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// The maximum number of files that are read, and the maximum size of one.
const FILES: usize = 3000;
const LONGEST: u64 = 400_000;

/// A folder, and its source texts.
pub struct Folder<'a> {
    pub path: &'a Path,
    sources: Vec<(PathBuf, String)>,
}

impl<'a> Folder<'a> {
    pub fn of(path: &'a Path) -> Self {
        Self {
            path,
            sources: sources(path),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.path.join(name).exists()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap_or_default()
    }

    pub fn holds_sql(&self, name: &str) -> bool {
        fn below(folder: &Path, depth: usize) -> bool {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).any(|path| {
                path.extension().is_some_and(|found| found == "sql")
                    || depth > 0 && path.is_dir() && below(&path, depth - 1)
            })
        }
        below(&self.path.join(name), 2)
    }

    /// The first source that has this, as its path, and the text that was found.
    pub fn first(&self, pattern: &str) -> Option<(String, String)> {
        self.every(pattern).into_iter().next()
    }

    /// Everything that this pattern finds in the sources: paths, and texts.
    pub fn every(&self, pattern: &str) -> Vec<(String, String)> {
        let pattern = Regex::new(pattern).expect("a valid pattern");
        let found = self.sources.iter().flat_map(|(path, text)| {
            let path = path.display().to_string();
            pattern.captures_iter(text).map(move |found| {
                let name = found.get(1).map_or("", |name| name.as_str());
                (path.clone(), name.to_owned())
            })
        });
        found.collect()
    }

    /// What a Python project says that it needs.
    pub fn requirements(&self) -> String {
        [
            "requirements.txt",
            "requirements/base.txt",
            "pyproject.toml",
            "Pipfile",
            "setup.cfg",
        ]
        .map(|file| self.text(file))
        .join("\n")
        .to_lowercase()
    }

    /// Flask's application as its command wants it, and the file that has it.
    pub fn flask(&self) -> Option<(String, String)> {
        let (path, _) = self
            .first(r"(?m)^\w+\s*=\s*(?:flask\.)?Flask\(")
            .or_else(|| {
                // A factory that Flask finds by its name.
                let (path, _) = self.first(r"(?m)^def (?:create_app|make_app)\(")?;
                self.text(&path)
                    .contains("Flask(")
                    .then_some((path, String::new()))
            })?;
        Some((module(&path), path))
    }
}

/// The name of a Python module, by its path.
pub fn module(path: &str) -> String {
    let path = path.trim_end_matches(".py").trim_end_matches("/__init__");
    path.trim_start_matches("src/").replace('/', ".")
}

/// The source texts of a project, without installed or built files.
fn sources(root: &Path) -> Vec<(PathBuf, String)> {
    const LEFT_OUT: [&str; 9] = [
        "node_modules",
        "target",
        "dist",
        "build",
        "vendor",
        "venv",
        "__pycache__",
        "features",
        "tests",
    ];
    const KINDS: [&str; 15] = [
        "prisma",
        "py",
        "js",
        "ts",
        "mjs",
        "cjs",
        "go",
        "java",
        "kt",
        "rb",
        "rs",
        "yml",
        "yaml",
        "properties",
        "toml",
    ];
    let mut sources = Vec::new();
    let mut folders = std::collections::VecDeque::from([root.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let is_example = name.starts_with(".env");
            if path.is_dir() {
                let is_environment = path.join("pyvenv.cfg").exists();
                if !name.starts_with('.') && !LEFT_OUT.contains(&&*name) && !is_environment {
                    folders.push_back(path);
                }
            } else if is_example
                || path
                    .extension()
                    .is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
            {
                let is_short = fs::metadata(&path).is_ok_and(|found| found.len() < LONGEST);
                if let (true, Ok(text)) = (is_short, fs::read_to_string(&path)) {
                    sources.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), text));
                }
                if sources.len() == FILES {
                    return sources;
                }
            }
        }
    }
    sources
}
