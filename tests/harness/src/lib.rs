//! Behaviour tests on a real, private, clean database for every scenario.
//!
//! ```no_run
//! # struct Notes;
//! # impl bdd_harness::Service for Notes {
//! #     async fn serve(&self, start: bdd_harness::Start) -> Result<(), bdd_harness::BoxError> { Ok(()) }
//! # }
//! fn main() -> std::process::ExitCode {
//!     bdd_harness::Suite::new("features")
//!         .migrations("migrations")
//!         .service(Notes)
//!         .main()
//! }
//! ```
//!
//! A module imports only modules above it:
//!
//! | module | contents |
//! |---|---|
//! | [`output`] | standard output and standard error |
//! | [`failure`] | failures of steps, and wrong usage |
//! | [`duration`] | durations in sentences and options |
//! | [`sql`] | SQL text, and connections |
//! | [`service`] | the description of the service under test |
//! | [`gherkin`] | feature files: parsed, selected and ordered |
//! | [`json`] | comparison of JSON as it is written |
//! | [`variables`] | `{{name}}` and generated values |
//! | [`http`] | the HTTP client |
//! | [`database`] | inserting and comparing rows |
//! | [`process`] | run folders and guardians, which clean up even after `kill -9` |
//! | [`browser`] | a page in a real Chromium |
//! | [`server`] | the PostgreSQL server: external, container, local |
//! | [`isolation`] | template, reset, proof, catalog |
//! | [`slot`] | a database, its service, and the service's log |
//! | [`world`] | state that the steps of a scenario share |
//! | [`registry`] | step definitions, and the lookup of a sentence |
//! | [`words`] | the steps that every suite has |
//! | [`pool`] | slots for other test runners |
//! | [`report`] | terminal output and report files |
//! | [`runner`] | scenarios in slots, step by step |
//! | [`suite`] | one run: options, boot, teardown |
//! | [`test_database`] | a database for a test without Gherkin |
//! | [`command`] | the command `bdd`: a suite for a service in any language |

extern crate self as bdd_harness;

pub mod browser;
pub mod command;
pub mod database;
pub mod duration;
pub mod failure;
pub mod gherkin;
pub mod http;
pub mod isolation;
pub mod json;
pub mod output;
pub mod pool;
pub mod process;
pub mod registry;
pub mod report;
pub mod runner;
pub mod server;
pub mod service;
pub mod slot;
pub mod sql;
pub mod suite;
pub mod test_database;
pub mod variables;
pub mod words;
pub mod world;

pub use ::gherkin::Step;
pub use bdd_harness_macros::{Parameter, given, then, when};
pub use failure::{Failure, Outcome};
pub use registry::Text;
pub use service::{BoxError, Migrations, Service, Start};
pub use suite::Suite;
pub use test_database::TestDatabase;
pub use world::World;
