//! Values → text: the manifest, the diagram, the folder's own files. Pure: nothing here decides or reads.

pub mod connectivity;
pub mod diagram;
mod escape;
pub mod folder;
mod header;
pub mod manifest;
pub mod map;
mod mermaid;
mod picture;
pub mod report;
pub mod siem;
mod skipped;

pub use escape::{code_span, markdown, prose};
pub use header::Header;
pub use skipped::Skipped;
