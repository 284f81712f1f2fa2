//! Which neighbours a suite has: other services, played by the harness.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use regex::Regex;

use crate::{
    failure::Misuse,
    gherkin::{Chosen, all_in_folder},
    output::say,
    slot::{factory::Target, neighbours::usual_variable},
    suite::{
        file::File,
        run::{Definition, Run},
    },
};

/// A step about a neighbour whose name is known before the run.
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    let name = r#"[^"'{}<>]+"#;
    Regex::new(&format!(
        r#"the service (?:"({name})"|'({name})') (?:answers|is slow by|is down|received)\b"#
    ))
    .expect("a valid pattern")
});

impl Run {
    /// A suite that declares no neighbours has those that its features mention. The service gets the address of each in
    /// the variable `NAME_URL`. All features count, so that the service's environment is the same whatever is chosen.
    pub(super) fn assume_neighbours(&mut self, chosen: &Chosen) {
        let has_service = matches!(self.options.target, Target::Service | Target::Binary);
        if !has_service || !self.definition.program.neighbours().is_empty() {
            return;
        }
        let mut files = all_in_folder(&self.definition.features).unwrap_or_default();
        files.extend(
            chosen
                .features
                .iter()
                .filter_map(|feature| feature.path.clone()),
        );
        let taken = self.definition.variables(&self.file);
        for name in mentioned(&files) {
            let variable = usual_variable(&name);
            if taken.contains(&variable) {
                continue;
            }
            say(format_args!(
                "neighbour: the service gets the address of \"{name}\" in {variable}; [neighbours] in {} names another variable",
                self.definition.config_name()
            ));
            Arc::make_mut(&mut self.definition.program).add_neighbour(&name, &variable);
        }
    }
}

/// The names of neighbours in these feature files.
fn mentioned(files: &[PathBuf]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for found in MENTION.captures_iter(&text) {
            let name = found.get(1).or(found.get(2));
            names.extend(name.map(|name| name.as_str().to_owned()));
        }
    }
    names
}

impl Definition {
    fn config_name(&self) -> String {
        let name = self.config.file_name();
        name.unwrap_or_default().display().to_string()
    }

    /// The variables that the suite's file sets.
    fn variables(&self, file: &File) -> BTreeSet<String> {
        let surroundings = self.program.surroundings();
        let settings = self.settings(file);
        surroundings
            .env
            .into_keys()
            .chain(settings.into_keys())
            .collect()
    }

    /// Adds the neighbours of the suite's file to those of the suite's code.
    pub(super) fn add_neighbours(&mut self, file: &File) {
        for (name, variable) in &file.neighbours {
            Arc::make_mut(&mut self.program).add_neighbour(name, variable);
        }
    }

    /// Each neighbour needs a name and its own variable, which nothing else sets.
    pub(super) fn check_neighbours(&self, file: &File) -> Result<(), Misuse> {
        let settings = self.settings(file);
        let neighbours = self.program.neighbours();
        let config = self.config_name();
        for (index, (name, variable)) in neighbours.iter().enumerate() {
            let refused = |why: String| {
                Err(Misuse(format!(
                    "the neighbour \"{name}\" (neighbours in {config}, or Suite::neighbour): {why}"
                )))
            };
            let is_wrong = |c: char| c.is_whitespace() || c == '=' || c == '\0';
            if name.is_empty() || variable.is_empty() || variable.contains(is_wrong) {
                return refused(format!(
                    "write name = \"VARIABLE\", the environment variable that tells the service its address, not \"{variable}\""
                ));
            }
            let other = neighbours[..index]
                .iter()
                .find(|(_, used)| used == variable);
            if let Some((other, _)) = other {
                return refused(format!(
                    "its variable {variable} is also that of \"{other}\""
                ));
            }
            if settings.contains_key(variable) {
                return refused(format!(
                    "its variable {variable} is also set by service in {config}: remove it there"
                ));
            }
        }
        Ok(())
    }
}
