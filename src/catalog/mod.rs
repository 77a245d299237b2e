//! What the engine judges by: the tables in `catalog/`, embedded in the binary, and a user's own exceptions and
//! profile. Everything is checked when it is loaded; from there on a rule may rely on it.

mod checked;
mod component_types;
pub mod controls;
mod entries;
mod exceptions;
mod merge;
mod ports;
mod profile;
mod recommended;
pub mod siem;
mod text;

use std::{
    sync::{Arc, LazyLock},
    thread,
};

pub use component_types::{ComponentType, ComponentTypes, InternetNeed, SecurityRole};
pub use entries::{ExceptionsFile, Origin};
pub use exceptions::{Approval, Exception, ExceptionPeer, ExceptionPorts, Exceptions, Section, Subject};
pub use merge::EntryList;
pub use ports::{PortOverride, PortRow, PortTable, Role};
pub use profile::{
    AccountData, AccountDataRole, ApiServer, Approach, Attestation, Cluster, Dns, Entity, Evidence, FlowReason,
    Inherited, NotApplicable, Profile, StatedFact, WebhookSource,
};
pub use recommended::{Recommended, RecommendedPart};

use controls::Controls;
use merge::Written;
use serde_json::{Map, Value};
use siem::Siem;

use crate::terms::{Digest, InputError, Place, TypeName, Vocabulary};

const COMPONENT_TYPES: (&str, &str) =
    ("catalog/component-types.yaml", include_str!("../../catalog/component-types.yaml"));
const EXCEPTIONS: (&str, &str) = ("catalog/pci-exceptions.yaml", include_str!("../../catalog/pci-exceptions.yaml"));

const APPENDICES: (&str, &str) =
    ("catalog/pci-dss-v4/appendices.yaml", include_str!("../../catalog/pci-dss-v4/appendices.yaml"));

/// The files of the twelve requirements.
macro_rules! requirements {
    ($($number:literal),*) => {
        [$((
            concat!("catalog/pci-dss-v4/requirement-", $number, ".yaml"),
            include_str!(concat!("../../catalog/pci-dss-v4/requirement-", $number, ".yaml")),
        )),*]
    };
}
const REQUIREMENTS: [(&str, &str); 12] =
    requirements!["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];

/// The tables, checked.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// What is known of each component type.
    pub types: Arc<ComponentTypes>,
    /// Ports and exceptions; a user's file may be merged over them.
    pub exceptions: Arc<Exceptions>,
    /// The controls of PCI DSS, and what would show each.
    pub controls: Arc<Controls>,
    /// The sources of security events that dashboards are made of.
    pub siem: Arc<Siem>,
    /// SHA-256 of the tables, one after the other.
    pub digest: Digest,
    vocabulary: Arc<Vocabulary>,
    /// The exceptions as written, which more may be merged over.
    written: Arc<Written>,
}

impl Catalog {
    /// The tables that the binary carries, read once.
    pub fn embedded() -> Result<Self, InputError> {
        static EMBEDDED: LazyLock<Result<Catalog, InputError>> = LazyLock::new(Catalog::read_embedded);
        EMBEDDED.clone()
    }

    /// Reading these is most of what the program does before its first answer, and the controls are most of that: another
    /// thread begins with them, and this one joins it when all else is read.
    ///
    /// On a thread of its own, never on rayon's: whoever asks meanwhile waits, and if those threads waited too, nobody
    /// would be left to read.
    fn read_embedded() -> Result<Self, InputError> {
        let controls = controls::Unread::of(&REQUIREMENTS);
        let (tables, siem) = thread::scope(|scope| {
            // Where no thread is to be had, this one reads them all.
            let _beside = thread::Builder::new().spawn_scoped(scope, || controls.read());
            let others = (Tables::read(COMPONENT_TYPES, EXCEPTIONS), Siem::unchecked());
            controls.read();
            others
        });
        let tables = tables?;
        let controls = controls.done(APPENDICES)?.checked(&tables.types)?;
        let siem = siem?.checked(&controls)?;
        Ok(tables.with(controls.into(), siem.into()))
    }

    /// Reads the tables from (name, text) of `component-types.yaml` and `pci-exceptions.yaml`; the others are those that
    /// the binary carries.
    pub fn read(component_types: (&str, &str), exceptions: (&str, &str)) -> Result<Self, InputError> {
        let Self { controls, siem, .. } = Self::embedded()?;
        Ok(Tables::read(component_types, exceptions)?.with(controls, siem))
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

/// What is known of component types, and the exceptions.
struct Tables {
    types: ComponentTypes,
    exceptions: Exceptions,
    digest: Digest,
    vocabulary: Vocabulary,
    written: Written,
}

impl Tables {
    fn read(component_types: (&str, &str), exceptions: (&str, &str)) -> Result<Self, InputError> {
        let types = ComponentTypes::read(component_types.0, component_types.1)?;
        let vocabulary = types.vocabulary();
        let digest = Digest::of([component_types.1, exceptions.1].concat().as_bytes());
        let written = Written::default().under(exceptions.0, exceptions.1, &vocabulary)?;
        let exceptions = checked::checked(&written, &vocabulary)?;
        Ok(Self { types, exceptions, digest, vocabulary, written })
    }

    /// All tables, these with the others.
    fn with(self, controls: Arc<Controls>, siem: Arc<Siem>) -> Catalog {
        Catalog {
            types: self.types.into(),
            exceptions: self.exceptions.into(),
            controls,
            siem,
            digest: self.digest,
            vocabulary: self.vocabulary.into(),
            written: self.written.into(),
        }
    }
}
