//! The HTTP client of one scenario.
//!
//! It uses hyper's connections directly: paths are sent as written, redirects aren't followed, cookies aren't kept, and
//! repeated headers are sent repeatedly.

mod connection;
mod exchange;
mod masked;
mod request;

use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::failure::{Failure, Outcome};
use connection::Connection;
pub use exchange::{Answer, Exchange};
pub use masked::{body as masked_body, url as masked_url};
pub use request::{Request, check_header_name};

/// The time limit for an answer, including the connection, if steps have no longer one.
const PATIENCE: Duration = Duration::from_secs(30);

/// The headers of every request, the reused connection, and all exchanges.
#[derive(Debug)]
pub struct Client {
    /// The time limit for an answer, including the connection.
    pub patience: Duration,
    headers: Vec<(String, String)>,
    kept: Option<Connection>,
    exchanges: Vec<Exchange>,
    /// How many of the last exchanges were sent at the same time; 0 if the last one was sent alone.
    together: usize,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            patience: PATIENCE,
            headers: Vec::new(),
            kept: None,
            exchanges: Vec::new(),
            together: 0,
        }
    }
}

impl Client {
    /// Sends this header with every request from now on. It replaces an earlier one of the same name.
    pub fn set_header(&mut self, name: &str, value: &str) -> Outcome {
        self.set_headers(&[(name.to_owned(), value.to_owned())])
    }

    /// The same for several headers. A name that occurs twice is sent twice.
    pub fn set_headers(&mut self, headers: &[(String, String)]) -> Outcome {
        for (name, value) in headers {
            request::check_header(name, value)?;
        }
        for (name, _) in headers {
            self.remove_header(name);
        }
        self.headers.extend_from_slice(headers);
        Ok(())
    }

    pub fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Sends one request and waits for its answer. Uses the kept connection if it is still open.
    pub async fn send(&mut self, request: Request) -> Outcome {
        self.send_within(request, self.patience).await
    }

    /// The same with another time limit.
    pub async fn send_within(&mut self, request: Request, longest: Duration) -> Outcome {
        let request = request.with_headers(&self.headers);
        self.together = 0;
        // Recorded before the answer, so that a step that is stopped while it waits shows its request.
        let unfinished = Err("the step was stopped before an answer came".to_owned());
        self.exchanges
            .push(Exchange::new(request.clone(), unfinished, Duration::ZERO));
        let started = Instant::now();
        let answer = tokio::time::timeout(longest, self.on_kept(&request))
            .await
            .unwrap_or_else(|_| Err(late(longest)));
        let outcome = answer
            .as_ref()
            .map(|_| ())
            .map_err(|why| no_answer(&request, why));
        self.exchanges.pop();
        self.exchanges
            .push(Exchange::new(request, answer, started.elapsed()));
        outcome
    }

    /// Opens a connection for each request, then sends all requests at the same time.
    pub async fn send_together(&mut self, requests: Vec<Request>) -> Outcome {
        let requests: Vec<Request> = requests
            .into_iter()
            .map(|request| request.with_headers(&self.headers))
            .collect();
        let opening = join_all(
            requests
                .iter()
                .map(|request| Connection::open(request.authority())),
        );
        let longest = self.patience;
        let connections: Vec<Connection> = tokio::time::timeout(longest, opening)
            .await
            .map_err(|_| Failure::new(late(longest)))?
            .into_iter()
            .collect::<Result<_, String>>()?;
        self.together = requests.len();
        self.exchanges.extend(
            join_all(
                requests
                    .into_iter()
                    .zip(connections)
                    .map(|one| alone(one, longest)),
            )
            .await,
        );
        self.all_answered()
    }

    /// Sends a request again. It replaces the last exchange.
    pub async fn send_again(&mut self, request: Request, longest: Duration) -> Outcome {
        let tries = self.exchanges.pop().map_or(0, |last| last.tries);
        let outcome = self.send_within(request, longest).await;
        if let Some(last) = self.exchanges.last_mut() {
            last.tries = tries + 1;
        }
        outcome
    }

    /// Whether a request that may have changed something was answered.
    pub fn was_answered_a_write(&self) -> bool {
        let reads = ["GET", "HEAD", "OPTIONS"];
        let mut exchanges = self.exchanges.iter();
        exchanges.any(|exchange| {
            exchange.answer.is_ok() && !reads.contains(&exchange.request.method.as_str())
        })
    }

    /// The answer to the last request. Fails if nothing was sent, and after concurrent requests.
    pub fn answer(&self) -> Result<&Answer, Failure> {
        self.exchange()?
            .answer
            .as_ref()
            .map_err(|why| Failure::new(why.as_str()))
    }

    /// The last exchange. Fails if nothing was sent, and after concurrent requests.
    pub fn exchange(&self) -> Result<&Exchange, Failure> {
        if self.together > 0 {
            return Err(format!(
                "{} requests were sent at the same time, so there isn't one single response: \
                 write `Then {{int}} of the responses have status {{int}}`",
                self.together
            )
            .into());
        }
        self.exchanges.last().ok_or_else(nothing_sent)
    }

    /// The exchanges of the last concurrent requests.
    pub fn exchanges_together(&self) -> Result<&[Exchange], Failure> {
        match (self.exchanges.is_empty(), self.together) {
            (true, _) => Err(nothing_sent()),
            (false, 0) => Err(
                "the last request was sent alone: write `Then the response status is {int}`".into(),
            ),
            (false, count) => Ok(&self.exchanges[self.exchanges.len() - count..]),
        }
    }

    /// Whether a request has no answer: the service may still be working on it.
    pub fn has_unanswered(&self) -> bool {
        self.exchanges
            .iter()
            .any(|exchange| exchange.answer.is_err())
    }

    /// All exchanges of the scenario, the oldest first.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    async fn on_kept(&mut self, request: &Request) -> Result<Answer, String> {
        let usable = |kept: &Connection| kept.leads_to(request.authority()) && kept.is_open();
        if let Some(mut kept) = self.kept.take().filter(usable) {
            match kept.send(request).await {
                Ok(answer) => return Ok(self.keep(kept, answer)),
                Err(error) if error.can_repeat(request) => {}
                Err(error) => return Err(error.why),
            }
        }
        let mut fresh = Connection::open(request.authority()).await?;
        let answer = fresh.send(request).await.map_err(|error| error.why)?;
        Ok(self.keep(fresh, answer))
    }

    /// Drops the connection after a 5xx, because some servers, such as uvicorn, close it a moment later without notice.
    /// A POST that is being sent then couldn't be repeated.
    fn keep(&mut self, connection: Connection, answer: Answer) -> Answer {
        self.kept = (answer.status < 500).then_some(connection);
        answer
    }

    fn all_answered(&self) -> Outcome {
        let lost: Vec<&Exchange> = self
            .exchanges_together()?
            .iter()
            .filter(|exchange| exchange.answer.is_err())
            .collect();
        match lost.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "{} of {} concurrent requests weren't answered; the first: {}",
                lost.len(),
                self.together,
                first.brief()
            )
            .into()),
        }
    }
}

async fn alone((request, mut connection): (Request, Connection), longest: Duration) -> Exchange {
    let started = Instant::now();
    let answer = match tokio::time::timeout(longest, connection.send(&request)).await {
        Ok(answer) => answer.map_err(|error| error.why),
        Err(_) => Err(late(longest)),
    };
    Exchange::new(request, answer, started.elapsed())
}

fn late(longest: Duration) -> String {
    format!("no answer within {longest:.1?}")
}

fn nothing_sent() -> Failure {
    "no request has been sent yet: write `When I send GET \"/…\"` first".into()
}

fn no_answer(request: &Request, why: &str) -> Failure {
    format!("{} {}: {why}", request.method, request.url()).into()
}
