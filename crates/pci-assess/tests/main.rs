//! What the judgement of controls promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod assessing;
mod controls;
mod recommended;
mod scope;
mod values;
