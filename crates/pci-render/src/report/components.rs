//! Part 12: which component types the controls count on, for which requirements, and what each brings here.

use std::collections::{BTreeMap, BTreeSet};

use pci_assess::{ControlResult, Technical, controls::Control};
use pci_stack::{FactValue, TypeName};

use super::{
    Subject,
    text::{code, table},
};

pub(super) fn types(subject: &Subject, out: &mut String) {
    out.push_str(
        "Which component types the catalogue's rules count on, and for which requirements. Numbers are of the controls \
         that apply and that a type takes part in; others may take part too. A type that is there and not enough shows under gap and \
         unknown.\n\n",
    );
    let mut by_type: BTreeMap<&TypeName, Vec<(&Control, &ControlResult)>> = BTreeMap::new();
    for (control, result) in subject.assessment.iter().filter(|(_, result)| result.applies()) {
        let kinds: BTreeSet<&TypeName> =
            control.rule.iter().filter(|entry| !entry.is_beyond).filter_map(|entry| entry.kind.as_ref()).collect();
        for kind in kinds {
            by_type.entry(kind).or_default().push((control, result));
        }
    }
    let rows = by_type.into_iter().map(|(kind, controls)| row(subject, kind, &controls));
    let headings = [
        "type",
        "requirements",
        "in the stack",
        "controls:",
        "evidenced:",
        "supported:",
        "partial:",
        "gap:",
        "unknown:",
    ];
    table(out, &headings, rows);
}

fn row(subject: &Subject, kind: &TypeName, controls: &[(&Control, &ControlResult)]) -> Vec<String> {
    let requirements: BTreeSet<u16> = controls.iter().map(|(control, _)| control.id.requirement()).collect();
    let requirements: Vec<String> = requirements.iter().map(ToString::to_string).collect();
    let there = presence(subject, kind);
    let count = |technical: Technical| {
        let those = controls.iter().filter(|(_, result)| result.technical == technical);
        if there == "no" { String::new() } else { those.count().to_string() }
    };
    let shown = [Technical::Evidenced, Technical::Supported, Technical::Partial, Technical::Gap, Technical::Unknown];
    let cells = [code(kind.as_str()), requirements.join(", "), there.clone(), controls.len().to_string()];
    cells.into_iter().chain(shown.map(count)).collect()
}

/// Whether the stack has a component of type `kind`. An OpenSearch that is no SIEM counts for nothing.
fn presence(subject: &Subject, kind: &TypeName) -> String {
    let there = subject.case.of_type(kind);
    if there.is_empty() {
        return "no".to_owned();
    }
    let is_siem = |id: &pci_stack::ComponentId| {
        let value = subject.case.component(*id).facts.get("siem").map(|fact| &fact.value);
        matches!(value, Some(FactValue::True)) || matches!(value, Some(FactValue::Text(text)) if text == "true")
    };
    if kind.as_str() == "opensearch" && !there.iter().any(is_siem) {
        return "yes, and its `siem` is not on: it does not count".to_owned();
    }
    let names: Vec<String> = there.iter().map(|id| code(subject.case.name(*id))).collect();
    super::text::listed(&names, 3)
}
