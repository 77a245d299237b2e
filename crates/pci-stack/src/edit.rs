//! Edits of a stack, for asking what would be if. Ids are indexes: whatever moves a component takes its sub-components
//! and links along, so that an edited stack is what its file would be read as.

use std::collections::BTreeSet;

use netpol_reach::Place;

use super::{Component, ComponentId, Fact, Link, LinkId, Stack, findings};
use crate::Finding;

impl Stack {
    /// The components that `text` names: by the whole name or, where none bears that, by its last part.
    pub fn named(&self, text: &str) -> Vec<ComponentId> {
        let with = |is_meant: &dyn Fn(&str) -> bool| {
            let meant = self.with_ids().filter(|(_, component)| is_meant(&component.name.to_string()));
            meant.map(|(id, _)| id).collect::<Vec<_>>()
        };
        let whole = with(&|name| name == text);
        if whole.is_empty() { with(&|name| name.rsplit('/').next() == Some(text)) } else { whole }
    }

    /// The same component, to be changed.
    pub fn component_mut(&mut self, id: ComponentId) -> &mut Component {
        &mut self.components[id.index()]
    }

    /// The links from `source` to `target`, by their indexes.
    pub fn links_between(&self, source: ComponentId, target: ComponentId) -> Vec<usize> {
        let ends = (source, target);
        let between = self.links.iter().enumerate().filter(|(_, link)| (link.source, link.target) == ends);
        between.map(|(index, _)| index).collect()
    }

    /// Adds `component`: a sub-component after those of its parent, any other at the end.
    pub fn add_component(&mut self, component: Component) {
        let at = component.parent.map_or(self.components.len(), |parent| self.end_of(parent));
        self.renumber(|id| Some(if id.index() < at { id } else { ComponentId::new(id.index() + 1) }));
        self.components.insert(at, component);
    }

    /// Where the sub-components of `parent` end.
    fn end_of(&self, parent: ComponentId) -> usize {
        let own = self.with_ids().filter(|(_, component)| component.parent == Some(parent));
        own.map(|(id, _)| id).last().unwrap_or(parent).index() + 1
    }

    /// Takes `id` away, with its sub-components, the links of any of these, and what was noticed about them.
    pub fn remove_component(&mut self, id: ComponentId) {
        let mut gone: BTreeSet<ComponentId> = [id].into();
        gone.extend(self.with_ids().filter(|(_, component)| component.parent == Some(id)).map(|(sub, _)| sub));
        let (lost, kept) = std::mem::take(&mut self.links)
            .into_iter()
            .partition(|link| gone.contains(&link.source) || gone.contains(&link.target));
        self.links = kept;
        let lost: Vec<Link> = lost;
        let mut places: BTreeSet<Place> =
            lost.iter().flat_map(|link| places(&link.place, link.facts.values())).collect();
        for id in &gone {
            let component = self.component(*id);
            places.extend(self::places(&component.place, component.facts.values()));
        }
        self.forget(&places);
        let ids: Vec<ComponentId> = gone.iter().copied().collect();
        self.renumber(|id| {
            let before = ids.partition_point(|gone| *gone < id);
            (!gone.contains(&id)).then(|| ComponentId::new(id.index() - before))
        });
        let mut index = 0..;
        self.components.retain(|_| index.next().is_none_or(|index| !gone.contains(&ComponentId::new(index))));
    }

    /// Adds `link` where it stands by its ends.
    pub fn add_link(&mut self, link: Link) {
        let at = self.links.partition_point(|known| (known.source, known.target) <= (link.source, link.target));
        self.links.insert(at, link);
    }

    /// Takes the link at `index` away, and what was noticed about it. A link left alone between its ends goes by them.
    pub fn remove_link(&mut self, index: usize) {
        let gone = self.links.remove(index);
        self.forget(&places(&gone.place, gone.facts.values()).collect());
        if let [only] = self.links_between(gone.source, gone.target).as_slice() {
            let ends = format!("{} -> {}", self.component(gone.source).name, self.component(gone.target).name);
            self.links[*only].id = LinkId::new(&ends);
        }
    }

    /// Drops what was noticed at `places`.
    pub fn forget(&mut self, places: &BTreeSet<Place>) {
        self.findings.retain(|finding| finding.r#where.as_ref().is_none_or(|place| !places.contains(place)));
    }

    /// Adds what was noticed, and sees to it that an empty stack is said to be one; `place` says by whom.
    pub fn notice(&mut self, more: impl IntoIterator<Item = Finding>, place: &Place) {
        self.findings.extend(more);
        let says_empty = |finding: &Finding| finding.id == findings::EMPTY_STACK.id;
        match (self.components.is_empty(), self.findings.iter().any(says_empty)) {
            (true, false) => {
                let finding = Finding::new(&findings::EMPTY_STACK, "the stack has no components", Some(place.clone()));
                self.findings.push(finding);
            }
            (false, true) => self.findings.retain(|finding| !says_empty(finding)),
            _ => {}
        }
        self.findings.sort();
        self.findings.dedup();
    }

    /// Gives every component the id that `new` says; those without one must be gone from all links.
    fn renumber(&mut self, new: impl Fn(ComponentId) -> Option<ComponentId>) {
        for component in &mut self.components {
            component.parent = component.parent.and_then(&new);
        }
        for link in &mut self.links {
            link.source = new(link.source).unwrap_or(link.source);
            link.target = new(link.target).unwrap_or(link.target);
        }
    }
}

/// The places of something and its attributes.
fn places<'s>(own: &'s Place, facts: impl Iterator<Item = &'s Fact>) -> impl Iterator<Item = Place> {
    std::iter::once(own).chain(facts.map(|fact| &fact.place)).cloned()
}
