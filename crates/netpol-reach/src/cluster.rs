//! Manifests as a cluster: whom policies act on, by the names that people know.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    LabelSelector, Labels, Manifests, NAME_LABEL, NamespaceFacts, Notice, Pod, Policy, PolicyPeer, Workload, World,
};
use crate::{InputError, Namespace};

/// Workloads by name, and what restricts them.
#[derive(Debug, Default)]
pub struct Cluster {
    /// What policies act on.
    pub world: World,
    /// The policies, by namespace and name.
    pub policies: Vec<Policy>,
    /// Each workload's name, ascending, and its pods, as indices into the world's.
    pub workloads: Vec<(String, Vec<usize>)>,
    /// What to know of all this.
    pub notices: Vec<Notice>,
}

impl Cluster {
    /// The cluster that `manifests` make; an error for each of two objects of one name that differ.
    pub fn of(manifests: Manifests, host_network_is_selectable: bool) -> Result<Self, Vec<InputError>> {
        let Manifests { policies, namespaces, workloads, notices, .. } = manifests.settled()?;
        let mut cluster = Self { policies, notices, ..Self::default() };
        let mut labels: BTreeMap<Namespace, Option<Labels>> =
            namespaces.into_iter().map(|object| (object.name, Some(object.labels))).collect();
        let mentioned = workloads.iter().map(|workload| &workload.namespace);
        for namespace in mentioned.chain(cluster.policies.iter().map(|policy| &policy.namespace)) {
            labels.entry(namespace.clone()).or_insert(None);
        }
        cluster.notice_missing_namespaces(&labels);
        let ids: HashMap<Namespace, usize> = labels.keys().cloned().zip(0..).collect();
        let facts =
            |(name, labels): (Namespace, Option<Labels>)| NamespaceFacts::named(&name, labels.unwrap_or_default());
        cluster.world.namespaces = labels.into_iter().map(facts).collect();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let keepers = Keepers::of(&workloads);
        for workload in &workloads {
            by_name.entry(keepers.name_of(workload)).or_default().push(cluster.world.pods.len());
            cluster.world.pods.push(Pod {
                namespace: ids.get(&workload.namespace).copied().unwrap_or_default(),
                labels: workload.labels.clone(),
                ports: Some(Arc::clone(&workload.ports)),
                addresses: workload.addresses.clone(),
                is_selectable: host_network_is_selectable || !workload.is_on_host_network,
            });
        }
        cluster.workloads = by_name.into_iter().collect();
        cluster.notice(&workloads, host_network_is_selectable);
        cluster.notices.sort_unstable();
        cluster.notices.dedup();
        Ok(cluster)
    }

    /// Notices the policies that select nothing, as `selects` says of their indices.
    pub(super) fn notice_idle(&mut self, selects: impl Fn(usize) -> bool) {
        let homes = self.world.pods.iter().filter_map(|pod| self.world.namespaces.get(pod.namespace)?.name.as_ref());
        let inhabited: BTreeSet<&Namespace> = homes.collect();
        for (_, policy) in self.policies.iter().enumerate().filter(|(index, _)| !selects(*index)) {
            let home = &policy.namespace;
            let what = if inhabited.contains(home) {
                format!("{policy} acts on nothing: it selects no workload of `{home}`")
            } else {
                format!("{policy} acts on nothing: no workload of `{home}` is among the manifests")
            };
            self.notices.push(Notice { place: policy.place.clone(), what });
        }
        self.notices.sort_unstable();
    }

    /// Selectors by namespace labels find only Namespaces that are among the manifests.
    fn notice_missing_namespaces(&mut self, labels: &BTreeMap<Namespace, Option<Labels>>) {
        let asks_for_more = |selector: &LabelSelector| {
            selector.requirements().iter().any(|requirement| requirement.key.as_ref() != NAME_LABEL)
        };
        let missing: Vec<String> =
            labels.iter().filter(|(_, labels)| labels.is_none()).map(|(name, _)| format!("`{name}`")).collect();
        let asks = |policy: &&Policy| {
            policy.all_rules().flat_map(|rule| &rule.peers).any(
                |peer| matches!(peer, PolicyPeer::Pods { namespaces: Some(selector), .. } if asks_for_more(selector)),
            )
        };
        if let (false, Some(policy)) = (missing.is_empty(), self.policies.iter().find(asks)) {
            let what = format!(
                "{policy} selects namespaces by their labels, and there is no Namespace object of {}: taken to have no \
                 label but its name",
                missing.join(", ")
            );
            self.notices.push(Notice { place: policy.place.clone(), what });
        }
    }

    fn notice(&mut self, workloads: &[Workload], host_network_is_selectable: bool) {
        let known: BTreeSet<_> =
            workloads.iter().flat_map(|workload| workload.ports.iter()).map(|port| &port.name).collect();
        let selecting: BTreeSet<&Namespace> = self.policies.iter().map(|policy| &policy.namespace).collect();
        let mut notices = Vec::new();
        for policy in &self.policies {
            let mut say = |what: String| notices.push(Notice { place: policy.place.clone(), what });
            let names: BTreeSet<_> = policy.all_rules().flat_map(|rule| &rule.named_ports).collect();
            for name in names.into_iter().filter(|name| !known.contains(name)) {
                say(format!(
                    "{policy}: no pod has a port `{}` over {}, so the rule allows nothing on it",
                    name.name, name.protocol
                ));
            }
        }
        for workload in workloads.iter().filter(|workload| workload.is_on_host_network) {
            if selecting.contains(&workload.namespace) {
                let how = if host_network_is_selectable {
                    "taken to be selected as any other, though most network plugins don't"
                } else {
                    "taken to be selected by no policy"
                };
                let what = format!("{workload} is on the host network: {how}");
                notices.push(Notice { place: workload.place.clone(), what });
            }
        }
        self.notices.append(&mut notices);
    }
}

/// Which workload keeps which: a Deployment its `ReplicaSet`s, a `CronJob` its Jobs.
struct Keepers<'w> {
    known: HashMap<(&'w Namespace, &'w str, &'w str), &'w Workload>,
}

impl<'w> Keepers<'w> {
    fn of(workloads: &'w [Workload]) -> Self {
        let key = |workload: &'w Workload| (&workload.namespace, &*workload.kind, &*workload.name);
        // Pods are known by what made them, too; those say nothing of what keeps that.
        let (kept, others): (Vec<_>, Vec<_>) = workloads.iter().partition(|workload| workload.controller.is_some());
        Self { known: others.into_iter().chain(kept).map(|workload| (key(workload), workload)).collect() }
    }

    /// What `workload` is listed as: the outermost of those that keep it, as far as these are among the manifests.
    fn name_of(&self, workload: &Workload) -> String {
        /// How far one is kept by another; only a circle goes further.
        const DEEPEST: usize = 8;
        let find = |kind: &str, name: &str| self.known.get(&(&workload.namespace, kind, name)).copied();
        let mut outermost = find(&workload.kind, &workload.name).unwrap_or(workload);
        for _ in 0..DEEPEST {
            let keeper = outermost.controller.as_ref().and_then(|(kind, name)| find(kind, name));
            match keeper {
                Some(keeper) => outermost = keeper,
                None => break,
            }
        }
        outermost.to_string()
    }
}
