//! What rules are made by: component types and exceptions, and a user's own exceptions and profile. Everything is
//! checked when it is loaded; from there on a rule may rely on it.

mod checked;
mod component_type;
mod component_types;
mod entries;
mod exceptions;
mod merge;
mod ports;
mod profile;
mod recommended;
mod recommended_check;
mod text;

use std::sync::Arc;

pub use component_type::{ComponentType, InternetNeed, SecurityRole};
pub use component_types::ComponentTypes;
pub use entries::{ExceptionsFile, Origin};
pub use exceptions::{Approval, Exception, ExceptionPeer, ExceptionPorts, Exceptions, Section, Subject};
pub use merge::EntryList;
use merge::Written;
use netpol_reach::{InputError, Place};
pub use ports::{PortOverride, PortRow, PortTable, Role};
pub use profile::{
    AccountData, AccountDataRole, ApiServer, Approach, Attestation, Cluster, Dns, Entity, Evidence, FlowReason,
    Inherited, NotApplicable, Profile, StatedFact, WebhookSource,
};
pub use recommended::{Recommended, RecommendedPart};
use serde_json::{Map, Value};
pub use text::Scalar;

use crate::{Digest, TypeName, Vocabulary};

/// The tables, checked.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// What is known of each component type.
    pub types: Arc<ComponentTypes>,
    /// Ports and exceptions; a user's file may be merged over them.
    pub exceptions: Arc<Exceptions>,
    /// SHA-256 of the two tables, one after the other.
    pub digest: Digest,
    vocabulary: Arc<Vocabulary>,
    /// The exceptions as written, which more may be merged over.
    written: Arc<Written>,
}

impl Catalog {
    /// Reads the tables from (name, text) of `component-types.yaml` and `pci-exceptions.yaml`.
    pub fn read(component_types: (&str, &str), exceptions: (&str, &str)) -> Result<Self, InputError> {
        let types = ComponentTypes::read(component_types.0, component_types.1)?;
        let vocabulary = types.vocabulary();
        let digest = Digest::of([component_types.1, exceptions.1].concat().as_bytes());
        let written = Written::default().under(exceptions.0, exceptions.1, &vocabulary)?;
        let exceptions = checked::checked(&written, &vocabulary)?;
        Ok(Self {
            types: types.into(),
            exceptions: exceptions.into(),
            digest,
            vocabulary: vocabulary.into(),
            written: written.into(),
        })
    }

    /// The same tables under the exceptions of a user's file: an entry with the id of ours replaces it, others are
    /// added, `disabled: true` takes one away.
    ///
    /// Entries may be for types that the tables lack if they are among `more_types`, those of the stack.
    pub fn with_exceptions(
        &self,
        name: &str,
        text: &str,
        more_types: impl IntoIterator<Item = TypeName>,
    ) -> Result<Self, InputError> {
        let types = self.vocabulary.and(more_types);
        let written = Written::clone(&self.written).under(name, text, &types)?;
        self.with_written(written, &types)
    }

    /// The same tables under one entry more, given at `place`, as one of a user's file: by the same rules.
    pub fn with_entry(
        &self,
        place: &Place,
        list: EntryList,
        fields: Map<String, Value>,
        more_types: impl IntoIterator<Item = TypeName>,
    ) -> Result<Self, InputError> {
        let types = self.vocabulary.and(more_types);
        let written = Written::clone(&self.written).under_entry(place, list, fields, &types)?;
        self.with_written(written, &types)
    }

    fn with_written(&self, written: Written, types: &Vocabulary) -> Result<Self, InputError> {
        let exceptions = checked::checked(&written, types)?.into();
        Ok(Self { exceptions, written: written.into(), ..self.clone() })
    }

    /// The ids of the entries of `list`, as they hold now.
    pub fn entry_ids(&self, list: EntryList) -> Vec<&str> {
        self.written.ids(list)
    }

    /// The fields of the entry `id` of `list` as they are written, if there is one.
    pub fn entry_fields(&self, list: EntryList, id: &str) -> Option<Map<String, Value>> {
        self.written.fields(list, id)
    }

    /// What a reader of stacks must know of the types.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}
