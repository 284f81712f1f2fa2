//! Which scenarios run: found, read, chosen and ordered, before the runner sees them.

use std::path::{Path, PathBuf};

use cucumber::{feature::Ext as _, parser, tag::Ext as _};
use futures::{StreamExt as _, stream::LocalBoxStream};
use gherkin::{Feature, GherkinEnv, Rule, Scenario, tagexpr::TagOperation};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use regex::Regex;

use super::options::{Misuse, Options};

/// What is asked for, of all that there is.
#[derive(Debug, Default)]
pub struct Selection {
    files: Vec<PathBuf>,
    /// `file.feature:line`
    lines: Vec<(PathBuf, usize)>,
    /// Bare words, as test runners have them.
    words: Vec<String>,
    exact: bool,
    tags: Option<TagOperation>,
    name: Option<Regex>,
    /// Tags whose scenarios can't run here, with what to call them in the summary.
    left_out: Vec<(&'static str, &'static str)>,
    shuffle: Option<u64>,
}

/// The chosen features, and how many scenarios were left out by which tag.
pub struct Chosen {
    pub features: Vec<Feature>,
    pub errors: Vec<parser::Error>,
    /// Scenarios left out, by tag: `@wip`, `@postgres`.
    pub left_out: Vec<(&'static str, usize)>,
    /// Only bare words decided, so finding nothing is no failure.
    pub by_word: bool,
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
        options: &Options,
        home: &Path,
        left_out: Vec<(&'static str, &'static str)>,
        shuffle: Option<u64>,
    ) -> Result<Self, Misuse> {
        let mut selection = Self {
            exact: options.exact,
            tags: options.tags.clone(),
            name: options.name.clone(),
            left_out,
            shuffle,
            ..Self::default()
        };
        for named in &options.selection {
            selection.add(named)?;
        }
        if let Some(glob) = &options.input {
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
        } else if let Some((file, line)) = file_and_line(named) {
            if !file.is_file() {
                return Err(Misuse(format!("there is no file {}", file.display())));
            }
            self.lines.push((file, line));
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
            errors: Vec::new(),
            left_out: self.left_out.iter().map(|(tag, _)| (*tag, 0)).collect(),
            by_word: !self.words.is_empty() && self.tags.is_none() && self.name.is_none(),
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
            let read = Feature::parse_path(file, GherkinEnv::default())
                .map_err(parser::Error::from)
                .and_then(|feature| {
                    let expanded = feature
                        .clone()
                        .expand_examples()
                        .map_err(parser::Error::from)?;
                    Ok((
                        Lines::new(&feature, &expanded, self.lines_of(file)),
                        expanded,
                    ))
                });
            match read {
                Ok((lines, feature)) => {
                    if let Some(feature) = self.keep(feature, &lines, file, &mut chosen.left_out) {
                        chosen.features.push(feature);
                    }
                }
                Err(error) => chosen.errors.push(error),
            }
        }
        if let Some(seed) = self.shuffle {
            shuffle(&mut chosen.features, seed);
        }
        chosen
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
                    .is_none_or(|expression| expression.eval(&all))
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

/// The lines that `file:line` means, each with whether it is the row of an example.
struct Lines {
    /// Where each scenario begins, rows of examples not counted; and where rules do.
    starts: Vec<usize>,
    asked: Vec<(usize, bool)>,
}

impl Lines {
    /// `feature` has its outlines still whole, `expanded` has a scenario for each row.
    fn new(feature: &Feature, expanded: &Feature, asked: Vec<usize>) -> Self {
        let scenarios = |feature: &Feature| {
            let rules = feature.rules.iter().flat_map(|rule| rule.scenarios.clone());
            feature
                .scenarios
                .clone()
                .into_iter()
                .chain(rules)
                .map(|scenario| scenario.position.line)
                .collect::<Vec<_>>()
        };
        let mut starts = scenarios(feature);
        starts.extend(feature.rules.iter().map(|rule| rule.position.line));
        starts.sort_unstable();
        let rows = scenarios(expanded);
        let asked = asked
            .into_iter()
            .map(|line| (line, !starts.contains(&line) && rows.contains(&line)))
            .collect();
        Self { starts, asked }
    }

    /// A line within a scenario means that scenario, or all rows of an outline; an example's row only that row.
    fn mean(&self, scenario: &Scenario) -> bool {
        let within = |line: usize| self.starts.iter().rposition(|start| *start <= line);
        let place = scenario
            .steps
            .first()
            .map_or(scenario.position.line, |step| step.position.line);
        self.asked.iter().any(|(line, row)| {
            if *row {
                scenario.position.line == *line
            } else {
                within(*line) == within(place)
            }
        })
    }
}

fn file_and_line(named: &str) -> Option<(PathBuf, usize)> {
    let (file, line) = named.rsplit_once(':')?;
    let line = line.parse().ok()?;
    file.ends_with(".feature")
        .then(|| (PathBuf::from(file), line))
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Misuse> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Misuse(format!("{}: {error}", folder.display())))?;
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
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
pub fn stream(chosen: &Chosen) -> LocalBoxStream<'static, parser::Result<Feature>> {
    let errors = chosen.errors.clone().into_iter().map(Err);
    let features = chosen.features.clone().into_iter().map(Ok);
    futures::stream::iter(errors.chain(features).collect::<Vec<_>>()).boxed_local()
}
