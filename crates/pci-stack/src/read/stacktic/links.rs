//! `links_to` and `links_from` of all components → links, each once.

use std::collections::{BTreeMap, HashMap};

use netpol_reach::{InputError, Place, clean};
use serde_saphyr::Location;

use super::{
    components::Components,
    facts,
    raw::{Attribute, Entries, Node, RawLink},
    reader::{Reader, find},
    secrets::Owner,
};
use crate::{ComponentId, Finding, Link, LinkId, Reading, TypeName, budget::LINKS, findings};

/// One entry of a `links_to` or `links_from`.
struct Side<'r, 'a> {
    at: Location,
    kind: String,
    link: &'r RawLink<'a>,
}

/// What stands in the file of links from one component to another.
#[derive(Default)]
struct Sides<'r, 'a> {
    /// In `links_to` of the source.
    to: Vec<Side<'r, 'a>>,
    /// In `links_from` of the target.
    from: Vec<Side<'r, 'a>>,
}

type Pairs<'r, 'a> = BTreeMap<(ComponentId, ComponentId), Sides<'r, 'a>>;

/// All links, by source and target.
pub(super) fn read(reader: &mut Reader, components: &Components) -> Result<Vec<Link>, InputError> {
    let mut pairs = Pairs::new();
    for (index, node) in components.nodes.iter().enumerate() {
        let near = ComponentId::new(index);
        if let (Some(copy), Some(parent)) = (&node.parent, components.list[index].parent) {
            compare(reader, components, parent, copy, components.list[index].place.line)?;
        }
        let mut take = |entries, is_to| collect(reader, components, near, entries, is_to, &mut pairs);
        take(&node.links_to, true)?;
        take(&node.links_from, false)?;
    }
    let mut links = Vec::with_capacity(pairs.len());
    for ((source, target), sides) in pairs {
        let at = sides.to.iter().chain(&sides.from).map(|side| side.at).next();
        join(reader, components, source, target, sides, &mut links)?;
        LINKS.check(links.len(), || at.map_or_else(|| Place::whole(&reader.file), |at| reader.place(at)))?;
    }
    Ok(links)
}

fn collect<'r, 'a>(
    reader: &mut Reader,
    components: &Components,
    near: ComponentId,
    entries: &'r Entries<'a, RawLink<'a>>,
    is_to: bool,
    pairs: &mut Pairs<'r, 'a>,
) -> Result<(), InputError> {
    for (at, key, link) in &entries.0 {
        let far = components.resolve(reader, *at, key.as_str(), link.far.as_deref())?;
        if let Some(copy) = &link.far {
            compare(reader, components, far, copy, line(*at))?;
        }
        let (source, target) = if is_to { (near, far) } else { (far, near) };
        let type_of = |id: ComponentId| &components.list[id.index()].kind;
        let kind = match &link.kind {
            Some(kind) => clean(kind.as_str()),
            None => format!("{}-{}", type_of(source), type_of(target)),
        };
        let others = pairs.len();
        let sides = pairs.entry((source, target)).or_default();
        LINKS.check(others + 1, || reader.place(*at))?;
        let side = Side { at: *at, kind, link };
        if is_to { sides.to.push(side) } else { sides.from.push(side) }
    }
    Ok(())
}

fn line(at: Location) -> u32 {
    u32::try_from(at.line()).unwrap_or(u32::MAX)
}

/// Compares a copy of `id` with its own entry, and its parent's copy with the parent's.
fn compare(
    reader: &mut Reader,
    components: &Components,
    id: ComponentId,
    copy: &Node,
    line: u32,
) -> Result<(), InputError> {
    let component = &components.list[id.index()];
    let own = components.nodes[id.index()];
    if copy.kind.as_ref().is_some_and(|kind| reader.words.canonical(kind.as_str()) != component.kind) {
        let what = format!("the copy of `{}` in the link at line {line} has another `type`", component.name);
        return Err(InputError::new(component.place.clone(), what).help("one of the two is wrong"));
    }
    for (index, copied) in copy.attributes.iter().enumerate() {
        let name = copied.name.as_str();
        let beside = own.attributes.get(index).filter(|own| own.name.as_str() == name);
        let decides = name == "namespace" || reader.words.reading(&component.kind, name) == Some(&Reading::Port);
        let there = reader.place(copied.at);
        let Some(original) = beside.or_else(|| components.attribute(id, name)) else {
            if decides && !facts::is_blank(&copied.value) {
                let what = format!("`{}` has no `{name}`, and its copy at {there} has one", component.name);
                return Err(InputError::new(component.place.clone(), what).help("one of the two is wrong"));
            }
            continue;
        };
        if original.value.same(&copied.value) {
            continue;
        }
        let here = reader.place(original.at);
        if decides {
            let what = format!("`{name}` of `{}` differs from its copy at {there}", component.name);
            return Err(InputError::new(here, what).help("one of the two is wrong"));
        }
        let message = format!("`{}` of `{}` differs in a copy of it at {there}", clean(name), component.name);
        reader.findings.push(Finding::new(&findings::COPY_DIFFERS, message, Some(here)));
    }
    match (&copy.parent, component.parent) {
        (Some(copy), Some(parent)) => compare(reader, components, parent, copy, line),
        _ => Ok(()),
    }
}

/// The links that `sides` are of: one for each type.
fn join(
    reader: &mut Reader,
    components: &Components,
    source: ComponentId,
    target: ComponentId,
    sides: Sides,
    links: &mut Vec<Link>,
) -> Result<(), InputError> {
    let name = |id: ComponentId| &components.list[id.index()].name;
    let ends = format!("{} -> {}", name(source), name(target));
    if let ([to], [from]) = (sides.to.as_slice(), sides.from.as_slice())
        && to.kind != from.kind
    {
        let what = format!("the link `{ends}` has another `type` at its other end, {}", reader.place(from.at));
        return Err(reader.error(to.at, what).help("one of the two is wrong"));
    }
    let mut kinds: BTreeMap<String, (Option<Side>, Option<Side>)> = BTreeMap::new();
    for (is_to, side) in
        sides.to.into_iter().map(|side| (true, side)).chain(sides.from.into_iter().map(|side| (false, side)))
    {
        let halves = kinds.entry(side.kind.clone()).or_default();
        let half = if is_to { &mut halves.0 } else { &mut halves.1 };
        if let Some(first) = half {
            let what = format!("the link `{ends}` stands here and at {}", reader.place(first.at));
            return Err(reader.error(side.at, what).help("keep one"));
        }
        *half = Some(side);
    }
    let type_of = |id: ComponentId| &components.list[id.index()].kind;
    let usual = TypeName::new(&format!("{}-{}", type_of(source), type_of(target)));
    for (kind, (to, from)) in &kinds {
        let at = to.iter().chain(from).map(|side| side.at).next();
        let written =
            match (components.nodes[source.index()].kind.as_ref(), components.nodes[target.index()].kind.as_ref()) {
                (Some(source), Some(target)) => TypeName::new(&format!("{}-{}", source.as_str(), target.as_str())),
                _ => usual.clone(),
            };
        if let Some(at) = at.filter(|_| ![&usual, &written].contains(&&TypeName::new(kind))) {
            let message = format!("the type of the link `{ends}` is not `{usual}`, which its ends make");
            reader.findings.push(Finding::new(&findings::LINK_TYPE_DIFFERS, message, Some(reader.place(at))));
        }
    }
    let is_alone = kinds.len() == 1;
    for (kind, halves) in kinds {
        let id = if is_alone { LinkId::new(&ends) } else { LinkId::new(&format!("{ends} ({kind})")) };
        let side = match halves {
            (Some(to), Some(from)) => {
                same_attributes(reader, &id, &to.link.attributes, &from.link.attributes)?;
                to
            }
            // A link written short says no more than its ends, and stands where its author put it.
            (Some(side), None) | (None, Some(side)) if side.link.far.is_none() => side,
            (Some(side), None) | (None, Some(side)) => {
                let message = format!("the link `{id}` stands at one of its ends only");
                reader.findings.push(Finding::new(&findings::ONE_SIDED_LINK, message, Some(reader.place(side.at))));
                side
            }
            (None, None) => continue,
        };
        let source_kind = &components.list[source.index()].kind;
        let words = reader.words;
        let owner = owner(components, &id, [source, target], &side.link.attributes);
        let kept = facts::keep(reader, &owner, &side.link.attributes, |name| words.link_reading(source_kind, name))?;
        let port = kept.ports.into_values().next();
        links.push(Link { id, source, target, kind, port, facts: kept.facts, place: reader.place(side.at) });
    }
    Ok(())
}

/// Who has the secrets among the `attributes` of the link `id`: they are often named after its `ends`.
fn owner(components: &Components, id: &LinkId, ends: [ComponentId; 2], attributes: &[Attribute]) -> Owner {
    let ends = ends.into_iter().flat_map(|end| [Some(end), components.list[end.index()].parent]).flatten();
    Owner::new(id.as_str(), ends.flat_map(|end| components.known_as(end)), attributes)
}

fn same_attributes(reader: &Reader, id: &LinkId, to: &[Attribute], from: &[Attribute]) -> Result<(), InputError> {
    let lone = |one: &[Attribute], other: &[Attribute]| {
        if one.len() == other.len()
            && one.iter().zip(other).all(|(a, b)| a.name.as_str() == b.name.as_str() && a.value.same(&b.value))
        {
            return None;
        }
        let other: HashMap<&str, &Attribute> = other.iter().map(|b| (b.name.as_str(), b)).collect();
        one.iter()
            .find(|a| !other.get(a.name.as_str()).is_some_and(|b| b.value.same(&a.value)))
            .map(|a| (a.at, clean(a.name.as_str())))
    };
    let Some((at, name)) = lone(to, from).or_else(|| lone(from, to)) else { return Ok(()) };
    let other = [from, to].into_iter().filter_map(|side| find(side, &name)).find(|b| b.at != at);
    let there = other.map(|b| format!(", {}", reader.place(b.at))).unwrap_or_default();
    let what = format!("`{name}` of the link `{id}` says something else at its other end{there}");
    Err(reader.error(at, what).help("one of the two is wrong"))
}
