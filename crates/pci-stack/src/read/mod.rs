//! Importers: bytes and a [`Vocabulary`](crate::Vocabulary) → a [`Stack`](super::Stack). Each format is one
//! file or folder here, and secrets end in it.

pub mod stacktic;
