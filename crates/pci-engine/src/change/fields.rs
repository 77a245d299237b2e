//! Which fields each change takes. The object is flat, so that every client can pass it on; what belongs together is
//! checked here.

use pci_stack::{Change, Op};

/// Fields that go together.
struct Form {
    needed: &'static [&'static str],
    optional: &'static [&'static str],
}

const ADD_COMPONENT: Form = Form { needed: &["type"], optional: &["name", "namespace", "attributes"] };
const REMOVE_COMPONENT: Form = Form { needed: &["name"], optional: &[] };
const ADD_LINK: Form = Form { needed: &["from", "to"], optional: &["port", "attributes"] };
const REMOVE_LINK: Form = Form { needed: &["from", "to"], optional: &["type"] };
const OF_COMPONENT: Form = Form { needed: &["name", "attribute"], optional: &["value"] };
const OF_LINK: Form = Form { needed: &["from", "to", "attribute"], optional: &["value", "type"] };
const SET_EXCEPTION: Form = Form { needed: &["name", "attributes"], optional: &[] };
const SET_ATTESTATION: Form = Form { needed: &["name"], optional: &["attributes"] };
const SET_LEVEL: Form = Form { needed: &["value"], optional: &[] };

fn forms(op: Op) -> &'static [Form] {
    match op {
        Op::AddComponent => &[ADD_COMPONENT],
        Op::RemoveComponent => &[REMOVE_COMPONENT],
        Op::AddLink => &[ADD_LINK],
        Op::RemoveLink => &[REMOVE_LINK],
        Op::SetAttribute => &[OF_COMPONENT, OF_LINK],
        Op::SetException => &[SET_EXCEPTION],
        Op::SetFact => &[OF_COMPONENT],
        Op::SetAttestation => &[SET_ATTESTATION],
        Op::SetLevel => &[SET_LEVEL],
    }
}

/// The fields that `op` takes, in words.
pub fn taken_by(op: Op) -> String {
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let form = |form: &Form| match form.optional {
        [] => list(form.needed),
        optional => format!("{} and, if need be, {}", list(form.needed), list(optional)),
    };
    format!("`{op}` takes {}", forms(op).iter().map(form).collect::<Vec<_>>().join("; or "))
}

/// Refuses a field that the change does not take, and the lack of one that it needs.
pub(super) fn check(change: &Change) -> Result<(), String> {
    let given = given(change);
    let is_given = |name: &str| given.contains(&name);
    let is_of_link = is_given("from") || is_given("to");
    let forms = forms(change.op);
    let form = if is_of_link { forms.last() } else { forms.first() };
    let Some(form) = form else { return Ok(()) };
    if let Some(stray) = given.iter().find(|name| !form.needed.contains(name) && !form.optional.contains(name)) {
        return Err(format!("`{stray}` has no meaning here"));
    }
    if let Some(lacking) = form.needed.iter().find(|name| !is_given(name)) {
        return Err(format!("`{lacking}` is missing"));
    }
    match names(change).find(|(_, name)| name.chars().count() > LONGEST) {
        Some((field, _)) => Err(format!("`{field}` holds a name of more than {LONGEST} characters")),
        None => Ok(()),
    }
}

/// How long a name may be: YAML takes no longer key that is not marked as one.
const LONGEST: usize = 1000;

/// What names something, each with its field.
fn names(change: &Change) -> impl Iterator<Item = (&'static str, &str)> {
    let fields = [("name", &change.name), ("from", &change.from), ("to", &change.to), ("attribute", &change.attribute)];
    let attributes = change.attributes.iter().flatten().map(|(name, _)| ("attributes", name.as_str()));
    fields.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?))).chain(attributes)
}

fn given(change: &Change) -> Vec<&'static str> {
    // Taken apart whole, so that a field that is added is thought of here.
    let Change { op: _, r#type, name, namespace, attributes, from, to, port, attribute, value } = change;
    let fields = [
        ("type", r#type.is_some()),
        ("name", name.is_some()),
        ("namespace", namespace.is_some()),
        ("attributes", attributes.is_some()),
        ("from", from.is_some()),
        ("to", to.is_some()),
        ("port", port.is_some()),
        ("attribute", attribute.is_some()),
        ("value", value.is_some()),
    ];
    fields.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
}
