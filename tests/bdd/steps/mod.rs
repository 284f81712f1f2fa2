//! The steps of this service's domain.

mod collector;
mod command_line;
mod connections;
mod databases;
mod descriptions;
mod migrations;
mod oauth_clients;
mod pages;
mod replicas;
mod roles;
mod sessions;
mod shop;
mod streams;
mod telemetry;
mod users;
