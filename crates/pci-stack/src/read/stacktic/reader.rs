//! What the parts of the reader share: the file, the known words, and what is noticed on the way.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use netpol_reach::{InputError, Namespace, Place, clean, yaml};
use serde_saphyr::Location;

use super::{raw::Attribute, secrets::Secrets};
use crate::{Finding, Vocabulary, budget::FINDINGS, findings::KINDS};

/// What the parts of the reader share.
pub(super) struct Reader<'w> {
    pub(super) file: Arc<str>,
    pub(super) words: &'w Vocabulary,
    pub(super) findings: Noted,
    pub(super) secrets: Secrets,
    /// The namespaces of the file's components.
    pub(super) namespaces: HashSet<String>,
    /// Whether the stack that a part is read for has a namespace of that name.
    pub(super) is_elsewhere: &'w dyn Fn(&str) -> bool,
}

/// Findings, of each kind so many; further ones are counted.
#[derive(Default)]
pub(super) struct Noted {
    findings: Vec<Finding>,
    kinds: BTreeMap<&'static str, usize>,
}

impl Noted {
    pub(super) fn push(&mut self, finding: Finding) {
        let known = self.kinds.entry(finding.id).or_default();
        *known += 1;
        if *known <= FINDINGS {
            self.findings.push(finding);
        }
    }

    /// All of them, and for each kind of which there are too many how many were left out of `file`.
    pub(super) fn all(self, file: &Arc<str>) -> Vec<Finding> {
        let over = self.kinds.into_iter().filter(|(_, found)| *found > FINDINGS);
        let over: Vec<(&str, usize)> = over.map(|(id, found)| (id, found - FINDINGS)).collect();
        let mut findings = self.findings;
        for (id, more) in over {
            let kind = KINDS.iter().find(|kind| kind.id == id);
            findings.extend(kind.map(|kind| {
                let message = format!("there are {more} more of these; {FINDINGS} are listed");
                Finding::new(kind, message, Some(Place::whole(file)))
            }));
        }
        findings
    }
}

impl Reader<'_> {
    /// Whether the stack has a namespace `name`.
    pub(super) fn is_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name) || (self.is_elsewhere)(name)
    }

    pub(super) fn place(&self, at: Location) -> Place {
        yaml::place(&self.file, at)
    }

    pub(super) fn error(&self, at: Location, what: impl Into<String>) -> InputError {
        InputError::new(self.place(at), what)
    }

    pub(super) fn namespace(&self, attribute: &Attribute) -> Result<Namespace, InputError> {
        let namespace = attribute.value.text().unwrap_or_default().parse();
        namespace.map_err(|error: String| {
            self.error(attribute.at, format!("`{}` holds no namespace", clean(attribute.name.as_str()))).help(error)
        })
    }
}

/// The attribute `name`.
pub(super) fn find<'r, 'a>(attributes: &'r [Attribute<'a>], name: &str) -> Option<&'r Attribute<'a>> {
    attributes.iter().find(|attribute| attribute.name.as_str() == name)
}
