//! Runs a word: its steps in order, with the values of its places as variables.

use std::fmt::Write as _;

use gherkin::Step;

use super::{Broken, Done, Found, find, location};
use crate::{
    failure::Failure,
    json::Json,
    registry::{Attached, Place, StepDefinition, Word, circle, filled, registry},
    report::record::Status,
    runner::guarded::Patience,
    words::argument,
    world::World,
};

/// The words that contain a step, the outermost first.
pub type Callers<'a> = &'a [&'static StepDefinition];

/// One use of a word.
pub struct Use<'a> {
    pub definition: &'static StepDefinition,
    pub word: &'static Word,
    pub places: Vec<Place>,
    /// The step that uses the word.
    pub step: &'a Step,
    pub callers: Vec<&'static StepDefinition>,
}

impl<'a> Use<'a> {
    /// Fails if the step doesn't have the table or docstring that the word needs.
    pub fn new(
        definition: &'static StepDefinition,
        word: &'static Word,
        places: Vec<Place>,
        step: &'a Step,
        callers: Callers<'_>,
    ) -> Result<Self, Broken> {
        let attached = match word.attached {
            Some(Attached::Table) => argument::table(step).map(|_| ()),
            Some(Attached::Text) => argument::docstring(step).map(|_| ()),
            None => Ok(()),
        };
        if let Err(failure) = attached {
            return Err(Broken::at(definition, failure.to_string()));
        }
        if let Some(start) = callers
            .iter()
            .position(|other| std::ptr::eq(*other, definition))
        {
            return Err(Broken::at(
                definition,
                circle(&callers[start..], definition),
            ));
        }
        let mut callers = callers.to_vec();
        callers.push(definition);
        Ok(Self {
            definition,
            word,
            places,
            step,
            callers,
        })
    }

    /// Matches all its steps, without running anything.
    pub fn check(&self) -> Result<(), Broken> {
        let mut before = Vec::new();
        for inner in self.word.steps_for(self.step) {
            let checked = self
                .found(&inner)
                .and_then(|(inner, found)| found.check(&inner, &self.callers));
            if let Err(broken) = checked {
                return Err(self.explained(&inner, &before, broken));
            }
            before.push(inner);
        }
        Ok(())
    }

    /// Runs its steps until one fails.
    pub async fn run(self, world: &mut World, patience: &Patience<'_>) -> Result<Done, Broken> {
        let values = match self.values(world) {
            Ok(values) => values,
            Err(failure) => return Err(Broken::at(self.definition, failure.to_string())),
        };
        let before: Vec<_> = values
            .iter()
            .map(|(name, value)| world.variables.shadow(name, value.clone()))
            .collect();
        let mut passed = Vec::new();
        for inner in self.word.steps_for(self.step) {
            let done = match self.found(&inner) {
                Ok((inner, found)) => found.run(world, &inner, patience, &self.callers).await,
                Err(broken) => Err(broken),
            };
            // After a failure the values stay, for the report.
            if let Err(broken) = done {
                return Err(self.explained(&inner, &passed, broken));
            }
            passed.push(inner);
        }
        for ((name, value), before) in values.iter().zip(before) {
            world.variables.unshadow(name, value, before);
        }
        Ok(Some(location(self.definition)))
    }

    /// Finds a step of the word. Places outside of quotes are filled in if the sentence doesn't match without it.
    fn found(&self, inner: &Step) -> Result<(Step, Found), Broken> {
        let mut inner = inner.clone();
        let known = |sentence: &String| {
            registry().is_ok_and(|registry| !registry.matching(sentence).is_empty())
        };
        let bare = self.places.iter().map(Place::bare).collect::<Vec<_>>();
        let readings = [
            inner.value.clone(),
            filled(&inner.value, &self.places),
            filled(&inner.value, &bare),
        ];
        if let Some(sentence) = readings.into_iter().find(known) {
            inner.value = sentence;
        }
        let found = find(&inner)?;
        Ok((inner, found))
    }

    /// The values of its places. A quoted value is a string; a bare one keeps its JSON type.
    fn values(&self, world: &mut World) -> Result<Vec<(String, Json)>, Failure> {
        let mut values = Vec::new();
        for place in &self.places {
            let filled = world.variables.text(&place.text)?;
            let is_variable = place.text.starts_with("{{") && place.text.ends_with("}}");
            let value = match (place.quoted, is_variable) {
                (true, _) => Json::from(filled),
                (false, true) => world.variables.json(&place.text)?,
                (false, false) => Json::parse(&filled).unwrap_or_else(|_| Json::from(filled)),
            };
            values.push((place.name.clone(), value));
        }
        if self.word.attached == Some(Attached::Text) {
            let text = argument::docstring(self.step)?;
            values.push(("text".to_owned(), Json::from(world.variables.text(&text)?)));
        }
        Ok(values)
    }

    /// The message: the word and its place, the steps that passed, and the failed step with its place.
    fn explained(&self, inner: &Step, passed: &[Step], broken: Broken) -> Broken {
        let StepDefinition {
            expression, file, ..
        } = self.definition;
        let mut text = format!("in the word `{expression}`, {}:", self.definition.place());
        let sentence = |step: &Step| {
            let places = self.places.iter();
            places.fold(step.value.clone(), |sentence, place| {
                sentence.replace(&format!("{{{{{}}}}}", place.name), &place.text)
            })
        };
        for step in passed {
            // Writing to a string can't fail.
            let _ = write!(text, "\n  ✓ {} {}", step.keyword.trim(), sentence(step));
        }
        let (keyword, line) = (inner.keyword.trim(), inner.position.line);
        let _ = write!(text, "\n  ✗ {keyword} {}   {file}:{line}", sentence(inner));
        if let Some(location) = &broken.location {
            let function = crate::registry::function_at(location.path, location.line);
            let _ = write!(
                text,
                "\n    ({function}, {}:{})",
                location.path, location.line
            );
        }
        for line in broken.text().lines() {
            let _ = write!(text, "\n    {line}");
        }
        // The sentence itself is defined.
        let status = match broken.status {
            Status::Undefined | Status::Ambiguous => Status::Failed,
            status => status,
        };
        Broken {
            status,
            ..Broken::at(self.definition, text).abandoned(broken.abandoned)
        }
    }
}
