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
//! | room | what happens there |
//! |---|---|
//! | [`suite`] | one run: options, boot, teardown |
//! | [`runner`] | scenarios in slots, step by step |
//! | [`report`] | what a person sees |
//! | [`words`] | the steps everybody has |
//! | [`registry`] | the step registry: which function a sentence means |
//! | [`world`] | what the steps of a scenario share |
//! | [`slot`] | a database, the service that runs on it, and its log |
//! | [`isolation`] | template, reset, proof, catalog |
//! | [`server`] | where a PostgreSQL comes from: external, container, local |
//! | [`process`] | run folders and guardians: nothing stays behind, not even after `kill -9` |
//! | [`database`], [`http`], [`variables`], [`json`] | what words are made of |
//! | [`gherkin`] | features, lines, docstrings |
//! | [`service`], [`failure`], [`sql`], [`output`] | what everybody needs |

extern crate self as bdd_harness;

pub mod database;
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
