//! What the targets hold to be true, whatever they are given; one file for each kind of thing that comes out.

pub mod charts;
#[path = "../../tests/siem/check/mod.rs"]
mod check;
pub mod errors;
pub mod folders;
pub mod pages;
pub mod secrets;
pub mod served;
pub mod stacks;
