//! Routes, requests and responses.
//!
//! | module | contents |
//! |---|---|
//! | `router` | every route, on one screen |
//! | a resource, such as `pizzas` | its request and response types and its handlers |
//! | `input` | parsing and checking of paths, queries and bodies |
//! | `pagination`, `response`, `idempotency` | shared by resources: parameters of lists, responses, requests that take effect once |
//! | `error`, `headers` | errors as clients see them; texts of headers |
//! | `middleware` | the layers around every request |
//! | `audit`, `client_address` | the audit log; the addresses of clients |
//! | `page` | the dashboard |
//! | `openapi`, `ops` | the OpenAPI description and its page; health, readiness, metrics |
//! | `state` | shared by handlers, such as `rate_limit`, `request_metrics` and `token_keys` |

mod audit;
mod categories;
mod change_feed;
mod client_address;
mod database_events;
mod databases;
mod error;
mod greetings;
mod headers;
mod idempotency;
mod image_reports;
mod image_update_stream;
mod image_updates;
mod input;
mod middleware;
mod oauth_clients;
mod oauth_tokens;
mod openapi;
mod ops;
mod page;
mod pagination;
mod password_resets;
mod pizzas;
mod products;
mod rate_limit;
mod request_metrics;
mod response;
mod router;
mod sessions;
mod state;
mod tags;
mod token_keys;
mod users;

pub use client_address::ClientAddress;
pub use input::{FromFields, read_row};
pub use router::app;
pub use state::AppState;
pub use tags::NewTag;
