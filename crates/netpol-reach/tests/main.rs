//! What the evaluator promises, by the text of the Kubernetes API and by a naive oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bounds;
mod naive;
mod semantics;
