//! The parts of a step's text that its parameters matched.

use std::{cell::RefCell, collections::HashMap, ops::Range, rc::Rc};

use regex::Regex;

use crate::{
    registry::{StepDefinition, registry},
    report::record::{Argument, Group, Match},
};

/// The range of each group of a parameter; `None` for a group that didn't match.
type Ranges = Vec<Option<Range<usize>>>;

/// How many sentences are remembered. Suites use the same ones again and again.
const REMEMBERED: usize = 1000;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Rc<[Match]>>> = RefCell::default();
}

/// The definitions that match a sentence, with their arguments.
pub fn matches(sentence: &str) -> Rc<[Match]> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(matches) = known.get(sentence) {
            return Rc::clone(matches);
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let matches: Rc<[Match]> = found(sentence).into();
        known.insert(sentence.to_owned(), Rc::clone(&matches));
        matches
    })
}

fn found(sentence: &str) -> Vec<Match> {
    let Ok(registry) = registry() else {
        return Vec::new();
    };
    let found = registry.matching(sentence);
    let matched = found.into_iter().map(|(definition, _)| Match {
        file: definition.file.to_owned(),
        line: definition.line,
        arguments: registry
            .regex(definition)
            .map(|regex| arguments(definition, regex, sentence))
            .unwrap_or_default(),
    });
    matched.collect()
}

fn arguments(definition: &StepDefinition, regex: &Regex, sentence: &str) -> Vec<Argument> {
    let Some(captures) = regex.captures(sentence) else {
        return Vec::new();
    };
    // The names of a parameter's groups start with the same number.
    let mut parameters: Vec<(Option<&str>, Ranges)> = Vec::new();
    for (number, name) in regex.capture_names().enumerate().skip(1) {
        let parameter = name.and_then(|name| name.strip_prefix("__")?.split('_').next());
        let range = captures.get(number).map(|found| found.range());
        match parameters.last_mut() {
            Some((last, ranges)) if parameter.is_some() && *last == parameter => ranges.push(range),
            _ => parameters.push((parameter, vec![range])),
        }
    }
    let names = if definition.is_regex {
        vec![String::new(); parameters.len()]
    } else {
        parameter_names(definition.expression)
    };
    let named = names.into_iter().zip(parameters);
    let argument = |(parameter, (several, ranges)): (String, (Option<&str>, _))| Argument {
        group: if parameter == "string" {
            quoted(sentence, ranges)
        } else if several.is_some() {
            together(sentence, ranges)
        } else {
            Group::of(sentence, ranges.into_iter().next().flatten())
        },
        parameter,
    };
    named.map(argument).collect()
}

impl Group {
    fn of(sentence: &str, range: Option<Range<usize>>) -> Self {
        let found = range.map(|range| {
            let start = sentence[..range.start].encode_utf16().count();
            (start, sentence[range].to_owned())
        });
        Self {
            found,
            children: Vec::new(),
        }
    }
}

/// `{string}` includes its quotes. Each kind of quotes is a group with an inner group for the text.
fn quoted(sentence: &str, ranges: Ranges) -> Group {
    let whole = ranges.iter().flatten().next();
    let whole = whole.map(|inner| inner.start - 1..inner.end + 1);
    let mut group = Group::of(sentence, whole);
    let with_escaped = |range| Group {
        children: vec![Group::default()],
        ..Group::of(sentence, range)
    };
    group.children = ranges.into_iter().map(with_escaped).collect();
    group
}

fn together(sentence: &str, ranges: Ranges) -> Group {
    let taken = || ranges.iter().flatten();
    let start = taken().map(|range| range.start).min();
    let end = taken().map(|range| range.end).max();
    let mut group = Group::of(sentence, start.zip(end).map(|(start, end)| start..end));
    let children = ranges.into_iter().map(|range| Group::of(sentence, range));
    group.children = children.collect();
    group
}

/// The names in braces. `\{` is a plain brace.
fn parameter_names(expression: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut open: Option<String> = None;
    let mut signs = expression.chars();
    while let Some(sign) = signs.next() {
        match (sign, &mut open) {
            ('\\', _) => {
                signs.next();
            }
            ('{', None) => open = Some(String::new()),
            ('}', Some(_)) => names.extend(open.take()),
            (sign, Some(name)) => name.push(sign),
            _ => {}
        }
    }
    names
}
