//! What the reader of stacks and the tables promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod budgets;
mod catalogue;
mod credentials;
mod exceptions;
mod profile;
mod reading;
mod shapes;
