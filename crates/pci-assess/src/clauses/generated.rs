//! What a type's template always does, and what this program generates: neither decides anything.

use pci_stack::Level;

use super::asked::Asked;
use crate::{Answer, Evidence, EvidenceKind, Missing, SiemSource, SourceState, Verdicts};

/// What a template always does.
pub(super) fn template(asked: Asked) -> Answer {
    Answer::shown_by(Evidence::new(EvidenceKind::Component, asked.kind_name(), asked.says, None))
}

/// Whether `generate` writes `file` for this stack at this level. That somebody uses it is not shown.
pub(super) fn generated(verdicts: &Verdicts, asked: Asked, file: &str) -> Answer {
    let case = &verdicts.case;
    let least = match file {
        "network-diagram.md" | "siem" | "siem/ism-policy.json" => Some(Level::Standard),
        "compliance/pci-dss/README.md" => Some(Level::PciDssStrict),
        _ => None,
    };
    let is_written = least.is_some_and(|least| case.grounds.basis.level >= least);
    if !is_written {
        let what = format!("{}: `{file}` is not generated", asked.says);
        let missing = Missing::disproved(what, file);
        return Answer::lacking(if least.is_some() { missing.remedied_by(case.set_level()) } else { missing });
    }
    match file {
        "siem" => dashboards(verdicts, asked),
        "siem/ism-policy.json" => retention(verdicts, asked, file),
        _ => Answer::shown_by(Evidence::new(EvidenceKind::Policy, file, asked.says, None)),
    }
}

/// Whether dashboards and monitors are made of every source in the stack, and events have a way to each.
fn dashboards(verdicts: &Verdicts, asked: Asked) -> Answer {
    let (case, plan) = (&verdicts.case, verdicts.siem());
    let nothing = || {
        let what = format!("{}: no source of events is linked to an OpenSearch whose `siem` is on", asked.says);
        Missing::disproved(what, "siem")
    };
    if plan.store.is_none() {
        return Answer::lacking(nothing());
    }
    let of = |source: &SiemSource| {
        if source.state == SourceState::Linked {
            let files = format!("siem/dashboards-{0}-{1}.ndjson, siem/alerting-{0}.json", source.name, case.stack().id);
            return Answer::shown_by(Evidence::new(EvidenceKind::Policy, files, asked.says, None));
        }
        let missing = source.missing.iter().map(|one| {
            let mut missing = one.clone();
            missing.what = format!("{}: {}", asked.says, one.what).into();
            Answer::lacking(missing)
        });
        Answer::all(missing, nothing)
    };
    Answer::all(plan.sources.iter().map(of), nothing)
}

/// Whether the policy for daily indices is made: it is where one of the sources that write such is linked.
fn retention(verdicts: &Verdicts, asked: Asked, file: &str) -> Answer {
    let siem = verdicts.case.grounds.siem;
    let is_daily = |name: &str| siem.source(name).is_some_and(|source| source.index.daily.is_some());
    if verdicts.siem().made().any(|source| source.state == SourceState::Linked && is_daily(&source.name)) {
        return Answer::shown_by(Evidence::new(EvidenceKind::Policy, file, asked.says, None));
    }
    let what =
        format!("{}: no source that writes daily indices has a way to an OpenSearch whose `siem` is on", asked.says);
    Answer::lacking(Missing::disproved(what, file))
}
