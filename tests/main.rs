//! The promises of the program, each a module, through its public surface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod against;
mod app;
mod assessing;
mod catalogue;
mod changes;
mod chat;
mod controls;
mod credentials;
mod exceptions;
mod explaining;
mod faults;
mod findings;
mod generation;
#[path = "../benches/generator/mod.rs"]
mod generator;
mod house;
mod laws;
mod manifests;
mod naive;
mod output;
mod pages;
mod pictures;
mod profile;
mod prompts;
mod reading;
mod recommended;
mod report;
mod report_page;
mod resources;
mod scope;
mod secrets;
mod security;
mod semantics;
mod serving;
mod shell;
mod siem;
mod support;
mod tables;
