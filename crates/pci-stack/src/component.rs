//! Components and what is known of them.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{Namespace, Place, PortNumber};

use crate::{ComponentRef, TypeName};

/// A component's index within its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(u32);

impl ComponentId {
    /// The id of the component at `index`.
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index in [`Stack::components`](super::Stack::components).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A component or sub-component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Who it is.
    pub name: ComponentRef,
    /// Its canonical type.
    pub kind: TypeName,
    /// The component it is part of.
    pub parent: Option<ComponentId>,
    /// Where its pods run; a sub-component's are its parent's, and a component of another stack may say none.
    pub namespace: Option<Namespace>,
    /// Whether it runs in another stack.
    pub is_external: bool,
    /// Container ports that it declares, by the attribute that does.
    pub declared_ports: BTreeMap<Arc<str>, PortNumber>,
    /// Its other attributes, by name.
    pub facts: BTreeMap<Arc<str>, Fact>,
    /// Where it stands.
    pub place: Place,
}

/// An attribute, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub value: FactValue,
    /// Where it stands.
    pub place: Place,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue {
    /// A flag that is on.
    True,
    /// A flag that is off.
    False,
    /// A flag whose value is neither: its literal, if that is a word that flags are known to hold, else nothing.
    /// Templates that test for "not empty" take it, and the text "false" too, for on; so it is no evidence of either.
    Doubtful(String),
    /// Text of the shape that the catalogue gives the attribute.
    Text(String),
    /// A value that does not have the shape of its attribute. It may be a secret in the wrong place: it is not kept.
    Misfit,
    /// It is there; its value was not read, or is kept from everybody.
    Present,
    /// A secret, of which nothing is kept but its shape.
    Secret(SecretShape),
}

/// What may be known of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretShape {
    /// Whether it is one that suppliers set, or that everybody tries first.
    pub is_default: bool,
    /// A number that equal secrets of one file share, and no others.
    pub group: u32,
}
