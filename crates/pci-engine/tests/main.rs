//! What what-ifs and the writer of folders promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod changes;
mod output;
