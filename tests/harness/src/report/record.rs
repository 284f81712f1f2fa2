//! The record of a run, from which every report is written.

use std::{
    rc::Rc,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use crate::world::Attachment;

/// The status of a step, a hook or a scenario. The order is from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Passed,
    Skipped,
    /// The run was interrupted while it ran. The messages have no such status.
    #[serde(rename = "UNKNOWN")]
    Interrupted,
    Pending,
    Undefined,
    Ambiguous,
    Failed,
}

impl Status {
    /// Whether a step with this status fails its scenario.
    pub fn is_failure(self) -> bool {
        self > Self::Interrupted
    }
}

/// A scenario. For an outline, a row is filled in.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The path, relative to the package's folder.
    pub file: String,
    /// The line of the heading, or of the row of examples.
    pub line: usize,
    pub feature: String,
    pub rule: Option<String>,
    pub name: String,
    /// ` [name=ada]` for a row of examples.
    pub row: String,
    /// Without the `@`.
    pub tags: Vec<String>,
}

impl Case {
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// One attempt of a scenario. Its time is from when its slot is ready until the slot is reset.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub case: Case,
    /// Starting at 0.
    pub number: usize,
    pub slot: usize,
    pub started: SystemTime,
    pub took: Duration,
    /// Hooks and steps in order of execution.
    pub steps: Vec<Step>,
    pub will_be_retried: bool,
}

impl Attempt {
    pub fn status(&self) -> Status {
        let all = self.steps.iter().map(|step| step.status);
        all.max().unwrap_or(Status::Passed)
    }

    /// The step that decides the status; `None` if all passed.
    pub fn decisive(&self) -> Option<&Step> {
        let status = self.status();
        let found = self.steps.iter().find(|step| step.status == status);
        found.filter(|_| status.is_failure())
    }

    /// Whether it failed and isn't retried.
    pub fn is_failure(&self) -> bool {
        self.status().is_failure() && !self.will_be_retried
    }
}

/// A step or a hook that ran, or was skipped.
#[derive(Clone, Debug)]
pub struct Step {
    pub what: What,
    pub status: Status,
    /// Why it didn't pass.
    pub message: String,
    pub started: SystemTime,
    pub took: Duration,
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug)]
pub enum What {
    Hook(Hook),
    Step {
        /// The index among the scenario's steps, including those of backgrounds.
        index: usize,
        keyword: String,
        text: String,
        line: usize,
        /// Its table or docstring.
        argument: String,
        matches: Rc<[Match]>,
        /// What the user can write if no definition matches.
        snippet: Option<String>,
    },
}

impl What {
    /// `Given a user`, or a hook's name.
    pub fn title(&self) -> String {
        match self {
            Self::Hook(hook) => hook.title(),
            Self::Step { keyword, text, .. } => format!("{} {text}", keyword.trim()),
        }
    }
}

/// A function of the project that runs before or after scenarios or the run, or the harness's own work at these times.
#[derive(Clone, Debug, Default)]
pub struct Hook {
    pub before: bool,
    pub name: Option<String>,
    /// A tag expression; may be empty.
    pub tags: String,
    pub file: String,
    pub line: u32,
    pub scope: Scope,
}

/// What a hook is around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Scenario,
    /// The harness's own work on a scenario's slot.
    Slot,
    /// All scenarios.
    Run,
}

impl Hook {
    /// The work on a scenario's slot, which isn't a function of the project.
    pub fn of_the_slot(before: bool) -> Self {
        Self {
            before,
            name: Some("the slot of the scenario".to_owned()),
            file: file!().to_owned(),
            line: line!(),
            scope: Scope::Slot,
            ..Self::default()
        }
    }

    fn title(&self) -> String {
        let when = if self.before { "before" } else { "after" };
        let what = match self.scope {
            Scope::Run => "all scenarios",
            Scope::Scenario | Scope::Slot => "the scenario",
        };
        match &self.name {
            Some(name) if self.scope == Scope::Run => format!("{when} {what}: {name}"),
            Some(name) => format!("{when}: {name}"),
            None => format!("hook {when} {what} ({})", self.place()),
        }
    }

    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A step definition that matches a step.
#[derive(Clone, Debug)]
pub struct Match {
    pub file: String,
    pub line: u32,
    pub arguments: Vec<Argument>,
}

/// The part of a step's text that a parameter matched.
#[derive(Clone, Debug)]
pub struct Argument {
    pub parameter: String,
    pub group: Group,
}

/// A part of the text and its inner groups. A group that didn't match has no text.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its start in UTF-16 code units (as in messages), and its text.
    pub found: Option<(usize, String)>,
    pub children: Vec<Group>,
}
