//! What a change does not touch is not computed again, and it would come out the same.

use std::sync::Arc;

use pci_engine::{
    Snapshot,
    change::{self, Layer},
};
use pci_fixtures::{component, finding_ids, stack, strict};

use super::{after, changes, demo, policies};

fn layer(snapshot: &Snapshot, change: &str) -> Layer {
    Layer::of(&snapshot.premises(), &changes(&format!("- {change}\n"))[0])
}

/// The same premises, of which nothing was computed yet, and with nothing shared.
fn fresh(changed: &Snapshot) -> Snapshot {
    demo().under(changed.premises(), false)
}

#[test]
fn what_rules_read_is_told_from_what_they_do_not() {
    let demo = demo();
    for change in [
        "{op: set_attribute, name: checkout, attribute: port, value: 1}",
        "{op: set_attribute, name: checkout, attribute: is_external, value: true}",
        "{op: set_attribute, name: checkout, attribute: namespace, value: x}",
        "{op: set_attribute, name: nobody, attribute: rbac, value: true}",
        "{op: set_attribute, from: gateway, to: checkout, attribute: port, value: 1}",
        "{op: set_exception, name: x, attributes: {}}",
        "{op: set_level, value: none}",
    ] {
        assert_eq!(layer(&demo, change), Layer::Topology, "{change}");
    }
    for change in [
        "{op: set_attribute, name: checkout, attribute: rbac, value: true}",
        "{op: set_attribute, name: acquirer, attribute: remote_host, value: x.example}",
        "{op: set_attribute, from: gateway, to: checkout, attribute: cors, value: true}",
        "{op: set_attribute, name: configuration, attribute: sops_enabled, value: true}",
    ] {
        assert_eq!(layer(&demo, change), Layer::Facts, "{change}");
    }
    assert_eq!(layer(&demo, "{op: set_fact, name: checkout, attribute: x, value: y}"), Layer::Statements);
    assert_eq!(
        layer(&demo, "{op: set_attribute, from: gateway, to: checkout, attribute: reason, value: r}"),
        Layer::Statements
    );
}

#[test]
fn an_attribute_on_which_a_need_for_the_internet_hangs_makes_the_rules_anew() {
    let before = strict(&stack(&component("llama", "llama", "", &[])));
    let change = "{op: set_attribute, name: llama, attribute: llama_models, value: small}";
    assert_eq!(layer(&before, change), Layer::Topology);
    let added = after(&before, "- {op: add_component, type: llama, name: more, attributes: {llama_models: small}}\n");
    let cut_off = "internet-cut-off";
    assert!(!finding_ids(&before).contains(&cut_off) && finding_ids(&added).contains(&cut_off));
}

/// Every attribute of every component and link of the demo, removed and set, and statements.
#[test]
fn what_is_shared_is_what_would_be_computed() {
    let demo = demo();
    let words = demo.catalog().vocabulary();
    let mut all = vec![
        "{op: set_fact, name: ledger, attribute: audit_logging, value: false}".to_owned(),
        "{op: set_attestation, name: 1.1.1}".to_owned(),
        "{op: set_attribute, from: gateway, to: checkout, attribute: reason, value: r}".to_owned(),
    ];
    for component in &demo.stack.components {
        for attribute in words.attributes(&component.kind) {
            let set = format!("{{op: set_attribute, name: {}, attribute: {attribute}", component.name);
            all.extend([format!("{set}}}"), format!("{set}, value: \"77\"}}")]);
        }
    }
    for link in &demo.stack.links {
        let (from, to) = (demo.stack.component(link.source), demo.stack.component(link.target));
        for attribute in words.link_attributes(&from.kind) {
            all.push(format!(
                "{{op: set_attribute, from: {}, to: {}, attribute: {attribute}, value: \"77\"}}",
                from.name, to.name
            ));
        }
    }
    let all = all.into_iter().filter(|change| layer(&demo, change) > Layer::Topology).collect::<Vec<_>>();
    assert!(all.len() > 100, "{}", all.len());
    // Fifty at once, as single ones would take long.
    for some in all.chunks(50) {
        let changed = after(&demo, &format!("- {}\n", some.join("\n- ")));
        assert!(std::ptr::eq(changed.rules(), demo.rules()), "shared");
        let anew = fresh(&changed);
        assert!(!std::ptr::eq(changed.rules(), anew.rules()));
        assert_eq!(changed.rules(), anew.rules());
        assert_eq!(policies(&changed), policies(&anew));
        assert_eq!(changed.findings(), anew.findings());
        assert_eq!(changed.scope(), anew.scope());
        assert_eq!(changed.evidence().proof, anew.evidence().proof);
    }
}

#[test]
fn one_deep_change_among_many_makes_all_anew() {
    let demo = demo();
    let changed = after(
        &demo,
        "- {op: set_attribute, name: checkout, attribute: rbac}\n- {op: remove_link, from: checkout, to: card-vault}\n\
         - {op: set_fact, name: ledger, attribute: audit_logging}\n",
    );
    assert!(!std::ptr::eq(changed.rules(), demo.rules()));
    assert!(!policies(&changed).contains("checkout -> card-vault"));
}

#[test]
fn policies_that_stay_as_they_were_are_not_written_again() {
    let demo = demo();
    demo.evidence();
    let is_known = |file: &&Arc<_>| demo.files().iter().any(|one| Arc::ptr_eq(one, file));
    let kept = |changed: &Snapshot| (changed.files().iter().filter(is_known).count(), changed.files().len());
    let all = demo.files().len();
    let (known, now) = kept(&after(&demo, "- {op: remove_link, from: gateway, to: checkout}"));
    assert!(known == now && now < all, "{known} of {now}, out of {all}");
    let (known, now) = kept(&after(&demo, "- {op: add_component, type: redis, name: second-cache}"));
    assert!(known < now && now > all, "{known} of {now}, out of {all}");
}

#[test]
fn the_changes_that_were_asked_about_last_are_kept_and_only_these() {
    let demo = demo();
    let asked = |number: u32| {
        let changes = changes(&format!("- {{op: add_component, type: redis, name: cache-{number}}}"));
        change::asked(&demo, &changes).unwrap()
    };
    let first = asked(1);
    assert!(Arc::ptr_eq(&first, &asked(1)));
    (2..5).for_each(|number| drop(asked(number)));
    assert!(!Arc::ptr_eq(&first, &asked(1)), "it was four questions ago");
    assert_eq!(Arc::strong_count(&first), 1, "what is not kept is let go");
}
