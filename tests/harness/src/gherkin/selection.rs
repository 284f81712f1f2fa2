//! Which scenarios run: found, parsed and selected.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use cucumber::feature::Ext as _;
use gherkin::{Feature, Scenario};
use regex::Regex;

use super::{
    Document, Filter, Lines, Mistake, TagExpression, expand,
    files::{all_in_folder, file_and_lines, globbed, in_folder, must_hold_scenarios},
    parse, tags, walk,
    words::{self, WordScenario},
};
use crate::failure::Misuse;

/// The selected part of all scenarios.
#[derive(Debug, Default)]
pub struct Selection {
    files: Vec<PathBuf>,
    /// `file.feature:line`
    lines: Vec<Place>,
    /// The scenarios that failed in an earlier run, if only they run.
    failed: Option<Vec<Place>>,
    /// Bare words, which test runners use as filters.
    words: Vec<String>,
    exact: bool,
    tags: Option<TagExpression>,
    /// The expressions of the suite's code. A scenario has to match all of them too.
    suite_tags: Vec<TagExpression>,
    name: Option<Regex>,
    /// Tags whose scenarios can't run here, and their names in the summary.
    left_out: Vec<(&'static str, &'static str)>,
    /// Folders with `@word` scenarios: the suite's, and those beside the selected files.
    words_folders: Vec<PathBuf>,
}

/// The selected features, and the number of excluded scenarios by tag.
pub struct Chosen {
    pub features: Vec<Feature>,
    /// Files that can't be parsed: the position and the reason of each mistake.
    pub unreadable: Vec<String>,
    /// The number of excluded scenarios by tag: `@wip`, `@postgres`.
    pub left_out: Vec<(&'static str, usize)>,
    /// The bare words, if there is no other filter. Then it isn't a failure if no scenario matches.
    pub words: Option<String>,
    /// There are fewer scenarios than shards.
    pub is_empty_shard: bool,
}

impl Chosen {
    pub fn scenarios(&self) -> usize {
        self.features
            .iter()
            .map(cucumber::feature::Ext::count_scenarios)
            .sum()
    }
}

/// The lines of one file that are selected; without any, the whole file.
struct Asked {
    named: Option<Lines>,
    /// Those that failed in an earlier run, if only they run.
    failed: Option<Lines>,
}

impl Asked {
    fn means(&self, scenario: &Scenario) -> bool {
        let mut lines = self.named.iter().chain(&self.failed);
        lines.all(|lines| lines.mean(scenario))
    }
}

/// A selected line, or a whole file. The same file may be named in several ways.
#[derive(Debug)]
struct Place {
    file: PathBuf,
    real: PathBuf,
    line: Option<usize>,
}

impl Place {
    fn new(file: &Path, line: Option<usize>) -> Self {
        Self {
            real: real(file),
            file: file.to_owned(),
            line,
        }
    }
}

fn real(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

fn lines_of(places: &[Place], file: &Path) -> Vec<usize> {
    let of_file = places.iter().filter(|place| place.real == file);
    of_file.filter_map(|place| place.line).collect()
}

impl Selection {
    /// Splits arguments into files, lines, folders and words.
    ///
    /// `home` is the folder of all features, `suite_tags` are the expressions of the suite's code, `left_out` are tags that
    /// can't run here.
    pub fn new(
        filter: &Filter,
        home: &Path,
        suite_tags: &[TagExpression],
        left_out: Vec<(&'static str, &'static str)>,
    ) -> Result<Self, Misuse> {
        let mut selection = Self {
            exact: filter.exact,
            tags: filter.tags.clone(),
            suite_tags: suite_tags.to_vec(),
            name: filter.name.clone(),
            failed: filter.rerun.as_ref().map(|_| {
                let failed = filter.failed.iter();
                failed.map(|(file, line)| Place::new(file, *line)).collect()
            }),
            left_out,
            ..Self::default()
        };
        for named in &filter.selection {
            selection.add(named)?;
        }
        if filter.exact && selection.words.is_empty() {
            return Err(Misuse(
                "--exact has no effect here, because no name is given".into(),
            ));
        }
        if let Some(glob) = &filter.input {
            let found = globbed(glob)?;
            if found.is_empty() {
                return Err(Misuse(format!("--input {glob} matches no feature file")));
            }
            selection.files.extend(found);
        }
        if selection.files.is_empty() && selection.lines.is_empty() {
            selection.files = match &selection.failed {
                Some(failed) => failed.iter().map(|place| place.file.clone()).collect(),
                None => in_folder(home)?,
            };
        }
        selection.files.sort();
        selection.files.dedup();
        selection.words_folders = selection.words_folders(home);
        Ok(selection)
    }

    fn words_folders(&self, home: &Path) -> Vec<PathBuf> {
        let files = self
            .files
            .iter()
            .chain(self.lines.iter().map(|place| &place.file));
        let beside = files.filter_map(|file| file.parent()).map(Path::to_owned);
        let mut folders: Vec<PathBuf> = Vec::new();
        for folder in beside.chain([home.to_owned()]) {
            let folder = folder.join(words::FOLDER);
            let known = |known: &PathBuf| known.canonicalize().ok() == folder.canonicalize().ok();
            if folder.is_dir() && !folders.iter().any(known) {
                folders.push(folder);
            }
        }
        folders.sort();
        folders
    }

    /// The `@word` scenarios that the selected scenarios may use; or all mistakes in them, with their positions.
    pub fn words(&self) -> Result<Vec<WordScenario>, Vec<String>> {
        let mut files = Vec::new();
        for folder in &self.words_folders {
            let found = all_in_folder(folder).map_err(|misuse| vec![misuse.0])?;
            files.extend(found);
        }
        words::read(&files)
    }

    fn add(&mut self, named: &str) -> Result<(), Misuse> {
        let path = Path::new(named);
        if path.is_dir() {
            let found = in_folder(path)?;
            if found.is_empty() {
                return Err(Misuse(format!(
                    "the folder {named} contains no feature file"
                )));
            }
            self.files.extend(found);
        } else if path.is_file() {
            must_hold_scenarios(path)?;
            self.files.push(path.to_owned());
        } else if let Some((file, lines)) = file_and_lines(named) {
            if !file.is_file() {
                return Err(Misuse(format!("there is no file {}", file.display())));
            }
            must_hold_scenarios(&file)?;
            self.lines
                .extend(lines.into_iter().map(|line| Place::new(&file, Some(line))));
        } else if named.contains('/') || named.ends_with(".feature") {
            return Err(Misuse(format!("there is no file or folder {named}")));
        } else {
            self.words.push(named.to_owned());
        }
        Ok(())
    }

    /// Reads the files and keeps the selected scenarios.
    pub fn read(&self) -> Chosen {
        let mut chosen = Chosen {
            features: Vec::new(),
            unreadable: Vec::new(),
            left_out: self.left_out.iter().map(|(tag, _)| (*tag, 0)).collect(),
            words: (!self.words.is_empty()
                && self.tags.is_none()
                && self.name.is_none()
                && self.failed.is_none())
            .then(|| self.words.join(" or ")),
            is_empty_shard: false,
        };
        let mut seen = HashSet::new();
        let named = self.lines.iter().map(|place| &place.file);
        for file in self.files.iter().chain(named) {
            let real = real(file);
            let failed = self.failed.as_ref();
            let may_run = failed.is_none_or(|failed| failed.iter().any(|place| place.real == real));
            if !may_run || !seen.insert(real) {
                continue;
            }
            match self.read_file(file) {
                Ok(Some((lines, feature))) => {
                    let kept = self.keep(feature, &lines, file, &mut chosen.left_out);
                    chosen.features.extend(kept);
                }
                // A file that has only comments.
                Ok(None) => {}
                Err(error) => chosen.unreadable.push(error),
            }
        }
        chosen
    }

    /// A file's feature with expanded outlines, and what is selected of it; or the mistakes, with their positions.
    fn read_file(&self, file: &Path) -> Result<Option<(Asked, Feature)>, String> {
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
        let real = real(file);
        let named = lines_of(&self.lines, &real);
        let failed = self.failed.as_ref().filter(|failed| {
            let whole = |place: &Place| place.real == real && place.line.is_none();
            !failed.iter().any(whole)
        });
        let failed = failed.map(|failed| lines_of(failed, &real));
        let each = named.iter().chain(failed.iter().flatten());
        let each = each.map(|line| (*line, Lines::new(&feature, &details, &[*line])));
        let each: Vec<_> = each.collect();
        let whole = named.is_empty() || self.files.iter().any(|of| of == file);
        let asked = Asked {
            named: (!whole).then(|| Lines::new(&feature, &details, &named)),
            failed: failed.map(|failed| Lines::new(&feature, &details, &failed)),
        };
        let feature = expand(feature, &details);
        for (line, meant) in each {
            let is_there = (1..=last).contains(&line);
            let mut scenarios = walk::scenarios(&feature);
            if !(is_there && scenarios.any(|(_, scenario)| meant.mean(scenario))) {
                return Err(format!("{place}:{line}: no scenario is meant by this line"));
            }
        }
        Ok(Some((asked, feature)))
    }

    fn keep(
        &self,
        mut feature: Feature,
        asked: &Asked,
        file: &Path,
        left_out: &mut [(&'static str, usize)],
    ) -> Option<Feature> {
        walk::retain(&mut feature, |feature, rule, scenario| {
            let tags: Vec<_> = walk::tags(feature, rule, scenario).collect();
            let mut expressions = self.tags.iter().chain(&self.suite_tags);
            let name = self.name.as_ref();
            let is_selected = asked.means(scenario)
                && expressions.all(|expression| expression.matches(&tags))
                && name.is_none_or(|name| name.is_match(&scenario.name))
                && self.fits_word(&feature.name, scenario, file);
            let excluded = left_out.iter_mut().find(|(tag, _)| tags.contains(tag));
            match excluded {
                Some((_, count)) => {
                    *count += usize::from(is_selected);
                    false
                }
                None => is_selected,
            }
        });
        (feature.count_scenarios() > 0).then_some(feature)
    }

    /// A word matches a part of `feature › scenario` or of the file's name, as in libtest.
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
