//! What a type's template always does, and what this program generates: neither decides anything.

use super::Asked;
use crate::{
    assess::{Answer, Case, Evidence, EvidenceKind, Missing},
    terms::Level,
};

/// What a template always does.
pub(super) fn template(asked: Asked) -> Answer {
    Answer::shown_by(Evidence::new(EvidenceKind::Component, asked.kind_name(), asked.says, None))
}

/// Whether `generate` writes `file` at this level. That somebody uses it is not shown.
pub(super) fn generated(case: &Case, asked: Asked, file: &str) -> Answer {
    let least = match file {
        "network-diagram.md" => Some(Level::Standard),
        "compliance/pci-dss/README.md" => Some(Level::PciDssStrict),
        _ => None,
    };
    let is_written = least.is_some_and(|least| case.grounds.basis.level >= least);
    if is_written {
        return Answer::shown_by(Evidence::new(EvidenceKind::Policy, file, asked.says, None));
    }
    let what = format!("{}: `{file}` is not generated", asked.says);
    let missing = Missing::disproved(what, file);
    Answer::lacking(if least.is_some() { missing.remedied_by(case.set_level()) } else { missing })
}
