//! Reads the messages of a run, from which a merge writes the other reports.

use std::{collections::HashMap, path::Path};

use serde_json::Value;

use crate::report::{
    failure::aligned,
    messages::definitions::{AFTER_RUN, BEFORE_RUN},
    record::{Case, Hook, Match, Scope, What},
};

/// One run's messages.
#[derive(Default)]
pub struct Run {
    pub id: String,
    pub meta: Value,
    /// The messages before the first scenario: sources, trees, pickles, step definitions, hooks.
    pub known: Vec<Value>,
    /// All later messages.
    pub done: Vec<Value>,
    /// Whether the run passed; `None` if it was killed.
    pub success: Option<bool>,
    /// Why it ended before its first scenario.
    pub stopped: Option<String>,
}

/// Reads a file of messages. An unfinished last line of a killed run is ignored.
pub fn read(file: &Path) -> Result<Run, String> {
    let failed = |what: String| format!("{}: {what}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut run = Run::default();
    for (number, line) in whole.lines().enumerate() {
        let message: Value = serde_json::from_str(line)
            .map_err(|error| failed(format!("line {} isn't a message: {error}", number + 1)))?;
        run.add(message);
    }
    if run.id.is_empty() {
        return Err(failed("these messages contain no run".to_owned()));
    }
    Ok(run)
}

impl Run {
    fn add(&mut self, message: Value) {
        let kind = message.as_object().and_then(|object| object.keys().next());
        match kind.map_or("", String::as_str) {
            "meta" => self.meta = message,
            "testRunStarted" => text(&message["testRunStarted"]["id"]).clone_into(&mut self.id),
            "testRunFinished" => {
                let end = &message["testRunFinished"];
                self.success = end["success"].as_bool();
                self.stopped = end["exception"]["message"].as_str().map(str::to_owned);
            }
            "source"
            | "gherkinDocument"
            | "pickle"
            | "parseError"
            | "parameterType"
            | "undefinedParameterType"
            | "stepDefinition"
            | "hook" => self.known.push(message),
            _ => self.done.push(message),
        }
    }

    pub fn unreadable(&self) -> Vec<String> {
        let errors = self.known.iter().map(|it| &it["parseError"]["message"]);
        errors
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// The number of selected scenarios.
    pub fn chosen(&self) -> usize {
        let pickles = self.known.iter().filter(|it| it.get("pickle").is_some());
        pickles.count()
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The meanings of all ids of these runs.
#[derive(Default)]
pub struct Ids<'a> {
    /// Nodes of trees, by id.
    nodes: HashMap<&'a str, Node<'a>>,
    features: HashMap<&'a str, &'a str>,
    pub pickles: HashMap<&'a str, &'a Value>,
    hooks: HashMap<&'a str, &'a Value>,
    definitions: HashMap<&'a str, &'a Value>,
    pub cases: HashMap<&'a str, &'a Value>,
}

/// A node of a tree, and its position.
#[derive(Clone, Copy)]
struct Node<'a> {
    node: &'a Value,
    rule: Option<&'a str>,
    /// For a row of examples.
    heading: Option<&'a Value>,
}

impl<'a> Ids<'a> {
    pub fn add(&mut self, message: &'a Value) {
        let Some((kind, it)) = message.as_object().and_then(|object| object.iter().next()) else {
            return;
        };
        let id = text(&it["id"]);
        match kind.as_str() {
            "gherkinDocument" => {
                self.features
                    .insert(text(&it["uri"]), text(&it["feature"]["name"]));
                self.children(&it["feature"]["children"], None);
            }
            "pickle" => _ = self.pickles.insert(id, it),
            "hook" => _ = self.hooks.insert(id, it),
            "stepDefinition" => _ = self.definitions.insert(id, it),
            "testCase" => _ = self.cases.insert(id, it),
            _ => {}
        }
    }

    fn children(&mut self, children: &'a Value, rule: Option<&'a str>) {
        for child in list(children) {
            if let Some(inner) = child.get("rule") {
                self.children(&inner["children"], Some(text(&inner["name"])));
            }
            for node in [child.get("background"), child.get("scenario")]
                .into_iter()
                .flatten()
            {
                self.node(node, rule, None);
                for step in list(&node["steps"]) {
                    self.node(step, rule, None);
                }
                for examples in list(&node["examples"]) {
                    for row in list(&examples["tableBody"]) {
                        self.node(row, rule, examples.get("tableHeader"));
                    }
                }
            }
        }
    }

    fn node(&mut self, node: &'a Value, rule: Option<&'a str>, heading: Option<&'a Value>) {
        let found = Node {
            node,
            rule,
            heading,
        };
        self.nodes.insert(text(&node["id"]), found);
    }

    pub fn case(&self, pickle: &Value) -> Case {
        let nodes = list(&pickle["astNodeIds"]);
        let nodes = nodes.iter().filter_map(|id| self.nodes.get(text(id)));
        let mut case = Case {
            file: text(&pickle["uri"]).to_owned(),
            line: number(&pickle["location"]["line"]),
            name: text(&pickle["name"]).to_owned(),
            ..Case::default()
        };
        let feature = self.features.get(case.file.as_str());
        case.feature = feature.copied().unwrap_or_default().to_owned();
        for node in nodes {
            case.rule = case.rule.or_else(|| node.rule.map(str::to_owned));
            if let Some(heading) = node.heading {
                case.row = row(heading, node.node);
            }
        }
        let tags = list(&pickle["tags"]).iter();
        let tags = tags.map(|tag| text(&tag["name"]).trim_start_matches('@').to_owned());
        case.tags = tags.collect();
        case
    }

    pub fn what(&self, pickle: &Value, step: &Value) -> What {
        if let Some(hook) = step.get("hookId") {
            return What::Hook(self.hook(text(hook)));
        }
        let id = text(&step["pickleStepId"]);
        let steps = list(&pickle["steps"]);
        let index = steps.iter().position(|step| text(&step["id"]) == id);
        let index = index.unwrap_or_default();
        let pickled = steps.get(index).unwrap_or(&Value::Null);
        let node = list(&pickled["astNodeIds"]).first();
        let node = node.and_then(|id| self.nodes.get(text(id)));
        let node = node.map_or(&Value::Null, |found| found.node);
        let matches = list(&step["stepDefinitionIds"]).iter();
        What::Step {
            index,
            keyword: text(&node["keyword"]).to_owned(),
            text: text(&pickled["text"]).to_owned(),
            line: number(&node["location"]["line"]),
            argument: argument(&pickled["argument"]),
            matches: matches.map(|id| self.definition(text(id))).collect(),
            snippet: None,
        }
    }

    pub fn hook(&self, id: &str) -> Hook {
        let hook = self.hooks.get(id).copied().unwrap_or(&Value::Null);
        Hook {
            before: text(&hook["type"]).starts_with("BEFORE"),
            name: hook["name"].as_str().map(str::to_owned),
            tags: text(&hook["tagExpression"]).to_owned(),
            file: text(&hook["sourceReference"]["uri"]).to_owned(),
            line: line(&hook["sourceReference"]),
            scope: match text(&hook["type"]) {
                BEFORE_RUN | AFTER_RUN => Scope::Run,
                _ => Scope::Scenario,
            },
        }
    }

    fn definition(&self, id: &str) -> Match {
        let definition = self.definitions.get(id).copied().unwrap_or(&Value::Null);
        Match {
            file: text(&definition["sourceReference"]["uri"]).to_owned(),
            line: line(&definition["sourceReference"]),
            arguments: Vec::new(),
        }
    }
}

pub fn number(value: &Value) -> usize {
    value
        .as_u64()
        .and_then(|number| number.try_into().ok())
        .unwrap_or_default()
}

fn line(reference: &Value) -> u32 {
    let line = reference["location"]["line"].as_u64();
    line.and_then(|line| line.try_into().ok())
        .unwrap_or_default()
}

fn row(heading: &Value, row: &Value) -> String {
    let cells = list(&heading["cells"]).iter().zip(list(&row["cells"]));
    let cells =
        cells.map(|(name, value)| format!("{}={}", text(&name["value"]), text(&value["value"])));
    format!(" [{}]", cells.collect::<Vec<_>>().join(", "))
}

/// The text of a table or a docstring.
fn argument(argument: &Value) -> String {
    let cells = |row: &Value| {
        list(&row["cells"])
            .iter()
            .map(|cell| text(&cell["value"]).to_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = list(&argument["dataTable"]["rows"])
        .iter()
        .map(cells)
        .collect();
    let content = argument["docString"]["content"].as_str();
    let content = content.map(|content| format!("\"\"\"\n{}\n\"\"\"", content.trim_matches('\n')));
    aligned(&rows).chain(content).collect::<Vec<_>>().join("\n")
}
