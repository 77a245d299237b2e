//! What a shell and a chat ask of snapshots: questions with their answers, resources that are read by a URI, and prompts
//! that begin a conversation. One table of questions feeds both.

pub mod prompts;
pub mod resources;
pub mod tools;
