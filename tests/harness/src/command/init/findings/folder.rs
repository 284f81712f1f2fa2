//! A project's folder, and the texts in it that people have written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use walkdir::{DirEntry, WalkDir};

/// The maximum number of files that are read, and the maximum size of one.
const FILES: usize = 3000;
const LONGEST: u64 = 400_000;

/// Folders with installed or built files, and with tests.
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

    /// The command of this process in the Procfile.
    pub fn procfile(&self, process: &str) -> Option<String> {
        let text = self.text("Procfile");
        let mut lines = text.lines();
        let command = lines.find_map(|line| line.strip_prefix(process)?.strip_prefix(':'))?;
        Some(command.trim().to_owned())
    }

    pub fn holds_sql(&self, name: &str) -> bool {
        let walk = WalkDir::new(self.path.join(name)).follow_links(true);
        let mut entries = walk.max_depth(3).into_iter().flatten();
        entries.any(|entry| entry.path().extension() == Some("sql".as_ref()))
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

    /// A command of a Python project, which its tool runs in the project's environment.
    pub fn in_environment(&self, line: &str) -> String {
        const PROGRAMS: [&str; 7] = [
            "python",
            "uvicorn",
            "gunicorn",
            "hypercorn",
            "flask",
            "alembic",
            "yoyo",
        ];
        const TOOLS: [(&str, &str); 4] = [
            ("uv.lock", "uv"),
            ("poetry.lock", "poetry"),
            ("pdm.lock", "pdm"),
            ("Pipfile", "pipenv"),
        ];
        let program = line.split(' ').next().unwrap_or_default();
        let tool = TOOLS.iter().find(|(file, _)| self.has(file));
        match tool.filter(|_| PROGRAMS.contains(&program)) {
            Some((_, tool)) => format!("{tool} run {line}"),
            None => line.to_owned(),
        }
    }

    /// Folders directly below, without hidden and installed ones.
    pub fn folders(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names
            .filter(|name| !name.starts_with('.') && !LEFT_OUT.contains(&&**name))
            .collect();
        names.sort();
        names
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
    let is_left_out = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let is_named = name.starts_with('.') || LEFT_OUT.contains(&&*name);
        entry.depth() > 0 && (is_named || entry.path().join("pyvenv.cfg").exists())
    };
    let is_source = |entry: &DirEntry| {
        let extension = entry.path().extension().unwrap_or_default();
        entry.file_type().is_file()
            && entry.metadata().is_ok_and(|found| found.len() < LONGEST)
            && (entry.file_name().to_string_lossy().starts_with(".env")
                || KINDS.iter().any(|kind| extension == *kind))
    };
    let walk = WalkDir::new(root).follow_links(true).sort_by_file_name();
    let mut found: Vec<_> = walk
        .into_iter()
        .filter_entry(|entry| !entry.file_type().is_dir() || !is_left_out(entry))
        .flatten()
        .filter(is_source)
        .collect();
    // Only so many files are read, and those near the top say most.
    found.sort_by_key(DirEntry::depth);
    let texts = found.iter().filter_map(|entry| {
        let text = fs::read_to_string(entry.path()).ok()?;
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
        Some((path.to_owned(), text))
    });
    texts.take(FILES).collect()
}
