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
//! A room imports only rooms above it:
//!
//! | room | what happens there |
//! |---|---|
//! | [`output`] | what is written to standard output and standard error |
//! | [`failure`] | why a step failed, and what is used wrongly |
//! | [`duration`] | durations as people write them |
//! | [`sql`] | SQL as text, and connections |
//! | [`service`] | what the harness has to know of the service under test |
//! | [`gherkin`] | feature files: read, chosen and ordered |
//! | [`json`] | JSON compared as it is written |
//! | [`variables`] | `{{name}}` and made values |
//! | [`http`] | the client |
//! | [`database`] | rows put into tables, and rows compared |
//! | [`process`] | run folders and guardians: nothing stays behind, not even after `kill -9` |
//! | [`server`] | where a PostgreSQL comes from: external, container, local |
//! | [`isolation`] | template, reset, proof, catalog |
//! | [`slot`] | a database, the service that runs on it, and its log |
//! | [`world`] | what the steps of a scenario share |
//! | [`registry`] | which function a sentence means |
//! | [`words`] | the steps everybody has |
//! | [`report`] | what a person sees |
//! | [`runner`] | scenarios in slots, step by step |
//! | [`suite`] | one run: options, boot, teardown |

extern crate self as bdd_harness;

pub mod database;
pub mod duration;
pub mod failure;
pub mod gherkin;
pub mod http;
pub mod isolation;
pub mod json;
pub mod output;
pub mod process;
pub mod registry;
pub mod report;
pub mod runner;
pub mod server;
pub mod service;
pub mod slot;
pub mod sql;
pub mod suite;
pub mod variables;
pub mod words;
pub mod world;

pub use ::gherkin::Step;
pub use bdd_harness_macros::{Parameter, given, then, when};
pub use failure::{Failure, Outcome};
pub use service::{BoxError, Migrations, Service, Start};
pub use suite::Suite;
pub use world::World;
