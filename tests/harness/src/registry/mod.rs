//! The step registry: every step definition, from linked functions and `@word` scenarios, and the lookup of a sentence.

mod argument;
mod word;

use std::{collections::HashMap, sync::OnceLock, time::Duration};

use cucumber_expressions::Expression;
use futures::future::LocalBoxFuture;
use gherkin::Step;
pub use inventory;
use parking_lot::{Mutex, RwLock};
use regex::{Captures, Regex, RegexSet};

use crate::{
    duration::Span,
    failure::{Failure, Outcome},
    gherkin::WordScenario,
    world::World,
};

pub use argument::{Arguments, FromArgument, Text};
pub use word::{Attached, Place, Word, circle, filled, meanings, sample, undefined};

/// A step definition: a function with one of the attributes `given`, `when` and `then`, or a `@word` scenario.
pub struct StepDefinition {
    /// The cucumber expression, or the regular expression, as written.
    pub expression: &'static str,
    pub is_regex: bool,
    /// The function's doc comment.
    pub documentation: &'static str,
    pub file: &'static str,
    pub line: u32,
    /// The function's name; `word` for a word.
    pub function: &'static str,
    /// Whether the function takes the step, with its table or docstring.
    pub takes_step: bool,
    /// What the step needs below it, if that is known without running it.
    pub attached: Option<Attached>,
    /// A longer time limit than that of other steps, written as a [`Span`].
    pub within: Option<&'static str>,
    /// The tag (without `@`) that a scenario with this step must have, because not every machine can run the step.
    pub tag: Option<&'static str>,
    pub body: Body,
}

/// What a step does.
pub enum Body {
    Function(for<'a> fn(&'a mut World, &'a Step, Arguments) -> LocalBoxFuture<'a, Outcome>),
    /// Other steps, one after the other.
    Word(Word),
}

/// A type that expressions name in braces, registered by `#[derive(Parameter)]`.
pub struct ParameterType {
    pub name: &'static str,
    pub regex: &'static str,
    pub file: &'static str,
    pub line: u32,
}

impl StepDefinition {
    /// The word, if the step is made of other steps.
    pub fn word(&self) -> Option<&Word> {
        match &self.body {
            Body::Word(word) => Some(word),
            Body::Function(_) => None,
        }
    }

    /// `file:line`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// Its time limit, where `others` is the limit of other steps.
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

/// The possible results of a step function.
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

/// Every step definition, sorted by file and line. One pass over a sentence finds all that match. Trying each
/// expression by itself took a sixth of the suite's time.
pub struct Registry {
    set: RegexSet,
    definitions: Vec<(&'static StepDefinition, Regex)>,
    /// Definitions that require a tag, and words, whose steps may require one.
    tagged: Vec<(&'static StepDefinition, Regex)>,
    tagged_set: RegexSet,
    /// The indexes of the definitions that match a sentence. Both the runner and the reports ask for them.
    known: Mutex<HashMap<String, Vec<usize>>>,
}

/// A run sets it after it has read the words. It stays until the process ends, as the definitions do.
static REGISTRY: RwLock<Option<&'static Registry>> = RwLock::new(None);

/// The registry of this program. An invalid expression is an error.
pub fn registry() -> Result<&'static Registry, Failure> {
    let current = *REGISTRY.read();
    match current {
        Some(registry) => Ok(registry),
        None => Ok(set(Registry::new(functions())?)),
    }
}

/// Adds the words to the steps, or returns all mistakes in them.
pub fn add_words(words: Vec<WordScenario>) -> Result<(), Vec<String>> {
    let mut definitions = functions();
    definitions.extend(word::definitions(words)?);
    let registry = Registry::new(definitions).map_err(|failure| vec![failure.to_string()])?;
    let mistakes = word::mistakes(&registry);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    set(registry);
    Ok(())
}

fn set(registry: Registry) -> &'static Registry {
    let registry: &'static Registry = Box::leak(Box::new(registry));
    *REGISTRY.write() = Some(registry);
    registry
}

/// Every step definition, sorted by file and line.
pub fn definitions() -> Vec<&'static StepDefinition> {
    match registry() {
        Ok(registry) => registry.definitions().collect(),
        Err(_) => functions(),
    }
}

fn functions() -> Vec<&'static StepDefinition> {
    let all = inventory::iter::<StepDefinition>();
    all.filter(|definition| is_wanted(definition.file))
        .collect()
}

/// The only file whose steps count, if a suite wants no others.
static ONLY: OnceLock<String> = OnceLock::new();

/// Restricts steps and parameter types to those of this source file. Has to be called before anything is matched.
pub fn only(file: &str) {
    ONLY.get_or_init(|| file.to_owned());
}

fn is_wanted(file: &str) -> bool {
    ONLY.get().is_none_or(|only| file.ends_with(only))
}

/// Every parameter type of the project and of the harness, by name.
pub fn parameter_types() -> Vec<&'static ParameterType> {
    let all = inventory::iter::<ParameterType>();
    let mut types: Vec<_> = all.filter(|it| is_wanted(it.file)).collect();
    types.sort_by_key(|parameter| parameter.name);
    types
}

/// The name of the function that is registered at this place.
pub fn function_at(file: &str, line: u32) -> &'static str {
    definitions()
        .into_iter()
        .find(|definition| definition.file == file && definition.line == line)
        .map_or("", |definition| definition.function)
}

impl Registry {
    fn new(mut all: Vec<&'static StepDefinition>) -> Result<Self, Failure> {
        all.sort_by_key(|definition| (definition.file, definition.line));
        let parameters: HashMap<_, _> = inventory::iter::<ParameterType>()
            .map(|parameter| (parameter.name, parameter.regex))
            .collect();
        let mut definitions = Vec::new();
        for definition in all {
            definitions.push((definition, regex_of(definition, &parameters)?));
        }
        let is_tagged = |(definition, _): &&(&StepDefinition, _)| {
            definition.tag.is_some() || definition.word().is_some()
        };
        let tagged: Vec<_> = definitions.iter().filter(is_tagged).cloned().collect();
        Ok(Self {
            set: set_of(&definitions)?,
            definitions,
            tagged_set: set_of(&tagged)?,
            tagged,
            known: Mutex::default(),
        })
    }

    pub fn definitions(&self) -> impl Iterator<Item = &'static StepDefinition> {
        self.definitions.iter().map(|(definition, _)| *definition)
    }

    /// The tag that a sentence requires, by itself or by a step of its word.
    pub fn tag(&self, sentence: &str) -> Option<&'static str> {
        let mut matching = self.tagged_set.matches(sentence).into_iter();
        matching.find_map(|number| {
            let (definition, regex) = &self.tagged[number];
            let Some(word) = definition.word() else {
                return definition.tag;
            };
            let values = word.values(&arguments(regex, &regex.captures(sentence)?));
            let mut steps = word.steps.iter();
            steps.find_map(|step| self.tag(&word::filled(&step.value, &values)))
        })
    }

    /// The regular expression of a definition.
    pub fn regex(&self, wanted: &StepDefinition) -> Option<&Regex> {
        let is_it = |(known, _): &&(&StepDefinition, Regex)| std::ptr::eq(*known, wanted);
        self.definitions.iter().find(is_it).map(|(_, regex)| regex)
    }

    /// The definitions that match a sentence. More than one means that the sentence is ambiguous.
    pub fn matching(&self, sentence: &str) -> Vec<(&'static StepDefinition, Arguments)> {
        let matching = self.numbers(sentence).into_iter();
        matching
            .filter_map(|number| {
                let (definition, regex) = &self.definitions[number];
                Some((*definition, arguments(regex, &regex.captures(sentence)?)))
            })
            .collect()
    }

    fn numbers(&self, sentence: &str) -> Vec<usize> {
        let mut known = self.known.lock();
        if let Some(numbers) = known.get(sentence) {
            return numbers.clone();
        }
        let numbers: Vec<_> = self.set.matches(sentence).into_iter().collect();
        known.insert(sentence.to_owned(), numbers.clone());
        numbers
    }
}

fn set_of(definitions: &[(&StepDefinition, Regex)]) -> Result<RegexSet, Failure> {
    RegexSet::new(definitions.iter().map(|(_, regex)| regex.as_str()))
        .map_err(|error| Failure::new(error.to_string()))
}

/// The regular expression of a definition. A word's places count as parameter types.
fn regex_of(
    definition: &StepDefinition,
    parameters: &HashMap<&str, &str>,
) -> Result<Regex, Failure> {
    let place = definition.place();
    definition
        .own_limit()
        .map_err(|error| Failure::new(format!("{place}: within: {error}")))?;
    if definition.is_regex {
        let regex = Regex::new(definition.expression);
        return regex.map_err(|error| Failure::new(format!("{place}: {error}")));
    }
    let regex = match definition.word() {
        Some(word) => Expression::regex_with_parameters(definition.expression, &word.parameters()),
        None => Expression::regex_with_parameters(definition.expression, parameters),
    };
    regex.map_err(|error| {
        let expression = definition.expression;
        Failure::new(format!(
            "{place}: `{expression}` isn't a cucumber expression: {error}"
        ))
    })
}

/// The text of each parameter. A parameter may have several groups, such as `{string}` for its two kinds of quotes.
/// Their names all start with the same `__NUMBER_`, and the one that matched counts.
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
