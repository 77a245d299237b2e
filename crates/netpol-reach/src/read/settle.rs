//! One object for each name: a cluster holds no two.

use std::{collections::BTreeMap, fmt::Display};

use super::{Manifests, NamespaceObject, Notice};
use crate::{InputError, Namespace, Place, Policy};

impl Manifests {
    /// The same, each policy and Namespace once; an error for each of two of one name that differ.
    pub fn settled(mut self) -> Result<Self, Vec<InputError>> {
        let mut errors = Vec::new();
        self.policies.sort_by(|a, b| (&a.namespace, &a.name, &a.place).cmp(&(&b.namespace, &b.name, &b.place)));
        let mut policies: Vec<Policy> = Vec::with_capacity(self.policies.len());
        for policy in std::mem::take(&mut self.policies) {
            let same_name =
                policies.last().filter(|last| (&last.namespace, &last.name) == (&policy.namespace, &policy.name));
            match same_name {
                None => policies.push(policy),
                Some(same) if same.says_the_same_as(&policy) => {
                    let what = format!("the NetworkPolicy {policy} stands twice, also at {}", same.place);
                    self.notices.push(Notice { place: policy.place, what });
                }
                Some(other) => errors.push(differing("NetworkPolicy", &policy, policy.place.clone(), &other.place)),
            }
        }
        self.policies = policies;
        let mut namespaces: BTreeMap<Namespace, NamespaceObject> = BTreeMap::new();
        for object in std::mem::take(&mut self.namespaces) {
            match namespaces.get(&object.name) {
                Some(other) if other.labels != object.labels => {
                    errors.push(differing("Namespace", &object.name, object.place.clone(), &other.place));
                }
                Some(_) => {}
                None => drop(namespaces.insert(object.name.clone(), object)),
            }
        }
        self.namespaces = namespaces.into_values().collect();
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }
}

fn differing(kind: &str, name: &dyn Display, place: Place, other: &Place) -> InputError {
    let what = format!("the {kind} {name} stands here and at {other}, and both differ");
    InputError::new(place, what).help("a cluster holds one of them: leave the other out")
}
