//! Which scenarios run: found, read, chosen and ordered, before the runner sees them.

use std::path::{Path, PathBuf};

use cucumber::{feature::Ext as _, parser::Result as Parsed};
use futures::{StreamExt as _, stream::LocalBoxStream};
use gherkin::{Feature, Rule, Scenario};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use regex::Regex;

use super::{Document, Lines, Mistake, TagExpression, expand, parse, tags};
use crate::failure::Misuse;

/// Which scenarios are asked for, as the command line says it.
#[derive(Clone, Debug, clap::Args)]
pub struct Filter {
    /// A file, `file.feature:line`, a folder; or a bare word that scenarios' names must contain
    #[arg(value_name = "PATH or WORD")]
    pub selection: Vec<String>,

    /// Only scenarios whose tags fit this expression, as in `@smoke and not @serial`
    #[arg(
        long,
        short = 't',
        value_name = "EXPRESSION",
        env = "CUCUMBER_FILTER_TAGS"
    )]
    pub tags: Option<TagExpression>,

    /// Only scenarios whose name fits this regular expression
    #[arg(
        long,
        short = 'n',
        visible_alias = "scenario-name",
        value_name = "REGEX"
    )]
    pub name: Option<Regex>,

    /// Only feature files that this glob finds
    #[arg(long, short = 'i', value_name = "GLOB")]
    pub input: Option<String>,

    /// A word must be the whole name
    #[arg(long)]
    pub exact: bool,
}

/// What is asked for, of all that there is.
#[derive(Debug, Default)]
pub struct Selection {
    files: Vec<PathBuf>,
    /// `file.feature:line`
    lines: Vec<(PathBuf, usize)>,
    /// Bare words, as test runners have them.
    words: Vec<String>,
    exact: bool,
    tags: Option<TagExpression>,
    name: Option<Regex>,
    /// Tags whose scenarios can't run here, with what to call them in the summary.
    left_out: Vec<(&'static str, &'static str)>,
    shuffle: Option<u64>,
}

/// The chosen features, and how many scenarios were left out by which tag.
pub struct Chosen {
    pub features: Vec<Feature>,
    /// Files that can't be read, each with its place and what is wrong there.
    pub unreadable: Vec<String>,
    /// Scenarios left out, by tag: `@wip`, `@postgres`.
    pub left_out: Vec<(&'static str, usize)>,
    /// The bare words, when only they decided: finding nothing is no failure then.
    pub words: Option<String>,
}

impl Chosen {
    pub fn scenarios(&self) -> usize {
        self.features
            .iter()
            .map(cucumber::feature::Ext::count_scenarios)
            .sum()
    }
}

impl Selection {
    /// Sorts out what was named: files, lines, folders, words.
    ///
    /// `home` is the folder of all features; `left_out` are tags that don't run here.
    pub fn new(
        filter: &Filter,
        home: &Path,
        left_out: Vec<(&'static str, &'static str)>,
        shuffle: Option<u64>,
    ) -> Result<Self, Misuse> {
        let mut selection = Self {
            exact: filter.exact,
            tags: filter.tags.clone(),
            name: filter.name.clone(),
            left_out,
            shuffle,
            ..Self::default()
        };
        for named in &filter.selection {
            selection.add(named)?;
        }
        if filter.exact && selection.words.is_empty() {
            return Err(Misuse(
                "--exact has no effect here: no name is given that it could be about".into(),
            ));
        }
        if let Some(glob) = &filter.input {
            let found = globbed(glob)?;
            if found.is_empty() {
                return Err(Misuse(format!("--input {glob} finds no feature file")));
            }
            selection.files.extend(found);
        }
        if selection.files.is_empty() && selection.lines.is_empty() {
            selection.files = in_folder(home)?;
        }
        selection.files.sort();
        selection.files.dedup();
        Ok(selection)
    }

    fn add(&mut self, named: &str) -> Result<(), Misuse> {
        let path = Path::new(named);
        if path.is_dir() {
            let found = in_folder(path)?;
            if found.is_empty() {
                return Err(Misuse(format!("the folder {named} holds no feature file")));
            }
            self.files.extend(found);
        } else if path.is_file() {
            self.files.push(path.to_owned());
        } else if let Some((file, lines)) = file_and_lines(named) {
            if !file.is_file() {
                return Err(Misuse(format!("there is no file {}", file.display())));
            }
            self.lines
                .extend(lines.into_iter().map(|line| (file.clone(), line)));
        } else if named.contains('/') || named.ends_with(".feature") {
            return Err(Misuse(format!("there is no file or folder {named}")));
        } else {
            self.words.push(named.to_owned());
        }
        Ok(())
    }

    /// Reads the files and keeps what is asked for.
    pub fn read(&self) -> Chosen {
        let mut chosen = Chosen {
            features: Vec::new(),
            unreadable: Vec::new(),
            left_out: self.left_out.iter().map(|(tag, _)| (*tag, 0)).collect(),
            words: (!self.words.is_empty() && self.tags.is_none() && self.name.is_none())
                .then(|| self.words.join(" or ")),
        };
        let mut files = self.files.clone();
        files.extend(
            self.lines
                .iter()
                .map(|(file, _)| file.clone())
                .filter(|file| !self.files.contains(file)),
        );
        files.dedup();
        for file in &files {
            match self.read_file(file) {
                Ok(Some((lines, feature))) => {
                    let kept = self.keep(feature, &lines, file, &mut chosen.left_out);
                    chosen.features.extend(kept);
                }
                // A file of comments only.
                Ok(None) => {}
                Err(error) => chosen.unreadable.push(error),
            }
        }
        if let Some(seed) = self.shuffle {
            shuffle(&mut chosen.features, seed);
        }
        chosen
    }

    /// A file's feature, outlines expanded, and what of it is asked for by lines; or what is wrong, with its places.
    fn read_file(&self, file: &Path) -> Result<Option<(Lines, Feature)>, String> {
        let place = file.display();
        let bytes = std::fs::read(file).map_err(|error| format!("{place}: {error}"))?;
        let refused = |mistakes: Vec<Mistake>| {
            let lines = mistakes.iter().map(|mistake| format!("{place}:{mistake}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let Document {
            feature, details, ..
        } = parse(&bytes).map_err(refused)?;
        let Some(mut feature) = feature else {
            return Ok(None);
        };
        let mistakes = tags::mistakes(&feature, &details);
        if !mistakes.is_empty() {
            return Err(refused(mistakes));
        }
        feature.path = Some(file.to_owned());
        let last = bytes.split(|byte| *byte == b'\n').count();
        let asked = self.lines_of(file);
        let each = asked
            .iter()
            .map(|line| (line, Lines::new(&feature, &details, &[*line])));
        let each: Vec<_> = each.collect();
        let lines = Lines::new(&feature, &details, &asked);
        let feature = expand(feature, &details);
        let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
        let scenarios: Vec<_> = feature.scenarios.iter().chain(of_rules).collect();
        for (line, meant) in each {
            let is_there = (1..=last).contains(line);
            if !(is_there && scenarios.iter().any(|scenario| meant.mean(scenario))) {
                return Err(format!("{place}:{line}: no scenario is meant by this line"));
            }
        }
        Ok(Some((lines, feature)))
    }

    fn lines_of(&self, file: &Path) -> Vec<usize> {
        self.lines
            .iter()
            .filter(|(of, _)| of == file)
            .map(|(_, line)| *line)
            .collect()
    }

    fn keep(
        &self,
        mut feature: Feature,
        lines: &Lines,
        file: &Path,
        left_out: &mut [(&'static str, usize)],
    ) -> Option<Feature> {
        let (name, tags) = (feature.name.clone(), feature.tags.clone());
        let whole_file = self.files.iter().any(|of| of == file);
        let mut wanted = |scenario: &Scenario, rule: Option<&Rule>| {
            let mut all = tags.clone();
            all.extend(rule.into_iter().flat_map(|rule| rule.tags.clone()));
            all.extend(scenario.tags.clone());
            let asked = (whole_file || lines.mean(scenario))
                && self
                    .tags
                    .as_ref()
                    .is_none_or(|expression| expression.matches(&all))
                && self
                    .name
                    .as_ref()
                    .is_none_or(|name| name.is_match(&scenario.name))
                && self.fits_word(&name, scenario, file);
            if !asked {
                return false;
            }
            for (tag, count) in &mut *left_out {
                if all.iter().any(|has| has == tag) {
                    *count += 1;
                    return false;
                }
            }
            true
        };
        feature.scenarios.retain(|scenario| wanted(scenario, None));
        for rule in &mut feature.rules {
            let of = rule.clone();
            rule.scenarios
                .retain(|scenario| wanted(scenario, Some(&of)));
        }
        feature.rules.retain(|rule| !rule.scenarios.is_empty());
        (feature.count_scenarios() > 0).then_some(feature)
    }

    /// A word is a part of `feature › scenario` or of the file's name, as libtest's is of a test's path.
    fn fits_word(&self, feature: &str, scenario: &Scenario, file: &Path) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let full = format!("{feature} › {}", scenario.name);
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        self.words.iter().any(|word| {
            if self.exact {
                full == *word || scenario.name == *word
            } else {
                full.contains(word.as_str()) || stem.contains(word.as_str())
            }
        })
    }
}

/// `file.feature:3:12` means both lines.
fn file_and_lines(named: &str) -> Option<(PathBuf, Vec<usize>)> {
    let end = named.find(".feature:")? + ".feature".len();
    let lines = named[end + 1..].split(':').map(str::parse);
    Some((
        PathBuf::from(&named[..end]),
        lines.collect::<Result<_, _>>().ok()?,
    ))
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Misuse> {
    let mut found = Vec::new();
    let unread = |error| Misuse(format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.is_dir() {
            found.extend(in_folder(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "feature")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `*` within a name, `**` across folders: enough for feature files.
fn globbed(glob: &str) -> Result<Vec<PathBuf>, Misuse> {
    let mut pattern = String::from("^");
    let mut rest = glob.trim_start_matches("./");
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            pattern.push_str("(.*/)?");
            rest = after;
            continue;
        }
        match c {
            '*' => pattern.push_str("[^/]*"),
            '?' => pattern.push_str("[^/]"),
            c => pattern.push_str(&regex::escape(&c.to_string())),
        }
        rest = &rest[c.len_utf8()..];
    }
    pattern.push('$');
    let regex = Regex::new(&pattern).map_err(|error| Misuse(format!("--input: {error}")))?;
    let root = glob.split(['*', '?']).next().unwrap_or_default();
    let root = root.rfind('/').map_or(".", |slash| &root[..slash.max(1)]);
    Ok(in_folder(Path::new(root))?
        .into_iter()
        .filter(|path| regex.is_match(path.to_string_lossy().trim_start_matches("./")))
        .collect())
}

/// Features and the scenarios in them, by one seed.
fn shuffle(features: &mut [Feature], seed: u64) {
    let mut random = rand::rngs::StdRng::seed_from_u64(seed);
    for feature in &mut *features {
        feature.scenarios.shuffle(&mut random);
        for rule in &mut feature.rules {
            rule.scenarios.shuffle(&mut random);
        }
        feature.rules.shuffle(&mut random);
    }
    features.shuffle(&mut random);
}

/// The chosen features as cucumber's runner takes them.
pub fn stream(chosen: &Chosen) -> LocalBoxStream<'static, Parsed<Feature>> {
    futures::stream::iter(
        chosen
            .features
            .clone()
            .into_iter()
            .map(Ok)
            .collect::<Vec<_>>(),
    )
    .boxed_local()
}
