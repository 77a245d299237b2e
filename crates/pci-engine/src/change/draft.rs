//! A snapshot's premises while changes are made to them.

use std::sync::Arc;

use netpol_reach::{InputError, Place, clean, nearest};
use pci_stack::{Change, ComponentId, Stack, catalog::Profile};

use crate::{Premises, Snapshot};

/// Premises that are being changed.
pub(super) struct Draft {
    pub(super) premises: Premises,
    /// The change that is being made.
    pub(super) place: Place,
}

impl Draft {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        Self { premises: snapshot.premises(), place: Place::whole("what-if") }
    }

    /// The next change to be made is `number`, from 1.
    pub(super) fn at(&mut self, number: u32) {
        self.place = Place { file: Arc::clone(&self.place.file), line: number, column: 1 };
    }

    pub(super) fn wrong(&self, what: impl Into<String>) -> InputError {
        InputError::new(self.place.clone(), what)
    }

    /// `what` is wrong, and which of `names` was probably meant by `text`.
    pub(super) fn wrong_name<'n>(
        &self,
        what: String,
        text: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> InputError {
        match nearest(text, names) {
            Some(near) => self.wrong(what).help(format!("did you mean `{near}`?")),
            None => self.wrong(what),
        }
    }

    pub(super) fn stack(&self) -> &Stack {
        &self.premises.stack
    }

    pub(super) fn stack_mut(&mut self) -> &mut Stack {
        Arc::make_mut(&mut self.premises.stack)
    }

    pub(super) fn profile_mut(&mut self) -> &mut Profile {
        Arc::make_mut(&mut self.premises.profile)
    }

    /// The component that `text` names: `NAME`, `PARENT/NAME`, or the last part of that where only one bears it.
    pub(super) fn component(&self, text: &str) -> Result<ComponentId, InputError> {
        let stack = self.stack();
        match stack.named(text.trim()).as_slice() {
            [only] => Ok(*only),
            [] => {
                let names: Vec<String> = stack.components.iter().map(|one| one.name.to_string()).collect();
                let what = format!("there is no component `{}`", clean(text));
                if let Some(meant) = stack.meant_by_type(self.premises.tables.catalog.vocabulary(), text) {
                    return Err(self.wrong(what).help(meant));
                }
                Err(self.wrong_name(what, text, names.iter().map(String::as_str)))
            }
            several => {
                let names: Vec<String> = several.iter().map(|id| format!("`{}`", stack.component(*id).name)).collect();
                Err(self.wrong(format!("`{}` may be any of {}", clean(text), names.join(", "))).help("say which"))
            }
        }
    }

    /// Sets the level. Who set it stays who it was: what the file says is changed as if the file said otherwise.
    pub(super) fn set_level(&mut self, change: &Change) -> Result<(), InputError> {
        let level = said(change.value.as_ref()).trim().parse();
        let level = level.map_err(|error: String| self.wrong("`value` holds no known level").help(error))?;
        if self.premises.asked_level.is_none() && self.stack().level.is_some() {
            let place = self.place.clone();
            self.stack_mut().level = Some((level, place));
        } else {
            self.premises.asked_level = Some(level);
        }
        Ok(())
    }
}

/// A field that the change is known to have.
pub(super) fn said(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}
