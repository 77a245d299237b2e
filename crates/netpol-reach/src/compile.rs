//! Policies → which ends each selects, and which ends each of its rules names.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{
    LabelSelector, Policy, PolicyPeer, PolicyRule, PortName, PortSet, World,
    classes::{Ends, Indices},
    label_index::{LabelIndex, Selection},
    meter::Meter,
    union::union,
};
use crate::{Direction, Table};

/// How to read what isn't known: labels of pods and namespaces, names of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only what holds for all pods: a rule that may match some opens nothing, a policy that may select some isolates.
    Certain,
    /// Whatever may hold for some pod: a rule that may match some opens, a policy that may select some isolates none.
    Possible,
}

/// A rule, its peers found.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) peers: Arc<RoaringBitmap>,
    pub(super) ports: PortSet,
    pub(super) names: Vec<PortName>,
}

/// One direction of a policy, its pods and peers found.
#[derive(Debug)]
pub(super) struct CompiledPolicy {
    /// Whom it isolates.
    pub(super) isolates: Arc<RoaringBitmap>,
    /// Whom it allows something.
    pub(super) allows: Arc<RoaringBitmap>,
    pub(super) rules: Vec<CompiledRule>,
}

/// Finds what selectors match, each once.
pub(super) struct Compiler<'p, M> {
    meter: &'p M,
    ends: &'p Ends,
    indices: &'p Indices,
    reading: Reading,
    by_name: Table<&'p str, usize>,
    pods: Table<&'p LabelSelector, Arc<Selection>>,
    namespaces: Table<&'p LabelSelector, Arc<Selection>>,
    peers: Table<(Option<usize>, &'p PolicyPeer), Arc<RoaringBitmap>>,
}

impl<'p, M: Meter> Compiler<'p, M> {
    pub(super) fn new(world: &'p World, ends: &'p Ends, indices: &'p Indices, reading: Reading, meter: &'p M) -> Self {
        let named = world.namespaces.iter().enumerate();
        let by_name = named.filter_map(|(index, facts)| Some((facts.name.as_ref()?.as_str(), index))).collect();
        let (pods, namespaces, peers) = Default::default();
        Self { meter, ends, indices, reading, by_name, pods, namespaces, peers }
    }

    /// One direction of `policy`, if it has any bearing on it here.
    pub(super) fn policy(
        &mut self,
        policy: &'p Policy,
        direction: Direction,
    ) -> Result<Option<CompiledPolicy>, M::Refusal> {
        let own = self.by_name.get(policy.namespace.as_str()).copied();
        let (Some(rules), Some(own)) = (policy.rules(direction), own) else { return Ok(None) };
        let all = &self.indices.of_namespace[own];
        let (certain, possible) = if policy.pods.is_empty() {
            (Arc::clone(all), Arc::clone(all))
        } else {
            let matched = self.pods(&policy.pods)?;
            ((&matched.certain & &**all).into(), (&matched.possible & &**all).into())
        };
        let (isolates, allows) = match self.reading {
            Reading::Certain => (possible, certain),
            Reading::Possible => (certain, possible),
        };
        if !policy.pods.is_empty() {
            self.meter.take_set(&isolates)?;
            self.meter.take_set(&allows)?;
        }
        let mut rules: Vec<_> = rules.iter().map(|rule| self.rule(rule, own)).collect::<Result<_, _>>()?;
        rules.shrink_to_fit();
        Ok(Some(CompiledPolicy { isolates, allows, rules }))
    }

    fn rule(&mut self, rule: &'p PolicyRule, own: usize) -> Result<CompiledRule, M::Refusal> {
        let peers = match rule.peers.as_slice() {
            [only] => self.peer(only, own)?,
            several => {
                let each: Vec<_> = several.iter().map(|peer| self.peer(peer, own)).collect::<Result<_, _>>()?;
                let mut all = union(each.iter().map(AsRef::as_ref));
                all.optimize();
                self.meter.take_set(&all)?;
                Arc::new(all)
            }
        };
        self.meter.take_ports(&rule.ports)?;
        Ok(CompiledRule { peers, ports: rule.ports.clone(), names: rule.named_ports.clone() })
    }

    fn peer(&mut self, peer: &'p PolicyPeer, own: usize) -> Result<Arc<RoaringBitmap>, M::Refusal> {
        let is_relative = matches!(peer, PolicyPeer::Pods { namespaces: None, .. });
        let key = (is_relative.then_some(own), peer);
        if let Some(known) = self.peers.get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut found = match peer {
            PolicyPeer::Everything => {
                let mut all = RoaringBitmap::new();
                all.insert_range(0..self.ends.len());
                all
            }
            PolicyPeer::Addresses(block) => self.ends.matched_by_block(block),
            PolicyPeer::Pods { namespaces, pods } => self.peer_pods(namespaces.as_ref(), pods, own)?,
        };
        found.optimize();
        self.meter.take_set(&found)?;
        let found = Arc::new(found);
        self.peers.insert(key, Arc::clone(&found));
        Ok(found)
    }

    fn peer_pods(
        &mut self,
        namespaces: Option<&'p LabelSelector>,
        pods: &'p LabelSelector,
        own: usize,
    ) -> Result<RoaringBitmap, M::Refusal> {
        let inside = match namespaces {
            None => RoaringBitmap::clone(&self.indices.of_namespace[own]),
            Some(selector) => {
                let selected = self.namespaces(selector)?;
                union(self.read(&selected).iter().map(|id| &*self.indices.of_namespace[id as usize]))
            }
        };
        if pods.is_empty() {
            return Ok(inside);
        }
        let selected = self.pods(pods)?;
        Ok(inside & self.read(&selected))
    }

    fn read<'s>(&self, selection: &'s Selection) -> &'s RoaringBitmap {
        match self.reading {
            Reading::Certain => &selection.certain,
            Reading::Possible => &selection.possible,
        }
    }

    fn pods(&mut self, selector: &'p LabelSelector) -> Result<Arc<Selection>, M::Refusal> {
        Self::selected(&mut self.pods, &self.indices.pods, selector, self.meter)
    }

    fn namespaces(&mut self, selector: &'p LabelSelector) -> Result<Arc<Selection>, M::Refusal> {
        Self::selected(&mut self.namespaces, &self.indices.namespaces, selector, self.meter)
    }

    /// What `selector` matches in `index`, found once.
    fn selected(
        known: &mut Table<&'p LabelSelector, Arc<Selection>>,
        index: &LabelIndex,
        selector: &'p LabelSelector,
        meter: &M,
    ) -> Result<Arc<Selection>, M::Refusal> {
        if let Some(selection) = known.get(selector) {
            return Ok(Arc::clone(selection));
        }
        let mut selection = index.select(selector);
        selection.certain.optimize();
        selection.possible.optimize();
        meter.take_set(&selection.certain)?;
        meter.take_set(&selection.possible)?;
        let selection = Arc::new(selection);
        known.insert(selector, Arc::clone(&selection));
        Ok(selection)
    }
}
