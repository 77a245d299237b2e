//! Entries of `components` → components and sub-components.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use netpol_reach::{InputError, Namespace, clean, nearest};
use serde_saphyr::Location;

use super::{
    facts,
    raw::{Attribute, Entries, Node, Text},
    reader::{Reader, find},
    secrets::Owner,
};
use crate::{
    Component, ComponentId, ComponentRef, Finding, TypeName,
    budget::{ATTRIBUTES, COMPONENTS, NAMESPACES},
    findings,
};

/// The type of the pseudo component that stands for the platform: a namespace, but no workload.
const PSEUDO: &str = "stacktic";

/// All components, and their entries in the file.
pub(super) struct Components<'r, 'a> {
    pub(super) list: Vec<Component>,
    /// The entry of each component of `list`.
    pub(super) nodes: Vec<&'r Node<'a>>,
    by_name: HashMap<ComponentRef, ComponentId>,
    by_bare_name: HashMap<Arc<str>, Vec<ComponentId>>,
    /// The attributes of a component's own entry by name, once somebody asked.
    by_attribute: Vec<OnceCell<HashMap<&'r str, &'r Attribute<'a>>>>,
    namespaces: HashSet<Namespace>,
    /// How many attributes there are.
    attributes: usize,
}

impl<'r, 'a> Components<'r, 'a> {
    pub(super) fn read(reader: &mut Reader, entries: &'r Entries<'a, Node<'a>>) -> Result<Self, InputError> {
        let mut components = Self {
            list: Vec::new(),
            nodes: Vec::new(),
            by_name: HashMap::new(),
            by_bare_name: HashMap::new(),
            by_attribute: Vec::new(),
            namespaces: HashSet::new(),
            attributes: 0,
        };
        for (at, key, node) in &entries.0 {
            let kind = kind_of(reader, *at, node)?;
            if kind.as_str() == PSEUDO {
                continue;
            }
            let id = components.add(reader, *at, key.as_str(), node, kind, None)?;
            for (at, key, sub) in &node.sub_components.0 {
                let kind = kind_of(reader, *at, sub)?;
                components.add(reader, *at, key.as_str(), sub, kind, Some(id))?;
            }
        }
        Ok(components)
    }

    fn add(
        &mut self,
        reader: &mut Reader,
        at: Location,
        key: &str,
        node: &'r Node<'a>,
        kind: TypeName,
        parent: Option<ComponentId>,
    ) -> Result<ComponentId, InputError> {
        let name = name_of(node, key);
        if name.is_empty() {
            return Err(reader.error(at, "a component without a name"));
        }
        let name = ComponentRef { parent: parent.map(|id| Arc::clone(&self.list[id.index()].name.name)), name };
        if let Some(first) = self.by_name.get(&name) {
            let first = &self.list[first.index()].place;
            return Err(reader.error(at, format!("a second component `{name}`; the first is at {first}")));
        }
        COMPONENTS.check(self.list.len() + 1, || reader.place(at))?;
        self.attributes += node.attributes.len();
        ATTRIBUTES.check(self.attributes, || reader.place(at))?;
        reader.unknown_keys(&node.unknown);
        let external = find(&node.attributes, "is_external").map(|found| &found.value);
        let is_external = external.into_iter().chain(&node.is_external).any(facts::is_true);
        let namespace = if parent.is_some() { None } else { namespace_of(reader, at, &name, node, is_external)? };
        if let Some(namespace) = &namespace {
            self.namespaces.insert(namespace.clone());
            NAMESPACES.check(self.namespaces.len(), || reader.place(at))?;
        }
        let words = reader.words;
        if !words.knows(&kind) {
            let hint = nearest(kind.as_str(), words.names()).map(|near| format!("; did you mean `{near}`?"));
            let message = format!("the type `{kind}` of `{name}` is not known{}", hint.unwrap_or_default());
            reader.findings.push(Finding::new(&findings::UNKNOWN_TYPE, message, Some(reader.place(at))));
        }
        let owner = Owner::new(&name.to_string(), self.guesses(node, &name, &kind, parent), &node.attributes);
        let kept = facts::keep(reader, &owner, &node.attributes, |name| words.reading(&kind, name))?;
        let id = ComponentId::new(self.list.len());
        self.by_bare_name.entry(Arc::clone(&name.name)).or_default().push(id);
        self.by_name.insert(name.clone(), id);
        let place = reader.place(at);
        let (declared_ports, facts) = (kept.ports, kept.facts);
        self.list.push(Component { name, kind, parent, namespace, is_external, declared_ports, facts, place });
        self.nodes.push(node);
        self.by_attribute.push(OnceCell::new());
        Ok(id)
    }

    /// Names and types by which somebody might guess a secret of the component: its own and its parent's, each type
    /// also as the file writes it.
    fn guesses<'n>(
        &'n self,
        node: &'n Node,
        name: &'n ComponentRef,
        kind: &'n TypeName,
        parent: Option<ComponentId>,
    ) -> impl Iterator<Item = &'n str> {
        let of_parent = parent.map(|id| self.known_as(id)).into_iter().flatten();
        let written = node.kind.as_ref().map(Text::as_str);
        [name.name.as_ref(), kind.as_str()].into_iter().chain(written).chain(of_parent)
    }

    /// The name of `id` and its type, also as the file writes it.
    pub(super) fn known_as(&self, id: ComponentId) -> impl Iterator<Item = &str> {
        let component = &self.list[id.index()];
        let written = self.nodes[id.index()].kind.as_ref().map(Text::as_str);
        [component.name.name.as_ref(), component.kind.as_str()].into_iter().chain(written)
    }

    /// The attribute `name` of the component's own entry.
    pub(super) fn attribute(&self, id: ComponentId, name: &str) -> Option<&'r Attribute<'a>> {
        let node = self.nodes[id.index()];
        let index = self.by_attribute[id.index()]
            .get_or_init(|| node.attributes.iter().map(|attribute| (attribute.name.as_str(), attribute)).collect());
        index.get(name).copied()
    }

    /// Whom the link entry `key` means: the component that its copy `far` is of or, without a copy, the only one
    /// of that name.
    pub(super) fn resolve(
        &self,
        reader: &Reader,
        at: Location,
        key: &str,
        far: Option<&Node>,
    ) -> Result<ComponentId, InputError> {
        if let Some(far) = far {
            let parent = far.parent.as_ref().map(|parent| name_of(parent, ""));
            let name = ComponentRef { parent, name: name_of(far, key) };
            return self.by_name.get(&name).copied().ok_or_else(|| self.nobody(reader, at, &name.to_string()));
        }
        let key = clean(key);
        if let Some((parent, name)) = key.split_once('/') {
            let name = ComponentRef { parent: Some(parent.into()), name: name.into() };
            if let Some(id) = self.by_name.get(&name) {
                return Ok(*id);
            }
        }
        match self.by_bare_name.get(key.as_str()).map(Vec::as_slice) {
            Some([id]) => Ok(*id),
            Some(several @ [_, ..]) => {
                let names: Vec<_> = several.iter().map(|id| format!("`{}`", self.list[id.index()].name)).collect();
                let what = format!("`{key}` is the name of {}", names.join(" and of "));
                Err(reader.error(at, what).help("say which, by the link's `component`, or as PARENT/NAME"))
            }
            _ => Err(self.nobody(reader, at, &key)),
        }
    }

    fn nobody(&self, reader: &Reader, at: Location, name: &str) -> InputError {
        let error = reader.error(at, format!("a link to `{name}`, which is no component of this stack"));
        let names: Vec<String> = self.list.iter().map(|component| component.name.to_string()).collect();
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        }
    }
}

/// The namespaces that components of `entries` say, each once.
pub(super) fn namespaces(entries: &Entries<Node>) -> HashSet<String> {
    let mut namespaces = HashSet::new();
    let said = entries.0.iter().filter_map(|(_, _, node)| find(&node.attributes, "namespace")?.value.text());
    for name in said.filter(|name| name.parse::<Namespace>().is_ok()) {
        if !namespaces.contains(name) {
            namespaces.insert(name.to_owned());
        }
    }
    namespaces
}

/// The name that `node` bears, or else the key it stands under.
fn name_of(node: &Node, key: &str) -> Arc<str> {
    clean(node.name.as_ref().map_or(key, |name| name.as_str())).into()
}

fn kind_of(reader: &Reader, at: Location, node: &Node) -> Result<TypeName, InputError> {
    match &node.kind {
        Some(kind) if !kind.as_str().trim().is_empty() => Ok(reader.words.canonical(kind.as_str())),
        _ => Err(reader.error(at, "a component without `type`")),
    }
}

fn namespace_of(
    reader: &Reader,
    at: Location,
    name: &ComponentRef,
    node: &Node,
    is_external: bool,
) -> Result<Option<Namespace>, InputError> {
    let is_doubtful = node.is_external.is_some() || find(&node.attributes, "is_external").is_some();
    match find(&node.attributes, "namespace").filter(|found| !facts::is_blank(&found.value)) {
        Some(attribute) => reader.namespace(attribute).map(Some),
        None if is_external => Ok(None),
        None if is_doubtful => Err(reader
            .error(at, format!("`{name}` has no `namespace`, and its `is_external` is not true"))
            .help("write `is_external: true`")),
        None => {
            Err(reader.error(at, format!("`{name}` has no `namespace`")).help("add it to the component's attributes"))
        }
    }
}
