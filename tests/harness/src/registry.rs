//! The step registry: every step definition that is linked in, and which one a sentence means.

use std::{any::type_name, fmt::Display, str::FromStr, sync::LazyLock, time::Duration};

use cucumber_expressions::Expression;
use futures::future::LocalBoxFuture;
use gherkin::Step;
pub use inventory;
use regex::{Captures, Regex, RegexSet};

use crate::{
    duration::Span,
    failure::{Failure, Outcome},
    world::World,
};

/// A function that was registered as a step by one of the attributes `given`, `when` and `then`.
pub struct StepDefinition {
    /// The cucumber expression, as it is written.
    pub expression: &'static str,
    /// The function's doc comment.
    pub documentation: &'static str,
    pub file: &'static str,
    pub line: u32,
    /// The function's name.
    pub function: &'static str,
    /// Whether the function gets the step with its table or docstring.
    pub takes_step: bool,
    /// How long it may take, where that is longer than for others; written as [`Span`] is.
    pub within: Option<&'static str>,
    pub run: for<'a> fn(&'a mut World, &'a Step, Arguments) -> LocalBoxFuture<'a, Outcome>,
}

/// A type that expressions can name in braces, registered by `#[derive(Parameter)]`.
pub struct ParameterType {
    pub name: &'static str,
    pub regex: &'static str,
}

impl StepDefinition {
    /// How long it may take where others may take so long.
    pub fn limit(&self, others: Duration) -> Duration {
        self.own_limit()
            .ok()
            .flatten()
            .map_or(others, |own| own.max(others))
    }

    fn own_limit(&self) -> Result<Option<Duration>, String> {
        let span = self.within.map(str::parse).transpose()?;
        Ok(span.map(|Span(duration)| duration))
    }
}

inventory::collect!(StepDefinition);
inventory::collect!(ParameterType);

/// The texts of a step's parameters.
#[derive(Clone, Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Reads the parameter at this position, counted from 0.
    pub fn read<T: FromStr<Err: Display>>(&self, position: usize) -> Result<T, Failure> {
        let text = self.0.get(position).map_or("", String::as_str);
        text.parse().map_err(|error| {
            let kind = type_name::<T>().rsplit("::").next().unwrap_or_default();
            Failure::new(format!("`{text}` can't be read as {kind}: {error}"))
        })
    }
}

/// What a step function may answer.
pub trait IntoOutcome {
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Ok(())
    }
}

impl<E: Into<Failure>> IntoOutcome for Result<(), E> {
    fn into_outcome(self) -> Outcome {
        self.map_err(Into::into)
    }
}

/// Every step definition, sorted by file and line. One pass over a sentence tells which ones match it: to try each
/// expression by itself took a sixth of the suite's time.
pub struct Registry {
    set: RegexSet,
    definitions: Vec<(&'static StepDefinition, Regex)>,
}

static REGISTRY: LazyLock<Result<Registry, Failure>> = LazyLock::new(Registry::new);

/// The registry of this program. An expression that is none is an error.
pub fn registry() -> Result<&'static Registry, Failure> {
    REGISTRY.as_ref().map_err(Clone::clone)
}

/// Every step definition, sorted by file and line.
pub fn definitions() -> Vec<&'static StepDefinition> {
    let mut definitions: Vec<_> = inventory::iter::<StepDefinition>().collect();
    definitions.sort_by_key(|definition| (definition.file, definition.line));
    definitions
}

/// The name of the function that is registered at this place.
pub fn function_at(file: &str, line: u32) -> &'static str {
    inventory::iter::<StepDefinition>()
        .find(|definition| definition.file == file && definition.line == line)
        .map_or("", |definition| definition.function)
}

impl Registry {
    fn new() -> Result<Self, Failure> {
        let mut definitions = Vec::new();
        for definition in definitions_with_regex() {
            definitions.push(definition?);
        }
        let set = RegexSet::new(definitions.iter().map(|(_, regex)| regex.as_str()));
        Ok(Self {
            set: set.map_err(|error| Failure::new(error.to_string()))?,
            definitions,
        })
    }

    /// The definitions that match a sentence: one, none, or several when it is ambiguous.
    pub fn matching(&self, sentence: &str) -> Vec<(&'static StepDefinition, Arguments)> {
        self.set
            .matches(sentence)
            .into_iter()
            .filter_map(|number| {
                let (definition, regex) = &self.definitions[number];
                Some((*definition, arguments(regex, &regex.captures(sentence)?)))
            })
            .collect()
    }
}

fn definitions_with_regex()
-> impl Iterator<Item = Result<(&'static StepDefinition, Regex), Failure>> {
    let parameters: std::collections::HashMap<_, _> = inventory::iter::<ParameterType>()
        .map(|parameter| (parameter.name, parameter.regex))
        .collect();
    definitions().into_iter().map(move |definition| {
        let (file, line) = (definition.file, definition.line);
        definition
            .own_limit()
            .map_err(|error| Failure::new(format!("{file}:{line}: within: {error}")))?;
        let regex = Expression::regex_with_parameters(definition.expression, &parameters);
        let regex = regex.map_err(|error| {
            Failure::new(format!(
                "{file}:{line}: `{}` is no cucumber expression: {error}",
                definition.expression
            ))
        })?;
        Ok((definition, regex))
    })
}

/// One text for each parameter. A parameter with several groups of its own, such as `{string}` with its two kinds of
/// quotes, has groups whose names begin with the same `__NUMBER_`; the one that took part counts.
fn arguments(regex: &Regex, captures: &Captures<'_>) -> Arguments {
    let mut texts: Vec<String> = Vec::new();
    let mut current = None;
    for (number, name) in regex.capture_names().enumerate().skip(1) {
        let parameter = name.and_then(|name| name.strip_prefix("__")?.split('_').next());
        let text = captures.get(number).map(|found| found.as_str());
        if parameter.is_none() || parameter != current {
            texts.push(String::new());
        }
        if let (Some(text), Some(last)) = (text, texts.last_mut())
            && last.is_empty()
        {
            text.clone_into(last);
        }
        current = parameter;
    }
    Arguments(texts)
}
