//! Values → text: the manifest, the diagram, the folder's own files. Pure: nothing here decides or reads.

pub mod diagram;
mod escape;
pub mod folder;
pub mod manifest;
mod mermaid;

pub use escape::markdown;
