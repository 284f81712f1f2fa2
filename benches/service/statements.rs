//! The statements that the service sends to PostgreSQL, with their parameters and their plans, read from the server's
//! log.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::{
    load::{Request, ask},
    setup::{DATABASE, Service, Setup},
};
use bdd_harness::failure::Failure;

/// The application name of the service's connections, with which their lines in the log begin.
const WHO: &str = "dance-lessons-coach ";
/// How long to wait for the log. The server may write the last lines after the response.
const LOG_TIMEOUT: Duration = Duration::from_secs(2);

/// An executed statement, with its parameters as text; `None` is null.
#[derive(Clone, Debug)]
pub struct Statement {
    pub text: String,
    pub parameters: Vec<Option<String>>,
}

/// A statement with its plan.
#[derive(Clone, Debug)]
pub struct Planned {
    pub text: String,
    /// The outermost node.
    pub plan: Value,
    /// In ms, including the measurement of the plan.
    pub took: f64,
}

/// A service whose statements and plans are logged by the server.
pub struct Watched {
    pub service: Service,
    log: PathBuf,
}

impl Watched {
    pub async fn start(setup: &Setup) -> Result<Self, Failure> {
        let local = setup.server.as_ref().ok_or("only PostgreSQL is watched")?;
        let mut admin = local.server.connect().await?;
        // Fails here if it isn't installed. Otherwise the server would refuse all further connections.
        admin.execute("load 'auto_explain'").await?;
        for setting in [
            "log_statement = 'all'",
            "session_preload_libraries = 'auto_explain'",
            "\"auto_explain.log_min_duration\" = 0",
            "\"auto_explain.log_format\" = 'json'",
            "\"auto_explain.log_analyze\" = on",
        ] {
            let set = format!("alter database {DATABASE} set {setting}");
            admin.execute(AssertSqlSafe(set)).await?;
        }
        admin
            .execute("alter system set log_line_prefix = '%a '")
            .await?;
        admin.execute("select pg_reload_conf()").await?;
        admin.close().await?;
        Ok(Self {
            service: Service::start(setup).await?,
            log: local.log.clone(),
        })
    }

    /// Sends a request. Returns the statements that it caused, and the response's body.
    pub async fn statements(&self, request: &Request) -> Result<(Vec<Statement>, String), Failure> {
        let (entries, body) = self.watch(request, "execute ").await?;
        let mut statements: Vec<Statement> = Vec::new();
        for entry in entries {
            if let Some((_, text)) = executed(&entry) {
                statements.push(Statement {
                    text: text.to_owned(),
                    parameters: Vec::new(),
                });
            } else if let Some(list) = entry.strip_prefix("DETAIL:  parameters: ")
                && let Some(last) = statements.last_mut()
            {
                last.parameters = parameters(list);
            }
        }
        statements.retain(|statement| !statement.text.contains("SQLx ping"));
        Ok((statements, body))
    }

    /// Sends a request. Returns the plans of its statements, and the response's body.
    pub async fn plans(&self, request: &Request) -> Result<(Vec<Planned>, String), Failure> {
        let (entries, body) = self.watch(request, "plan:").await?;
        let plans = entries.iter().filter_map(|entry| {
            let (duration, json) = entry.split_once(" ms  plan:\n")?;
            let (_, took) = duration.rsplit_once(' ')?;
            let json: Value = serde_json::from_str(json).ok()?;
            Some(Planned {
                took: took.parse().ok()?,
                text: json["Query Text"].as_str()?.to_owned(),
                plan: json["Plan"].clone(),
            })
        });
        Ok((plans.collect(), body))
    }

    /// Sends a request and waits for the log's entries about it, at least one of which must contain these words.
    async fn watch(
        &self,
        request: &Request,
        words: &str,
    ) -> Result<(Vec<String>, String), Failure> {
        let failed = |error: std::io::Error| Failure::new(format!("the server's log: {error}"));
        let mut log = File::open(&self.log).map_err(failed)?;
        let before = log.seek(SeekFrom::End(0)).map_err(failed)?;
        let body = ask(self.service.address, request).await?;
        let began = Instant::now();
        loop {
            let mut text = String::new();
            log.seek(SeekFrom::Start(before)).map_err(failed)?;
            log.read_to_string(&mut text).map_err(failed)?;
            let entries = entries(&text);
            if entries.iter().any(|entry| entry.contains(words)) {
                return Ok((entries, body));
            }
            if began.elapsed() > LOG_TIMEOUT {
                return Err(Failure::new(format!(
                    "the server's log has nothing about a request, only: {text:?}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the service and the logging.
    pub async fn end(self, setup: &Setup) -> Result<(), Failure> {
        self.service.end().await;
        setup
            .run(&format!("alter database {DATABASE} reset all"))
            .await
    }
}

/// The log entries of the service's connections, without the prefix of each line.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<Option<String>> = Vec::new();
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some(Some(entry)) = entries.last_mut() {
                entry.push('\n');
                entry.push_str(more);
            }
        } else {
            entries.push(line.strip_prefix(WHO).map(ToOwned::to_owned));
        }
    }
    entries.into_iter().flatten().collect()
}

/// The kind and the text of a statement: `execute sqlx_s_1: …` or `statement: …`.
fn executed(entry: &str) -> Option<(&str, &str)> {
    let rest = entry.strip_prefix("LOG:  ")?;
    let (kind, text) = rest.split_once(": ")?;
    (kind == "statement" || kind.starts_with("execute ")).then_some((kind, text))
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            found.push(None);
            rest = value.strip_prefix("NULL").unwrap_or_default();
            continue;
        };
        let mut text = String::new();
        let mut letters = quoted.char_indices().peekable();
        rest = "";
        while let Some((place, letter)) = letters.next() {
            if letter != '\'' {
                text.push(letter);
            } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                rest = &quoted[place + 1..];
                break;
            }
        }
        found.push(Some(text));
    }
    found
}
