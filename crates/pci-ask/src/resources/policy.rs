//! One NetworkPolicy, as its file holds it: the bytes that the manifest has the SHA-256 of.

use std::collections::{BTreeMap, BTreeSet};

use pci_engine::Snapshot;
use pci_stack::Level;

use super::{
    ResourceError,
    documents::with_level,
    error::none_such,
    template::{Asked, JSON, Offer, Template, Variable, unlisted},
};

/// One policy.
pub(super) const POLICY: Template = Template {
    uri: "pci://{stack}/policy/{namespace}/{name}",
    name: "policy",
    title: "One NetworkPolicy",
    description: "One generated NetworkPolicy as the Kubernetes object that its file holds, to be applied as it is. Why \
        it is there, the manifest says.",
    mime_type: JSON,
    variables: &[
        Variable { name: "namespace", values: |snapshot, _| namespaces(snapshot), takes_rest: false },
        Variable { name: "name", values: names, takes_rest: false },
    ],
    is_as_written: true,
    is_listed: unlisted,
    read: object,
};

fn namespaces(snapshot: &Snapshot) -> Vec<Offer> {
    let namespaces: BTreeSet<&str> = snapshot.rules().rules.iter().map(|rule| rule.namespace.as_str()).collect();
    namespaces.into_iter().map(Offer::new).collect()
}

/// The policies of the namespace that was said, or else all, each found by its kind too.
fn names(snapshot: &Snapshot, others: &BTreeMap<String, String>) -> Vec<Offer> {
    let namespace = others.get("namespace").filter(|namespace| !namespace.is_empty());
    let rules = snapshot.rules().rules.iter();
    let own = rules.filter(|rule| namespace.is_none_or(|namespace| rule.namespace.as_str() == namespace));
    own.map(|rule| Offer::found_by(&rule.name.object, rule.kind.as_str())).collect()
}

fn object(asked: &Asked) -> Result<String, ResourceError> {
    let snapshot = &asked.snapshot;
    with_level(snapshot)?;
    let (namespace, name) = (asked.value(0), asked.value(1));
    if snapshot.level() == Level::None {
        return Err(ResourceError::Level("at level `none` there are no policies".to_owned()));
    }
    let mut files = snapshot.rules().rules.iter().zip(snapshot.files());
    let found = files.find(|(rule, _)| rule.namespace.as_str() == namespace && rule.name.object == name);
    if let Some((_, file)) = found {
        return Ok(String::from_utf8_lossy(&file.bytes).into_owned());
    }
    let own = names(snapshot, &BTreeMap::from([("namespace".to_owned(), namespace.to_owned())]));
    if own.is_empty() {
        let known = namespaces(snapshot).into_iter().map(|offer| offer.value);
        return Err(none_such("namespace with policies", namespace, known));
    }
    Err(none_such(&format!("policy of `{namespace}`"), name, own.into_iter().map(|offer| offer.value)))
}
