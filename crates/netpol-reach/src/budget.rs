//! Budgets: how much of what is taken, each with a name, so that no file takes more memory or time than the program is
//! given. What is over one is refused, and the error says which, how much it is, how much was found, and where.

use crate::{InputError, Place};

/// How much of something is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// What errors and documents call it.
    pub name: &'static str,
    /// How much is taken.
    pub most: usize,
    /// What is counted, in the plural.
    pub of: &'static str,
    /// What to do about more.
    pub help: &'static str,
}

/// The budgets of manifests.
pub mod of_manifests {
    use super::Budget;

    const FEWER: &str = "ask about a part: some namespaces, or fewer files";

    /// All files of a folder together; a single file may be as large.
    pub static BYTES: Budget = Budget { name: "manifest bytes", most: 64 << 20, of: "bytes of manifests", help: FEWER };

    /// Documents, those of all files together.
    pub static DOCUMENTS: Budget =
        Budget { name: "manifest documents", most: 100_000, of: "YAML documents", help: FEWER };

    /// Policies, workloads, Namespaces and objects that are not evaluated, those of all files together.
    pub static OBJECTS: Budget = Budget { name: "manifest objects", most: 100_000, of: "objects", help: FEWER };

    /// What one document keeps in memory while it is read.
    pub static KEPT: Budget =
        Budget { name: "document memory", most: 128 << 20, of: "bytes kept of one document", help: FEWER };

    /// What evaluating the policies of one question keeps: whom each selects and names, and on which ports.
    pub static EVALUATION: Budget = Budget {
        name: "evaluation memory",
        most: 64 << 20,
        of: "bytes of pods, addresses and ports that policies tell apart",
        help: FEWER,
    };

    /// Notices of what is read otherwise than its author may think; further ones are counted.
    pub const NOTICES: usize = 10_000;
}

impl Budget {
    /// Refuses more than the budget holds; `place` is where what is over stands.
    pub fn check(&self, found: usize, place: impl FnOnce() -> Place) -> Result<(), InputError> {
        if found <= self.most { Ok(()) } else { Err(self.exceeded(&with_commas(found), place())) }
    }

    /// That `found` is more than the budget holds.
    pub fn exceeded(&self, found: &str, place: Place) -> InputError {
        let most = with_commas(self.most);
        InputError::new(place, format!("{found} {} are over the budget `{}` of {most}", self.of, self.name))
            .help(self.help)
    }
}

/// `number` with a comma between thousands.
fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
