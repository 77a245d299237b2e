//! Shapes of secrets: whether one looks like a default, and which are equal. That is all that leaves the reader.

mod noticed;
mod values;

use std::collections::HashMap;

pub(super) use self::{noticed::noticed, values::Owner};
use crate::{Digest, SecretShape};

/// Equal secrets of one file, by the number that they share. Lives as long as the reading.
#[derive(Default)]
pub(super) struct Secrets {
    groups: HashMap<Digest, u32>,
}

impl Secrets {
    /// The shape of the secret `text` of `owner`; nothing if it only stands for one.
    pub(super) fn shape(&mut self, text: &str, owner: &Owner) -> Option<SecretShape> {
        let text = text.trim();
        if values::is_stand_in(text) {
            return None;
        }
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let group = *self.groups.entry(Digest::of(text.as_bytes())).or_insert(next);
        Some(SecretShape { is_default: owner.would_guess(text), group })
    }
}
