//! Rules → objects that a cluster takes. Each dialect is one file.

pub mod networking_v1;
