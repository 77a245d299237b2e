//! What is recommended of a component type: it shows what the type can show, and asks for nothing that no rule names.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Port, PortNumber};
use pci_assess::controls::{Clause, ClauseSource, Condition, Reachable, RuleEntry};
use pci_fixtures::{SERVED, tables};
use pci_stack::{
    TypeName,
    catalog::{Catalog, ComponentTypes, Recommended, Subject},
};

fn catalog() -> Catalog {
    tables().catalog.clone()
}

fn block(catalog: &Catalog, kind: &str) -> Recommended {
    let known = catalog.types.get(&TypeName::new(kind)).unwrap();
    known.recommended.clone().unwrap_or_else(|| panic!("nothing is recommended of {kind}"))
}

fn holds(condition: &Condition, value: Option<&String>) -> bool {
    let Some(value) = value else { return false };
    let number = value.parse::<i64>().ok();
    match condition {
        Condition::Is(values) => values.contains(value),
        Condition::IsNot(values) => !values.contains(value),
        Condition::AtLeast(least) => number.is_some_and(|number| number >= *least),
        Condition::AtMost(most) => number.is_some_and(|number| number <= *most),
        Condition::Stated => !value.trim().is_empty(),
    }
}

/// What of `source` the block answers by itself; `None` if that is for the rest of the stack to answer.
fn answers(block: &Recommended, source: &ClauseSource) -> Option<bool> {
    let linked = |groups: &[Vec<TypeName>], types: &[TypeName]| groups.iter().flatten().any(|one| types.contains(one));
    Some(match source {
        ClauseSource::Attribute { name, of: None, condition, .. } => holds(condition, block.attributes.get(name)),
        ClauseSource::Attribute { name, of: Some(kind), condition, .. } => {
            let mut parts = block.sub_components.iter().filter(|part| part.kind == *kind).peekable();
            parts.peek().is_some() && parts.all(|part| holds(condition, part.attributes.get(name)))
        }
        ClauseSource::LinkAttribute { name, condition, .. } => holds(condition, block.link_attributes.get(name)),
        ClauseSource::Has(kind) => block.sub_components.iter().any(|part| part.kind == *kind),
        ClauseSource::LinkTo(types) => linked(&block.links_to, types),
        ClauseSource::LinkFrom(types) => linked(&block.links_from, types),
        ClauseSource::Fact { name, condition } => holds(condition, block.facts.get(name)),
        ClauseSource::EachInScopeLinksTo(_)
        | ClauseSource::No(_)
        | ClauseSource::Exceptions(_)
        | ClauseSource::Network(_)
        | ClauseSource::Template
        | ClauseSource::Generated(_) => return None,
    })
}

/// Whether an exception that is shipped lets components of `kind` out on `port`.
fn is_let_out(catalog: &Catalog, kind: &TypeName, port: u16) -> bool {
    let ports = [Port::tcp(PortNumber::try_from(u64::from(port)).unwrap())].into_iter().collect();
    catalog
        .exceptions
        .entries
        .iter()
        .any(|entry| entry.subject == Subject::Type(kind.clone()) && entry.lets_out_on(&ports))
}

/// Whether the block makes a link by which a component reaches, or is reached by, what it serves, or a shipped
/// exception lets it.
fn reaches(catalog: &Catalog, kind: &TypeName, block: &Recommended, group: &[Reachable]) -> bool {
    // A link to a sub-component ends where its parent listens.
    let is = |end: &TypeName, kind: &TypeName| {
        end == kind || catalog.types.get(end).is_some_and(|known| known.parent.as_ref() == Some(kind))
    };
    let linked = |groups: &[Vec<TypeName>], other: &TypeName| groups.iter().flatten().any(|end| is(end, other));
    group.iter().any(|reachable| match reachable {
        Reachable::To(other) => linked(&block.links_to, other),
        Reachable::From(other) => linked(&block.links_from, other),
        Reachable::Internet(port) => is_let_out(catalog, kind, *port),
        // A shipped exception lets every namespace there.
        Reachable::ApiServer => true,
    })
}

fn is_shown(catalog: &Catalog, block: &Recommended, entry: &RuleEntry) -> bool {
    let is_met = |clause: &Clause| answers(block, &clause.source).unwrap_or(true);
    let does_reach = |kind| entry.reach.iter().all(|group| reaches(catalog, kind, block, group));
    entry.kind.as_ref().is_some_and(does_reach) && entry.required.iter().all(is_met)
}

/// The entries of `kind` in all rules, each with its control.
fn entries(kind: &str) -> Vec<(String, u16, &'static RuleEntry)> {
    let kind = Some(TypeName::new(kind));
    let all = tables().controls.iter().flat_map(|control| control.rule.iter().map(move |entry| (control, entry)));
    all.filter(|(_, entry)| entry.kind == kind)
        .map(|(control, entry)| (control.id.to_string(), control.id.requirement(), entry))
        .collect()
}

fn clauses(entry: &RuleEntry) -> impl Iterator<Item = &Clause> {
    entry.required.iter().chain(&entry.supporting)
}

#[test]
fn the_types_of_the_products_table_are_those_of_which_something_is_recommended() {
    let catalog = catalog();
    let with_block = catalog.types.iter().filter(|known| known.recommended.is_some());
    let with_block: BTreeSet<String> = with_block.map(|known| known.name.to_string()).collect();
    assert_eq!(with_block, SERVED.iter().map(|(kind, _)| (*kind).to_owned()).collect());
}

#[test]
fn who_follows_it_shows_a_control_of_every_requirement_that_the_type_serves() {
    let catalog = catalog();
    for (kind, requirements) in SERVED {
        let block = block(&catalog, kind);
        let shown: BTreeSet<u16> = entries(kind)
            .into_iter()
            .filter(|(_, _, entry)| !entry.is_beyond && !entry.required.is_empty() && is_shown(&catalog, &block, entry))
            .map(|(_, requirement, _)| requirement)
            .collect();
        assert_eq!(shown, requirements.iter().copied().collect(), "{kind}");
    }
}

#[test]
fn it_answers_all_that_the_rules_ask_of_the_type_but_what_only_others_can_answer() {
    let catalog = catalog();
    // The gateway's routes to consoles are not recommended: publishing one is for people to decide.
    let is_left_out = |kind: &str, name: &str| kind == "apisix" && name == "apisix_oidc_enable";
    for (kind, _) in SERVED {
        let block = block(&catalog, kind);
        for (control, _, entry) in entries(kind) {
            for clause in clauses(entry) {
                if matches!(&clause.source, ClauseSource::LinkAttribute { name, .. } if is_left_out(kind, name)) {
                    continue;
                }
                assert_ne!(answers(&block, &clause.source), Some(false), "{kind}, {control}: {}", clause.says);
            }
        }
    }
}

#[test]
fn the_only_controls_that_it_leaves_unshown_are_these() {
    let catalog = catalog();
    let mut unshown = Vec::new();
    for (kind, _) in SERVED {
        let block = block(&catalog, kind);
        let decisive = entries(kind).into_iter().filter(|(_, _, entry)| !entry.is_beyond);
        let missing = decisive.filter(|(_, _, entry)| !is_shown(&catalog, &block, entry));
        unshown.extend(missing.map(|(control, _, _)| format!("{kind} {control}")));
    }
    assert_eq!(unshown, ["apisix 8.4.2", "apisix 8.4.3"]);
}

#[test]
fn no_fact_is_invented() {
    let catalog = catalog();
    for (kind, _) in SERVED {
        let entries = entries(kind);
        let named: BTreeSet<&String> = entries
            .iter()
            .flat_map(|(_, _, entry)| clauses(entry))
            .filter_map(|clause| match &clause.source {
                ClauseSource::Fact { name, .. } => Some(name),
                _ => None,
            })
            .collect();
        let block = block(&catalog, kind);
        assert_eq!(block.facts.keys().collect::<BTreeSet<_>>(), named, "{kind}");
        assert!(block.sub_components.iter().all(|part| part.facts.is_empty()), "{kind}: no rule asks for these");
    }
}

#[test]
fn every_attribute_of_it_is_documented() {
    let catalog = catalog();
    let is_documented = |kind: &TypeName, attributes: &BTreeMap<String, String>| {
        let known: BTreeSet<&str> = catalog.types.get(kind).unwrap().attributes().collect();
        attributes.keys().all(|name| known.contains(name.as_str()))
    };
    for known in catalog.types.iter() {
        let Some(block) = &known.recommended else { continue };
        assert!(is_documented(&known.name, &block.attributes), "{}", known.name);
        assert!(is_documented(&known.name, &block.link_attributes), "{}", known.name);
        for part in &block.sub_components {
            assert!(is_documented(&part.kind, &part.attributes), "{}", part.kind);
        }
    }
}

#[test]
fn of_several_links_to_one_store_none_goes_to_a_sub_component_if_its_parent_is_there() {
    let catalog = catalog();
    for known in catalog.types.iter() {
        let Some(block) = &known.recommended else { continue };
        for group in block.links_to.iter().chain(&block.links_from) {
            for (at, end) in group.iter().enumerate() {
                let parent = catalog.types.get(end).unwrap().parent.as_ref();
                assert!(parent.is_none_or(|parent| group[..at].contains(parent)), "{}: {end}", known.name);
            }
        }
    }
}

/// What reading the types says of this block of `gate`, which has the sub-component type `route`.
fn read(block: &str) -> Result<ComponentTypes, String> {
    let text = format!(
        "common_attributes: {{replicas: text}}\ncommon_link_attributes: {{}}\ntypes:\n  log: {{}}\n  route: {{parent: gate, attributes: {{path: text}}}}\n  gate:\n    attributes: {{mode: text}}\n    link_attributes: {{login: flag}}\n    recommended: {block}\n"
    );
    ComponentTypes::read("types.yaml", &text).map_err(|error| error.to_string())
}

#[test]
fn values_are_read_as_text_however_they_are_written() {
    let types = read(
        "{attributes: {mode: 7, replicas: 2}, link_attributes: {login: true}, sub_components: [{type: route, name: a, attributes: {path: /}, facts: {f: 1}}], links_to: [[log]], links_from: [[gate, log]], facts: {g: false}}",
    );
    let block = types.unwrap().get(&TypeName::new("gate")).unwrap().recommended.clone().unwrap();
    assert_eq!((&*block.attributes["mode"], &*block.attributes["replicas"]), ("7", "2"));
    assert_eq!((&*block.link_attributes["login"], &*block.facts["g"]), ("true", "false"));
    let part = &block.sub_components[0];
    assert_eq!(
        (part.kind.as_str(), &*part.name, &*part.attributes["path"], &*part.facts["f"]),
        ("route", "a", "/", "1")
    );
    assert_eq!(block.links_to, [[TypeName::new("log")]]);
    assert_eq!(block.links_from, [[TypeName::new("gate"), TypeName::new("log")]]);
}

#[test]
fn what_a_stack_could_not_say_is_refused_with_its_place() {
    let refused = |block: &str| read(block).unwrap_err();
    assert!(refused("{attributes: {mood: x}}").starts_with("types.yaml:9:"));
    assert!(refused("{attributes: {mood: x}}").contains("`gate` has no attribute `mood`"));
    assert!(refused("{attributes: {login: true}}").contains("`gate` has no attribute `login`"));
    assert!(refused("{link_attributes: {mode: x}}").contains("links of `gate` have no attribute `mode`"));
    assert!(refused("{links_to: [[lag]]}").contains("no component type `lag`"));
    assert!(refused("{links_from: [[rout]]}").contains("did you mean `route`?"));
    assert!(refused("{links_to: [[]]}").contains("names no type"));
    assert!(refused("{sub_components: [{type: log, name: a}]}").contains("`log` is no sub-component of `gate`"));
    assert!(refused("{sub_components: [{type: route, name: ''}]}").contains("has no name"));
    let part = "{sub_components: [{type: route, name: a, attributes: {mode: x}}]}";
    assert!(refused(part).contains("`route` has no attribute `mode`"));
    assert!(read("{link_to: [[log]]}").is_err(), "a key that is not known");
}
