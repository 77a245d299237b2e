//! Requirements and controls, with all that `pci_compliance_requirement` says of them.

use pci_engine::Snapshot;
use pci_stack::ControlId;
use serde_json::{Map, Value, json};

use super::{
    ResourceError,
    error::none_such,
    template::{Asked, JSON, Offer, Template, Variable, header, json, unlisted},
};

const TOOL: &str = "pci_compliance_requirement";

/// One requirement.
pub(super) const REQUIREMENT: Template = Template {
    uri: "pci://{stack}/requirement/{requirement}",
    name: "requirement",
    title: "One requirement, control by control",
    description: "One requirement of PCI DSS, 1 to 12, with each of its controls in full: what shows it, with file and \
        line, what is missing, what an assessor still examines. The fields of `pci_compliance_requirement`.",
    mime_type: JSON,
    variables: &[Variable {
        name: "requirement",
        values: |snapshot, _| {
            requirements(snapshot).into_iter().map(|(number, title)| Offer::found_by(number, title)).collect()
        },
        takes_rest: false,
    }],
    is_as_written: false,
    is_listed: unlisted,
    read: |asked| json(&requirement(asked, asked.value(0))?),
};

/// One control.
pub(super) const CONTROL: Template = Template {
    uri: "pci://{stack}/control/{id}",
    name: "control",
    title: "One control",
    description: "One control of PCI DSS by its number, such as 8.3.6, in full: what shows it, with file and line, what \
        is missing, what an assessor still examines. The fields of a control in `pci_compliance_requirement`.",
    mime_type: JSON,
    variables: &[Variable {
        name: "id",
        values: |snapshot, _| controls(snapshot).map(|(id, title)| Offer::found_by(id.to_string(), title)).collect(),
        takes_rest: false,
    }],
    is_as_written: false,
    is_listed: unlisted,
    read: control,
};

/// The numbers and titles of all requirements.
pub(crate) fn requirements(snapshot: &Snapshot) -> Vec<(String, &str)> {
    let requirements = &snapshot.tables().controls.requirements;
    requirements.iter().map(|one| (one.number.to_string(), one.title.as_str())).collect()
}

fn controls(snapshot: &Snapshot) -> impl Iterator<Item = (&ControlId, &str)> {
    snapshot.tables().controls.iter().map(|control| (&control.id, control.title.as_str()))
}

/// What the tool says of the requirement `number`.
fn requirement(asked: &Asked, number: &str) -> Result<Value, ResourceError> {
    let all = requirements(&asked.snapshot);
    if !all.iter().any(|(known, _)| known == number) {
        return Err(none_such("requirement", number, all.into_iter().map(|(known, _)| known)));
    }
    let arguments = Map::from_iter([
        ("requirement".to_owned(), number.parse::<u16>().unwrap_or_default().into()),
        ("detail".to_owned(), json!("full")),
    ]);
    Ok(asked.ask(TOOL, arguments)?.fields)
}

/// What the tool says of one control, after the fields that every answer begins with.
fn control(asked: &Asked) -> Result<String, ResourceError> {
    let id = asked.value(0);
    if !controls(&asked.snapshot).any(|(known, _)| known.to_string() == id) {
        return Err(no_control(&asked.snapshot, id));
    }
    let requirement = requirement(asked, id.split('.').next().unwrap_or_default())?;
    let entries = requirement["controls"].as_array().into_iter().flatten();
    let mut own = entries.filter_map(Value::as_object).filter(|entry| entry.get("id") == Some(&json!(id)));
    let mut fields = header(&asked.snapshot)?;
    fields.insert("requirement".to_owned(), requirement["requirement"].clone());
    fields.extend(own.next().cloned().unwrap_or_default());
    json(&fields)
}

/// The controls of the requirement that is meant, where one is.
fn no_control(snapshot: &Snapshot, asked: &str) -> ResourceError {
    let of_requirement = |number: &str| {
        let own = controls(snapshot).map(|(id, _)| id.to_string()).filter(|id| id.split('.').next() == Some(number));
        own.collect::<Vec<_>>()
    };
    let near = of_requirement(asked.split('.').next().unwrap_or_default());
    let names = if near.is_empty() { controls(snapshot).map(|(id, _)| id.to_string()).collect() } else { near };
    none_such("control", asked, names)
}
