//! What the engine judges by: the tables in `catalog/`, embedded in the binary, and a user's own exceptions and
//! profile. Everything is checked when it is loaded; from there on a rule may rely on it.

mod component_types;
pub mod controls;
mod entries;
mod exceptions;
mod merge;
mod ports;
mod profile;
mod recommended;
mod text;

use std::sync::{Arc, LazyLock};

pub use component_types::{ComponentType, ComponentTypes, InternetNeed, SecurityRole};
pub use entries::{ExceptionsFile, Origin};
pub use exceptions::{Approval, Exception, ExceptionPeer, ExceptionPorts, Exceptions, Section, Subject};
pub use ports::{PortOverride, PortRow, PortTable, Role};
pub use profile::{
    AccountData, AccountDataRole, ApiServer, Approach, Attestation, Cluster, Dns, Entity, Evidence, FlowReason,
    Inherited, NotApplicable, Profile, StatedFact, WebhookSource,
};
pub use recommended::{Recommended, RecommendedPart};

use controls::Controls;

use crate::terms::{Digest, InputError, TypeName, Vocabulary};

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
    /// SHA-256 of the tables, one after the other.
    pub digest: Digest,
    vocabulary: Arc<Vocabulary>,
    /// Name and text of the exceptions that a user's are merged over.
    base: Arc<(String, String)>,
}

impl Catalog {
    /// The tables that the binary carries, read once.
    pub fn embedded() -> Result<Self, InputError> {
        static EMBEDDED: LazyLock<Result<Catalog, InputError>> =
            LazyLock::new(|| Catalog::read(COMPONENT_TYPES, EXCEPTIONS));
        EMBEDDED.clone()
    }

    /// Reads the tables from (name, text) of `component-types.yaml` and `pci-exceptions.yaml`.
    pub fn read(component_types: (&str, &str), exceptions: (&str, &str)) -> Result<Self, InputError> {
        /// Read once, whatever the other tables are.
        static CONTROLS: LazyLock<Result<Arc<Controls>, InputError>> = LazyLock::new(|| {
            let types = ComponentTypes::read(COMPONENT_TYPES.0, COMPONENT_TYPES.1)?;
            Controls::read(&REQUIREMENTS, APPENDICES, &types).map(Arc::new)
        });
        let types = ComponentTypes::read(component_types.0, component_types.1)?;
        let vocabulary = types.vocabulary();
        let digest = Digest::of([component_types.1, exceptions.1].concat().as_bytes());
        let base = (exceptions.0.to_owned(), exceptions.1.to_owned());
        let exceptions = Exceptions::read(exceptions.0, exceptions.1, &vocabulary)?;
        Ok(Self {
            types: types.into(),
            exceptions: exceptions.into(),
            controls: CONTROLS.clone()?,
            digest,
            vocabulary: vocabulary.into(),
            base: Arc::new(base),
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
        let exceptions = Exceptions::read_over((&self.base.0, &self.base.1), (name, text), &types)?;
        Ok(Self { exceptions: exceptions.into(), ..self.clone() })
    }

    /// What a reader of stacks must know of the types.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}
