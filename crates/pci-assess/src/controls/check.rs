//! What must hold of a control for its result to be worth anything.

use netpol_reach::{InputError, Place, clean, nearest};
use pci_stack::{TypeName, catalog::ComponentTypes};

use super::{Claim, Class, Clause, ClauseSource, Control, Reachable, RuleEntry};

/// Checks `control`, which stands in the file of `requirement` at `place`.
pub(super) fn control(
    control: &Control,
    requirement: u16,
    types: &ComponentTypes,
    place: &Place,
) -> Result<(), InputError> {
    let wrong = |what: String| Err(InputError::new(place.clone(), what));
    let id = &control.id;
    if id.requirement() != requirement {
        return wrong(format!("{id} is no control of requirement {requirement}"));
    }
    if !(1..=6).contains(&control.milestone) {
        return wrong(format!("the milestone of {id} is not one of 1 to 6"));
    }
    let is_judged = matches!(control.claim, Claim::Evidenced | Claim::Supported | Claim::Partial);
    match control.class {
        Class::Manual if is_judged || !control.rule.is_empty() => {
            return wrong(format!("{id} is judged by people: it has no rule, and nothing is claimed"));
        }
        Class::Manual if control.asks.as_deref().is_none_or(|asks| asks.trim().is_empty()) => {
            return wrong(format!("{id} is judged by people and does not say what they show: `asks` is missing"));
        }
        Class::Manual => return Ok(()),
        Class::Network | Class::Component if !is_judged => {
            return wrong(format!("{id} has a rule, so `claim` is evidenced, supported or partial"));
        }
        Class::Network | Class::Component => {}
    }
    for entry in &control.rule {
        rule_entry(control, entry, types)?;
    }
    // Nothing may be shown by nothing: some clause decides, of a type that is no mere addition.
    if !control.rule.iter().any(|entry| !entry.is_beyond && !entry.required.is_empty()) {
        return wrong(format!("no clause decides {id}: its rule needs `required`"));
    }
    Ok(())
}

fn rule_entry(control: &Control, entry: &RuleEntry, types: &ComponentTypes) -> Result<(), InputError> {
    let wrong = |what: String| InputError::new(entry.place.clone(), format!("{}: {what}", control.id));
    let known = |name: &TypeName| {
        if types.get(name).is_some() {
            return Ok(());
        }
        let error = wrong(format!("no component type `{name}`"));
        let near = nearest(name.as_str(), types.iter().map(|known| known.name.as_str()));
        Err(match near {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        })
    };
    entry.kind.as_ref().map_or(Ok(()), known)?;
    if entry.kind.is_none() && control.class == Class::Component {
        return Err(wrong("an entry of a component control names its `type`".to_owned()));
    }
    if entry.is_beyond && !entry.required.is_empty() {
        return Err(wrong("a type that is `beyond` completes, and decides nothing".to_owned()));
    }
    for reachable in entry.reach.iter().flatten() {
        match reachable {
            Reachable::To(name) | Reachable::From(name) => known(name)?,
            Reachable::Internet(_) | Reachable::ApiServer => {}
        }
    }
    if let Some(clause) = entry.required.iter().find(|clause| is_never_decisive(&clause.source)) {
        return Err(wrong(format!(
            "\"{}\" can only support: a template or a file of ours decides nothing",
            clause.says
        )));
    }
    for clause in entry.required.iter().chain(&entry.supporting) {
        types_of(clause).into_iter().try_for_each(known)?;
        if let Some((kind, attribute)) = unknown_attribute(entry, clause, types) {
            let what = format!("`{kind}` has no attribute `{}` that may be read", clean(attribute));
            return Err(wrong(what).help("attributes stand in component-types.yaml, each from documentation"));
        }
    }
    Ok(())
}

fn is_never_decisive(source: &ClauseSource) -> bool {
    matches!(source, ClauseSource::Template | ClauseSource::Generated(_))
}

/// The types that a clause names.
fn types_of(clause: &Clause) -> Vec<&TypeName> {
    match &clause.source {
        ClauseSource::Attribute { of, .. } => of.iter().collect(),
        ClauseSource::LinkAttribute { to, .. } => to.iter().collect(),
        ClauseSource::Has(name) => vec![name],
        ClauseSource::LinkTo(names) | ClauseSource::LinkFrom(names) | ClauseSource::EachInScopeLinksTo(names) => {
            names.iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The type and the attribute that a clause asks of it, if no documentation names it.
fn unknown_attribute<'c>(
    entry: &'c RuleEntry,
    clause: &'c Clause,
    types: &ComponentTypes,
) -> Option<(&'c TypeName, &'c str)> {
    let (kind, name) = match &clause.source {
        ClauseSource::Attribute { name, of, .. } => (of.as_ref().or(entry.kind.as_ref())?, name),
        ClauseSource::LinkAttribute { name, .. } => (entry.kind.as_ref()?, name),
        _ => return None,
    };
    let is_known = types.get(kind).is_some_and(|known| known.attributes().any(|attribute| attribute == name));
    (!is_known).then_some((kind, name))
}
