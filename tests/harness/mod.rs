//! The harness: behaviour tests on a real, private, clean database for every scenario.
//!
//! It knows nothing of what is tested; a [`program::Program`] tells it what it has to know. A run goes through
//! these rooms:
//!
//! | room | what happens there |
//! |---|---|
//! | [`options`] | the command line and `config.test.toml` |
//! | [`features`], [`docstring`] | which scenarios run, and in what order |
//! | [`postgres`], [`sqlite`] | where a database server, or a file, comes from |
//! | [`template`] | one database is migrated, marked and sealed |
//! | [`ground`], [`slot`], [`service`] | its clones, each with a service of its own |
//! | [`runner`], [`world`] | scenarios run in slots, step by step |
//! | [`steps`] | the words: [`client`], [`matcher`], [`variables`] and [`database`] are what they are made of |
//! | [`reset`] | what a scenario wrote is gone |
//! | [`proof`], [`catalog`] | and nothing else is left, compared with the template |
//! | [`report`], [`logs`], [`catalogue`] | what a person sees |
//! | [`guardian`], [`run_folder`] | nothing stays behind, not even after `kill -9` |

pub mod argument;
pub mod catalog;
pub mod catalogue;
pub mod client;
pub mod console;
pub mod database;
pub mod docstring;
pub mod failure;
pub mod features;
pub mod ground;
pub mod guardian;
pub mod json_path;
pub mod logs;
pub mod made;
pub mod matcher;
pub mod options;
pub mod out;
pub mod parameter;
pub mod postgres;
pub mod program;
pub mod proof;
pub mod report;
pub mod reset;
pub mod run_folder;
pub mod runner;
pub mod service;
pub mod slot;
pub mod sqlite;
pub mod steps;
pub mod suite;
pub mod template;
pub mod variables;
pub mod world;
