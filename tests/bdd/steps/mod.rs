//! The words of this domain, made of the same parts as the vocabulary.

mod command_line;
mod connections;
mod databases;
mod descriptions;
mod migrations;
mod oauth_clients;
mod replicas;
mod roles;
mod sessions;
mod shop;
mod users;
