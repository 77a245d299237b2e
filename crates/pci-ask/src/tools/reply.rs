//! An answer with its type erased, as the shell and the server take it.

use serde_json::Value;

/// Something that stands beside an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A file's name for it.
    pub name: String,
    /// How it is written.
    pub mime: &'static str,
    /// It.
    pub bytes: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Short Markdown that stands alone.
    pub text: String,
    /// The fields; null if a shell does not print them.
    pub fields: Value,
    /// The document that a shell prints or puts into a file.
    pub document: Option<String>,
    /// What stands beside it; where there is one, it is what a shell prints or puts into a file.
    pub attachments: Vec<Attachment>,
    /// Whether what was asked for holds.
    pub holds: bool,
}
