//! The promises of the program, each a module, through its public surface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod against;
mod allocator;
mod app;
mod explaining;
mod faults;
mod findings;
mod house;
mod manifests;
mod pages;
mod pictures;
mod program;
mod report;
mod report_page;
mod resources;
mod secrets;
mod security;
mod serving;
mod shell;
mod siem;
mod tables;
