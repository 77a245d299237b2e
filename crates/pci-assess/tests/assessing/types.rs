//! What each component type of the product's table brings: with all that is recommended of it a control of every
//! requirement of its row, bare next to nothing, and badly set or cut off nothing, with the reason.

use std::collections::BTreeSet;

use pci_assess::controls::{ClauseSource, Condition};
use pci_engine::{Snapshot, change};
use pci_fixtures::{SERVED, component, read, stack};
use pci_stack::{Change, Level, Op};
use serde_json::json;

use super::{after_all, ask, block_of, demo, demo_with_profile, risen, same, without_type};

/// The demo without `kind`. A database moves requirement 3 where it may hold account data: where nobody says otherwise.
fn base(kind: &str) -> Snapshot {
    match kind {
        "cnpg" => without_type(&demo_with_profile("{}"), kind),
        _ => without_type(&demo(), kind),
    }
}

fn requirements(ids: &[String]) -> BTreeSet<u16> {
    ids.iter().map(|id| id.split('.').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn each_type_with_its_block_moves_a_control_of_every_requirement_of_its_row() {
    for (kind, served) in SERVED {
        let base = base(kind);
        let impact = ask(same(&base), "impact", json!({"component_type": kind, "detail": "full"})).fields;
        let gained = impact["controls_gained"].as_array().unwrap();
        let moved: BTreeSet<u16> =
            gained.iter().map(|one| u16::try_from(one["requirement"].as_u64().unwrap()).unwrap()).collect();
        let missing: Vec<&u16> = served.iter().filter(|number| !moved.contains(number)).collect();
        assert!(missing.is_empty(), "{kind} moves nothing of {missing:?}, only {moved:?}");
        for change in gained {
            assert!(change["because"].as_str().unwrap().len() > 10, "{kind}: {change}");
        }
    }
}

#[test]
fn bare_it_moves_next_to_nothing_and_the_answer_lists_what_to_state() {
    for (kind, _) in SERVED {
        let base = base(kind);
        let block = block_of(&base, kind);
        let alone = change::apply(&base, &block.bare).unwrap();
        // A gateway is the one way in: that there is one is all that 1.4.1 and 1.4.2 wait for.
        let expected: &[&str] = match kind {
            "apisix" => &["1.4.1", "1.4.2"],
            _ => &[],
        };
        assert_eq!(risen(&base, &alone), expected, "{kind}");
        let impact = ask(same(&base), "impact", json!({"component_type": kind, "detail": "full"})).fields;
        let assumed = impact["assumed"].as_array().unwrap();
        let facts = assumed
            .iter()
            .filter(|change| change["op"] == "set_fact")
            .map(|change| change["attribute"].as_str().unwrap());
        let known = base.catalog().types.get(&pci_stack::TypeName::new(kind)).unwrap();
        let recommended = &known.recommended.as_ref().unwrap().facts;
        assert_eq!(facts.collect::<Vec<_>>(), recommended.keys().map(String::as_str).collect::<Vec<_>>(), "{kind}");
    }
}

/// A value of the fact `name` of `kind` that no rule takes.
fn wrong(snapshot: &Snapshot, kind: &str, name: &str) -> String {
    let controls = &snapshot.tables().controls;
    let entries = controls.iter().flat_map(|control| &control.rule);
    let of_kind = entries.filter(|entry| entry.kind.as_ref().is_some_and(|of| of.as_str() == kind));
    let conditions: Vec<&Condition> = of_kind
        .flat_map(|entry| entry.required.iter().chain(&entry.supporting))
        .filter_map(|clause| match &clause.source {
            ClauseSource::Fact { name: asked, condition } if asked == name => Some(condition),
            ClauseSource::Attribute { name: asked, condition, .. } if asked == name => Some(condition),
            _ => None,
        })
        .collect();
    let takes = |value: &str, condition: &Condition| {
        let number = value.parse::<i64>();
        match condition {
            Condition::Is(values) => values.iter().any(|one| one == value),
            Condition::IsNot(values) => !values.iter().any(|one| one == value),
            Condition::AtLeast(least) => number.is_ok_and(|number| number >= *least),
            Condition::AtMost(most) => number.is_ok_and(|number| number <= *most),
            Condition::Stated => value != "TODO",
        }
    };
    let tried = ["false", "none", "0", "999999", "selfsigned", "Emergency", "0s", "TODO"];
    let fits = |value: &&&str| !conditions.iter().any(|condition| takes(value, condition));
    (*tried.iter().find(fits).unwrap_or_else(|| panic!("{kind} {name}"))).to_owned()
}

#[test]
fn badly_set_it_moves_nothing_and_the_answer_says_why() {
    for (kind, _) in SERVED {
        let base = base(kind);
        let block = block_of(&base, kind);
        let bad = block.changes().into_iter().map(|change| match (change.op, &change.from) {
            (Op::SetFact, _) | (Op::SetAttribute, None) => {
                let name = change.attribute.as_deref().unwrap();
                Change { value: Some(wrong(&base, kind, name)), ..change }
            }
            (Op::AddComponent, _) if change.attributes.is_some() => {
                let attributes = change.attributes.iter().flatten();
                let set = attributes.map(|(name, value)| {
                    (name.clone(), if name == "opa_action" { json!("warn") } else { value.clone() })
                });
                Change { attributes: Some(set.collect()), ..change }
            }
            _ => change,
        });
        let bad: Vec<Change> = bad.collect();
        let set_badly = after_all(&base, &bad);
        // What the component and its links alone bring: a gateway lets Keycloak be reached.
        let links = block.changes().into_iter().filter(|change| matches!(change.op, Op::AddLink | Op::AddComponent));
        let links = links.filter(|change| change.attributes.is_none()).collect::<Vec<_>>();
        let alone = after_all(&base, &links);
        assert_eq!(risen(&alone, &set_badly), [""; 0], "{kind}");
        // The impact of what is there already completes what is not said, and leaves what is said as it is.
        let text = ask(set_badly, "impact", json!({"component_type": kind})).text;
        assert!(text.contains("No control rises, since something is still missing"), "{kind}: {text}");
        assert!(text.contains("is asked") || text.contains("which shows nothing"), "{kind}: {text}");
    }
}

#[test]
fn cut_off_it_moves_nothing_and_the_answer_says_why() {
    // Nobody of those that it needs is there, and nothing lets it out.
    for (kind, exceptions) in [
        ("falco", &[][..]),
        ("trivy", &[]),
        ("keycloak", &[]),
        ("opensearch", &[]),
        ("external_secrets", &[]),
        ("velero", &["velero-internet"]),
        ("argo_cd", &["argo-cd-internet", "argo-cd-to-git"]),
    ] {
        let text = stack(&(component("shop", "fastapi", "port: 8080", &[]) + &component("cache", "redis", "", &[])));
        let open = read(&text, Some("{}"), Some(Level::PciDssStrict)).unwrap();
        let disabled = json!({"disabled": true});
        let closed = exceptions.iter().map(|id| Change::set_exception(*id, disabled.as_object().unwrap().clone()));
        let alone = after_all(&open, &closed.collect::<Vec<_>>());
        let reply = ask(alone, "impact", json!({"component_type": kind}));
        assert_eq!(reply.fields["controls_gained"], json!([]), "{kind}");
        assert!(reply.text.contains("No control rises, since something is still missing"), "{kind}: {}", reply.text);
        assert!(reply.text.contains("it can't reach what it serves: there is no way"), "{kind}: {}", reply.text);
    }
}

#[test]
fn without_its_links_it_moves_only_what_needs_nobody_else() {
    for (kind, expected) in [
        ("falco", &[][..]),
        ("keycloak", &[]),
        ("trivy", &[]),
        ("opensearch", &[]),
        ("external_secrets", &[]),
        // Clocks are judged on the nodes.
        ("prometheus", &[10]),
    ] {
        let base = base(kind);
        let block = block_of(&base, kind);
        let unlinked: Vec<Change> = block.changes().into_iter().filter(|change| change.from.is_none()).collect();
        let moved = risen(&base, &after_all(&base, &unlinked));
        assert_eq!(requirements(&moved), expected.iter().copied().collect(), "{kind}: {moved:?}");
    }
}
