//! What answers and prompts hold, and that they fit a chat.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod chat;
mod markup;
mod prompts;
