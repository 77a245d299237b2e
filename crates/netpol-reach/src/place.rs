//! Where something stands: file, line and column.

use std::{fmt, sync::Arc};

use serde::Serialize;

/// A place in an input file, both numbers counted from 1. Line 0 is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Place {
    /// The file, as the caller named it.
    #[schemars(with = "String")]
    pub file: Arc<str>,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: u32,
    /// The column, from 1; 0 where the file as a whole is meant.
    pub column: u32,
}

impl Place {
    /// The whole of `file`.
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}
