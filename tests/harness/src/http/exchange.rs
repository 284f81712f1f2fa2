//! A request with its answer, and their form in reports.

use std::{fmt::Write as _, time::Duration};

use hyper::{StatusCode, body::Bytes, header::CONTENT_TYPE};

use crate::{
    failure::Failure,
    http::{Request, masked},
    json::{Flaw, Json},
    output::shortened,
};

/// Longer bodies are shortened in reports.
const SHOWN_BYTES: usize = 4096;

/// A request with its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub request: Request,
    /// The answer, or the reason why there is none.
    pub answer: Result<Answer, String>,
    /// The time from connecting to the last byte of the answer.
    pub duration: Duration,
    /// How often the request was sent; more than once only by polling.
    pub tries: u32,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// In order of arrival, including repeated ones; names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// All values of a header. The case of its name doesn't count.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The body as text. Invalid UTF-8 becomes replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, regardless of its content type.
    pub fn json(&self) -> Result<Json, Failure> {
        Json::parse(&self.text()).map_err(|flaw| {
            let text = shortened(&self.text(), 300);
            let body = match flaw {
                _ if self.body.is_empty() => "is empty".to_owned(),
                Flaw::Syntax(error) => format!("isn't JSON ({error}): {text}"),
                flaw => format!("isn't usable JSON: {flaw}: {text}"),
            };
            Failure::new(format!("the response ({}) {body}", self.status_line()))
        })
    }

    /// `404 Not Found`.
    pub fn status_line(&self) -> String {
        let reason = StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        format!("{} {reason}", self.status).trim_end().to_owned()
    }

    /// The status and the beginning of the body.
    pub fn brief(&self) -> String {
        if self.body.is_empty() {
            return self.status_line();
        }
        format!(
            "{}: {}",
            self.status_line(),
            shortened(&masked::body(&self.text()), 300)
        )
    }
}

impl Exchange {
    pub(super) fn new(
        request: Request,
        answer: Result<Answer, String>,
        duration: Duration,
    ) -> Self {
        Self {
            request,
            answer,
            duration,
            tries: 1,
        }
    }

    /// One line: request, status, time.
    pub fn brief(&self) -> String {
        let outcome = match &self.answer {
            Ok(answer) => answer.status_line(),
            Err(why) => why.clone(),
        };
        let tries = match self.tries {
            1 => String::new(),
            tries => format!(", the last of {tries} tries"),
        };
        let (method, target) = (&self.request.method, masked::url(&self.request.target));
        match self.duration {
            Duration::ZERO => format!("{method} {target} → {outcome}"),
            took => format!("{method} {target} → {outcome} ({took:.1?}{tries})"),
        }
    }

    /// Everything that was sent and received. Secrets are masked, long bodies are shortened.
    pub fn shown(&self) -> String {
        let Request {
            method,
            headers,
            body,
            ..
        } = &self.request;
        let mut text = format!("{method} {}\n", masked::url(&self.request.url()));
        show_message(&mut text, headers, body);
        text.push_str("\n→ ");
        match &self.answer {
            Ok(answer) => {
                // Writing to a string can't fail.
                let _ = writeln!(text, "{} ({:.1?})", answer.status_line(), self.duration);
                show_message(&mut text, &answer.headers, &answer.body);
            }
            // Of a step that was stopped.
            Err(why) if self.duration.is_zero() => {
                let _ = writeln!(text, "{why}");
            }
            Err(why) => {
                let _ = writeln!(text, "{why} ({:.1?})", self.duration);
            }
        }
        if self.tries > 1 {
            let _ = writeln!(text, "\n(the last of {} tries)", self.tries);
        }
        text
    }

    /// A shell command that sends the same request. The bearer token is `$TOKEN`, other secrets are masked.
    pub fn curl(&self) -> String {
        let Request {
            method,
            headers,
            body,
            ..
        } = &self.request;
        let verb = match method.as_str() {
            "HEAD" => "-I".to_owned(),
            method => format!("-i -X {method}"),
        };
        let mut line = format!(
            "curl --path-as-is --globoff {verb} {}",
            shell(&masked::url(&self.request.url()))
        );
        for (name, value) in headers {
            let bearer = name.eq_ignore_ascii_case("authorization") && value.starts_with("Bearer ");
            let argument = if bearer {
                format!("\"{name}: Bearer $TOKEN\"")
            } else {
                shell(&format!("{name}: {}", masked::header(name, value)))
            };
            let _ = write!(line, " -H {argument}");
        }
        if !body.is_empty() {
            if self.names_no_type() {
                // curl would add the content type of a form.
                line.push_str(" -H 'content-type:'");
            }
            let body = masked::body(&String::from_utf8_lossy(body));
            let _ = write!(line, " --data-raw {}", shell(&body));
        }
        line
    }

    fn names_no_type(&self) -> bool {
        let mut names = self.request.headers.iter().map(|(name, _)| name);
        !names.any(|name| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()))
    }
}

fn show_message(text: &mut String, headers: &[(String, String)], body: &Bytes) {
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", masked::header(name, value));
    }
    if !body.is_empty() {
        let body = masked::body(&String::from_utf8_lossy(body));
        let _ = writeln!(text, "\n{}", shortened(&body, SHOWN_BYTES));
    }
}

/// Quotes an argument for a POSIX shell. With line breaks it is for bash or zsh and has them escaped: they would be indented
/// in the output, and the copied command would send something else.
fn shell(text: &str) -> String {
    if !text.contains(['\n', '\r', '\t']) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut escaped = text.replace('\\', r"\\").replace('\'', r"\'");
    for (character, written) in [('\n', r"\n"), ('\r', r"\r"), ('\t', r"\t")] {
        escaped = escaped.replace(character, written);
    }
    format!("$'{escaped}'")
}
