//! What explains a failed step: the last exchange, the log, the rows, and other mistakes of its scenario.

use std::{collections::HashSet, fmt::Write as _};

use cucumber::event::Retries;
use gherkin::Step;

use super::{
    Run, catalogue,
    job::Job,
    step::{self, Broken},
};
use crate::{
    report::{self, record::Status},
    world::{Attachment, Content, World},
};

impl Run {
    /// Collects what explains the failure, for the terminal and for the reports. `rest` are the steps after the failed
    /// one.
    pub(super) async fn diagnosed(
        &self,
        (broken, step): (&Broken, &Step),
        world: &mut World,
        job: &Job,
        retries: Retries,
        rest: impl Iterator<Item = &Step>,
    ) {
        if broken.status == Status::Interrupted {
            let mut statistics = self.slots.statistics.borrow_mut();
            statistics.interrupted.insert(job.scenario.clone());
        } else if broken.status.is_failure() {
            let mistakes = mistakes(broken, step, job, rest);
            let explained = if self.slots.context.is_some() {
                self.explained(world, job, retries).await
            } else {
                String::new()
            };
            // Snippets stay together.
            let text = if broken.status == Status::Undefined {
                mistakes + &explained
            } else {
                explained + &mistakes
            };
            let mut statistics = self.slots.statistics.borrow_mut();
            statistics.diagnosed(&job.scenario, text);
        }
    }

    /// What explains a failure, and where its database is if it is kept.
    pub(super) async fn explained(&self, world: &mut World, job: &Job, retries: Retries) -> String {
        let mut text = self.diagnosis(world, job, retries).await;
        if self.keeps(retries)
            && let Some(command) = world.slot.client_command()
        {
            text.push_str(&format!("the database is kept:\n  {command}\n"));
            world.attach_as_it_is(Attachment {
                media_type: "text/plain".to_owned(),
                name: Some("the database is kept".to_owned()),
                content: Content::Text(command),
            });
        }
        text
    }

    /// What helps to understand why the last step failed. For a page this includes a picture.
    async fn diagnosis(&self, world: &mut World, job: &Job, retries: Retries) -> String {
        let sections = report::diagnosis(world).await;
        let mut text: String = sections.iter().map(report::Section::shown).collect();
        for attachment in sections.iter().filter_map(report::Section::attachment) {
            world.attach_as_it_is(attachment);
        }
        let Some(page) = &mut world.page else {
            return text;
        };
        let found = page.diagnosis().await;
        text.insert_str(0, &found.text);
        world.attach("text/plain", found.text);
        if let Some(picture) = found.picture {
            if let Some(recorder) = &self.slots.recorder {
                let reports = recorder.borrow().folder().to_owned();
                let attempt = retries.current;
                let saved =
                    report::save_picture(&reports, &job.feature, &job.scenario, attempt, &picture);
                let saved = match saved {
                    Ok(file) => format!("a picture of the page: {}\n", file.display()),
                    Err(error) => format!("the picture of the page can't be saved: {error}\n"),
                };
                text.insert_str(0, &saved);
            }
            world.attach_file("image/png", picture, Some("page.png"));
        }
        text
    }
}

/// Why a step can't run, found without running it.
pub fn mistake(step: &Step) -> Option<Broken> {
    let checked = step::find(step).and_then(|found| found.check(step, &[]));
    checked.err()
}

/// Every later step that can't run, with its place and the reason. A reason that was already given isn't repeated.
fn mistakes<'a>(
    broken: &Broken,
    step: &Step,
    job: &Job,
    rest: impl Iterator<Item = &'a Step>,
) -> String {
    let file = report::file_of(&job.feature);
    let mut given = HashSet::from([key(broken, step)]);
    let mut text = String::new();
    for step in rest {
        let Some(mistake) = mistake(step) else {
            continue;
        };
        let (keyword, sentence, line) = (step.keyword.trim(), &step.value, step.position.line);
        // Writing to a string can't fail.
        let _ = writeln!(text, "✗ {keyword} {sentence}   {file}:{line}");
        let reason = if given.insert(key(&mistake, step)) {
            report::indented(&mistake.text(), 2)
        } else {
            "  as above".to_owned()
        };
        text.push_str(&reason);
        text.push('\n');
    }
    text
}

/// Equal for undefined steps that one definition would match: the word to add, which has no keyword and no values.
fn key(broken: &Broken, step: &Step) -> String {
    match broken.status {
        Status::Undefined => catalogue::snippet(step).word,
        _ => broken.text(),
    }
}
