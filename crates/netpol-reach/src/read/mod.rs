//! Manifests → policies, namespaces and workloads, and what was left out.
//!
//! Any YAML or JSON may be given: what plays no part is counted and skipped, what can't be read is refused with its
//! place, and what is read otherwise than its author may think is noticed. Secrets among the objects are not looked
//! at: of an object that plays no part, nothing but its name is kept.

mod kind;
mod lenient;
mod manifests;
mod object;
mod policy;
mod selector;
mod settle;
mod strict;
mod workload;

use std::sync::Arc;

use kind::Kind;
pub use manifests::{Manifests, NamespaceObject, NotEvaluated, Notice};
use object::Object;
use rayon::prelude::*;
use serde::Deserialize;
use workload::{Metadata, PodSpec};

use super::{Policy, Workload};
use crate::{
    InputError, Namespace, Place, clean, nearest, of_manifests,
    yaml::{self, Part, Spanned},
};

/// How many documents one thread takes at least.
const SHARE: usize = 16;

/// How many documents are read before what they hold is taken in, so that what plays no part takes no room for long.
const AT_ONCE: usize = 1024;

/// Reads all documents of `files` (name, text).
pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Manifests {
    let mut manifests = Manifests::default();
    let mut first: Option<Arc<str>> = None;
    let (mut bytes, mut parts_read) = (0, 0);
    for (name, text) in files {
        let name: Arc<str> = name.into();
        first.get_or_insert_with(|| Arc::clone(&name));
        bytes += text.len();
        if let Err(error) = of_manifests::BYTES.check(bytes, || Place::whole(&name)) {
            manifests.refused.push(error);
            return manifests;
        }
        let left = of_manifests::DOCUMENTS.most - parts_read;
        let parts = yaml::parts(text, left);
        parts_read += parts.len();
        if let (Some(over), true) = (parts.get(left), parts.len() > left) {
            let error = of_manifests::DOCUMENTS.exceeded(&format!("more than {left}"), over.start(&name));
            manifests.refused.push(error);
            return manifests;
        }
        for share in parts.chunks(AT_ONCE) {
            if let Err(error) = manifests.read(&name, share) {
                manifests.refused.push(error);
                return manifests;
            }
        }
    }
    if let Some(first) = first.filter(|_| manifests.is_nothing()) {
        // Of an empty answer nobody could tell whether it was asked of the right thing.
        let error = InputError::new(Place::whole(&first), "there is no Kubernetes object in it");
        manifests.refused.push(error.help("a list without items would say that there is nothing"));
    }
    manifests
}

/// What is skipped and is no object at all.
const NO_OBJECT: &str = "no Kubernetes object";

/// A NetworkPolicy as one object of JSON.
#[derive(Deserialize)]
struct Json {
    metadata: Metadata,
    spec: policy::Spec,
}

/// Reads the NetworkPolicy that is all of `file`, as JSON.
pub fn read_policy(file: &str, bytes: &[u8]) -> Result<Policy, InputError> {
    let Json { metadata, spec } = serde_json::from_slice(bytes).map_err(|error| {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let place = Place { file: file.into(), line: number(error.line()), column: number(error.column()) };
        InputError::new(place, "this is no NetworkPolicy")
    })?;
    policy_of(metadata, spec, Place::whole(file))
}

impl Manifests {
    /// Reads `parts` of `file`. The error is that there is more than is taken.
    fn read(&mut self, file: &Arc<str>, parts: &[Part]) -> Result<(), InputError> {
        let read = |part: &Part| part.read::<Spanned<Object>>(file);
        let objects: Vec<Result<Spanned<Object>, InputError>> =
            parts.par_iter().with_min_len(SHARE).map(read).collect();
        for (object, part) in objects.into_iter().zip(parts) {
            let before = self.refused.len();
            match object {
                Ok(object) => self.add(object, &|location| part.place(file, location), None),
                Err(error) => self.refused.push(error),
            }
            if part.text.contains("{{") {
                for error in &mut self.refused[before..] {
                    error.help =
                        Some("this looks like a template: render it first, as with `helm template`".to_owned());
                }
            }
            let kept = [self.policies.len(), self.namespaces.len(), self.workloads.len(), self.not_evaluated.len()];
            of_manifests::OBJECTS.check(kept.iter().sum::<usize>() + self.refused.len(), || part.start(file))?;
        }
        Ok(())
    }

    /// Whether nothing at all was recognised, nor refused.
    fn is_nothing(&self) -> bool {
        self.policies.is_empty()
            && self.namespaces.is_empty()
            && self.workloads.is_empty()
            && self.not_evaluated.is_empty()
            && self.refused.is_empty()
            && self.lists == 0
            && self.skipped.keys().all(|kind| kind == NO_OBJECT)
    }

    fn add(&mut self, object: Spanned<Object>, place: &dyn Fn(yaml::Location) -> Place, of_list: Option<&Kind>) {
        let at = place(object.referenced);
        match object.value {
            Object::Policy(metadata, spec, unknown) => self.policy(metadata, spec, &unknown, at),
            Object::Namespace(metadata) => self.namespace(metadata, at),
            Object::Pod(_, _, status) if status.has_finished() => self.skip("Pod that has finished".to_owned()),
            Object::Pod(metadata, spec, status) => {
                let addresses = status.addresses();
                self.workload("Pod", metadata, None, &spec, addresses, at);
            }
            // A Deployment keeps the ReplicaSets of its past, and they have no pods.
            Object::Templated("ReplicaSet", metadata, template)
                if template.replicas == Some(0) && metadata.controller().is_some() =>
            {
                self.skip("ReplicaSet without pods".to_owned());
            }
            Object::Templated(kind, metadata, template) => {
                let labels = template.metadata.unwrap_or_default();
                self.workload(kind, metadata, Some(labels), &template.spec.unwrap_or_default(), Vec::new(), at);
            }
            Object::List(items, kind) => {
                self.lists += 1;
                for item in items {
                    self.add(item, place, kind.as_ref());
                }
            }
            Object::Other(metadata, kind) => self.other(metadata, &kind, at),
            Object::Unsaid(kept) => match of_list {
                Some(kind) if !kept.is_nothing() => {
                    let value = kept.of_kind(kind.clone());
                    self.add(Spanned { value, ..object }, place, None);
                }
                _ => self.skip(NO_OBJECT.to_owned()),
            },
            Object::Nothing => self.skip(NO_OBJECT.to_owned()),
            Object::Refused(what) => self.refused.push(InputError::new(at, what)),
        }
    }

    fn skip(&mut self, kind: String) {
        /// How many kinds are told apart.
        const MOST_KINDS: usize = 1000;
        let is_told = self.skipped.len() < MOST_KINDS || self.skipped.contains_key(&kind);
        *self.skipped.entry(if is_told { kind } else { "another kind".to_owned() }).or_default() += 1;
    }

    fn policy(&mut self, metadata: Metadata, spec: policy::Spec, unknown: &[String], place: Place) {
        match policy_of(metadata, spec, place) {
            Ok(policy) => {
                let notice = |path: &String| Notice { place: policy.place.clone(), what: dropped(&policy, path) };
                let left = of_manifests::NOTICES.saturating_sub(self.notices.len());
                self.notices.extend(unknown.iter().take(left).map(notice));
                self.policies.push(policy);
            }
            Err(error) => self.refused.push(error),
        }
    }

    fn namespace(&mut self, mut metadata: Metadata, place: Place) {
        let Some(name) = metadata.name.take() else {
            return self.refused.push(InputError::new(place, "a Namespace without `metadata.name`"));
        };
        match name.0.parse() {
            Ok(name) => {
                let labels = metadata.labels();
                self.namespaces.push(NamespaceObject { name, labels, place });
            }
            Err(error) => self.refused.push(InputError::new(place, error)),
        }
    }

    fn workload(
        &mut self,
        kind: &'static str,
        mut metadata: Metadata,
        template: Option<Metadata>,
        spec: &PodSpec,
        addresses: Vec<std::net::IpAddr>,
        place: Place,
    ) {
        let (name, namespace) = match named(&metadata, &place) {
            Ok(named) => named,
            Err(error) => return self.refused.push(error),
        };
        let controller = metadata.controller().map(|owner| (clean(&owner.kind.0).into(), clean(&owner.name.0).into()));
        let labels = template.unwrap_or_else(|| std::mem::take(&mut metadata)).labels();
        // A pod is known by what made it.
        let ((kind, name), controller) = match controller {
            Some(owner) if kind == "Pod" => (owner, None),
            other => ((kind.into(), name), other),
        };
        self.workloads.push(Workload {
            namespace,
            name,
            kind,
            controller,
            labels,
            ports: spec.named_ports().into(),
            addresses,
            is_on_host_network: spec.is_on_host_network(),
            place,
        });
    }

    fn other(&mut self, metadata: Option<Metadata>, kind: &Kind, place: Place) {
        let shown = format!("{} ({})", clean(&kind.kind), clean(&kind.api_version));
        if kind.restricts_otherwise() {
            let metadata = metadata.unwrap_or_default();
            let name = metadata.name.map(|name| clean(&name.0)).unwrap_or_default();
            let namespace = metadata.namespace.map(|name| clean(&name.0));
            return self.not_evaluated.push(NotEvaluated { kind: shown, namespace, name, place });
        }
        if kind.is_of_old_version() {
            let what = format!("{shown} is of an API version that is no longer served: it is skipped");
            self.notices.push(Notice { place, what });
        }
        self.skip(shown);
    }
}

/// The keys of a policy's `spec`, for who misspelt one.
const KEYS: [&str; 16] = [
    "podSelector",
    "policyTypes",
    "ingress",
    "egress",
    "from",
    "to",
    "ports",
    "namespaceSelector",
    "ipBlock",
    "cidr",
    "except",
    "protocol",
    "port",
    "endPort",
    "matchLabels",
    "matchExpressions",
];

/// That the API drops the key at `path` of `policy`.
fn dropped(policy: &Policy, path: &str) -> String {
    let key = path.rsplit('.').next().unwrap_or_default();
    let hint = nearest(key, KEYS).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("{}: the API does not know {} and drops it{hint}", policy.name, yaml::key_name(Some(key)))
}

fn policy_of(mut metadata: Metadata, spec: policy::Spec, place: Place) -> Result<Policy, InputError> {
    let (name, namespace) = named(&metadata, &place)?;
    let (pods, ingress, egress) = spec.rules();
    Ok(Policy { name, namespace, place, labels: metadata.labels(), pods, ingress, egress })
}

/// Name and namespace; an object that names no namespace is applied to `default`.
fn named(metadata: &Metadata, place: &Place) -> Result<(Arc<str>, Namespace), InputError> {
    let wrong = |what: String| InputError::new(place.clone(), what);
    let given = metadata.name.as_ref().filter(|name| !name.0.is_empty());
    let name = match (given, &metadata.generate_name) {
        (Some(name), _) if selector::is_dns_subdomain(&name.0) => Arc::clone(&name.0),
        // What is made of it has more behind.
        (None, Some(start)) if selector::is_dns_subdomain(&format!("{}0", start.0)) => Arc::clone(&start.0),
        (None, None) => return Err(wrong("`metadata.name` is missing".to_owned())),
        _ => return Err(wrong("`metadata.name`: a name is up to 253 of a-z, 0-9, `-` and `.`".to_owned())),
    };
    match metadata.namespace.as_ref().filter(|name| !name.0.is_empty()) {
        None => Ok((name, Namespace::default_namespace())),
        Some(text) => match text.0.parse() {
            Ok(namespace) => Ok((name, namespace)),
            Err(error) => Err(wrong(format!("`metadata.namespace`: {error}"))),
        },
    }
}
