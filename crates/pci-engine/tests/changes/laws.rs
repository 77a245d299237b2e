//! What holds of every change: there and back is nowhere, the proof holds, nothing else is touched, no secret is kept.

use pci_engine::change::{apply, described};
use pci_fixtures::{finding_ids, misplaced::SECRETS, stack, strict};
use pci_stack::{Change, FactValue, Reading};

use super::{after, changes, demo, policies, shop};

#[test]
fn a_stack_put_together_by_changes_is_the_one_that_its_file_says() {
    let made = after(
        &strict(&stack("").replace("components:", "components: {}")),
        "- {op: add_component, type: apisix, name: gate, namespace: gate}\n\
         - {op: add_component, type: fastapi, name: till, namespace: till, attributes: {port: 8080}}\n\
         - {op: add_component, type: fastapi, name: shop, namespace: shop, attributes: {port: 8000, rbac: true}}\n\
         - {op: add_component, type: cnpg, name: db, namespace: db}\n\
         - {op: add_component, type: db, name: db/orders, attributes: {grant: false}}\n\
         - {op: add_link, from: shop, to: orders}\n\
         - {op: add_link, from: gate, to: shop}\n\
         - {op: add_link, from: shop, to: till}\n",
    );
    let read = shop();
    assert!(policies(&made) == policies(&read), "policies or flows differ");
    assert_eq!(finding_ids(&made), finding_ids(&read));
    assert_eq!(made.evidence().proof, read.evidence().proof);
}

#[test]
fn a_change_and_its_inverse_give_the_same_policies() {
    let demo = demo();
    let there_and_back = [
        (
            "{op: set_exception, name: dns, attributes: {disabled: true}}",
            "{op: set_exception, name: dns, attributes: {disabled: false}}",
        ),
        (
            "{op: add_link, from: storefront, to: ledger/cards, port: 5432}",
            "{op: remove_link, from: storefront, to: ledger/cards}",
        ),
        ("{op: add_component, type: redis}", "{op: remove_component, name: redis}"),
        ("{op: add_component, type: topic, name: events/more}", "{op: remove_component, name: events/more}"),
        ("{op: remove_link, from: checkout, to: card-vault}", "{op: add_link, from: checkout, to: card-vault}"),
        (
            "{op: set_attribute, name: checkout, attribute: port, value: 1}",
            "{op: set_attribute, name: checkout, attribute: port, value: 8080}",
        ),
        (
            "{op: set_attribute, name: checkout, attribute: namespace, value: x}",
            "{op: set_attribute, name: checkout, attribute: namespace, value: shop}",
        ),
        (
            "{op: set_attribute, name: checkout, attribute: is_external, value: true}",
            "{op: set_attribute, name: checkout, attribute: is_external}",
        ),
        ("{op: set_level, value: standard}", "{op: set_level, value: pci_dss_strict}"),
        (
            "{op: set_fact, name: ledger, attribute: audit_logging, value: false}",
            "{op: set_fact, name: ledger, attribute: audit_logging}",
        ),
    ];
    for (there, back) in there_and_back {
        let (same, between) = (after(&demo, &format!("- {there}\n- {back}\n")), after(&demo, &format!("- {there}\n")));
        assert!(policies(&same) == policies(&demo), "{there}");
        assert_eq!(same.findings().len(), demo.findings().len(), "{there}");
        assert!(between.evidence().proof.holds, "{there}");
    }
}

#[test]
fn the_proof_holds_whatever_component_goes_and_the_original_stays() {
    let demo = demo();
    let (before, debug) = (policies(&demo), format!("{:?}{:?}", demo.stack, demo.profile()));
    for component in &demo.stack.components {
        let changed = after(&demo, &format!("- {{op: remove_component, name: {}}}\n", component.name));
        let proof = &changed.evidence().proof;
        assert!(proof.holds, "without {}: {:?} {:?}", component.name, proof.missing, proof.excess);
        assert_eq!(changed.inputs, demo.inputs);
    }
    assert_eq!((policies(&demo), format!("{:?}{:?}", demo.stack, demo.profile())), (before, debug));
}

#[test]
fn no_secret_that_a_change_gives_is_kept() {
    let canary = "c4n4ry-2f9e";
    let text = format!(
        "- {{op: add_component, type: cnpg, attributes: {{admin_password: {canary}, password: [{canary}], rbac: {canary}}}}}\n\
         - {{op: add_component, type: db, name: cnpg/own, attributes: {{password: {canary}, username: {{a: {canary}}}}}}}\n\
         - {{op: add_link, from: shop, to: cnpg/own, attributes: {{token: {canary}}}}}\n\
         - {{op: set_attribute, name: shop, attribute: rbac, value: {canary}}}\n"
    );
    let changed = after(&shop(), &text);
    let everything = format!("{changed:?}{:?}{:?}{:?}", changed.rules(), changed.evidence(), changed.findings());
    assert!(everything.contains("admin_password") && !everything.contains(canary));
    for change in [
        format!("{{op: add_component, type: redis, attributes: {{port: {canary}}}}}"),
        format!("{{op: set_attribute, name: till, attribute: port, value: {canary}}}"),
        format!("{{op: set_attribute, name: till, attribute: namespace, value: {canary}!}}"),
        format!("{{op: set_attribute, name: till, attribute: password, value: {canary}}}"),
        format!(
            "{{op: set_exception, name: x, attributes: {{type: redis, direction: {canary}, peer: {{cidr: {canary}}}}}}}"
        ),
        format!("{{op: set_attestation, name: 1.1.1, attributes: {{who: a, date: {canary}}}}}"),
    ] {
        let error = apply(&shop(), &changes(&format!("- {change}\n"))).map(drop).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(canary), "{error}");
    }
}

/// The attributes of components and links of the demo that a change may set, but for those that hold a port.
fn settable() -> Vec<Change> {
    let demo = demo();
    let words = demo.catalog().vocabulary();
    let mut settable = vec![Change::of_component("configuration", "sops_enabled", "x")];
    for component in &demo.stack.components {
        let name = component.name.to_string();
        let own = words.attributes(&component.kind);
        let own = own.filter(|one| words.reading(&component.kind, one) != Some(&Reading::Port));
        settable.extend(own.map(|attribute| Change::of_component(&name, attribute, "x")));
    }
    for link in &demo.stack.links {
        let [from, to] = [link.source, link.target].map(|end| demo.stack.component(end));
        let own = words.link_attributes(&from.kind).filter(|one| *one != "port").chain(["reason", "approved_by"]);
        let (from, to) = (from.name.to_string(), to.name.to_string());
        settable.extend(own.map(|attribute| Change::of_link(&from, &to, attribute, "x")));
    }
    settable
}

#[test]
fn no_attribute_that_a_change_sets_keeps_or_says_a_misplaced_secret() {
    let demo = demo();
    let mut tried = 0;
    for (index, change) in settable().into_iter().enumerate() {
        // Reasons are free texts: of them only what looks like a credential is withheld.
        let is_free = matches!(change.attribute.as_deref(), Some("reason" | "approved_by"));
        let secret = SECRETS[index % if is_free { 3 } else { SECRETS.len() }];
        let change = Change { value: Some(secret.value.to_owned()), ..change };
        let Ok(changed) = apply(&demo, std::slice::from_ref(&change)) else { continue };
        tried += 1;
        let said = described(&changed, &change);
        let kept = format!("{:?}{:?}{said}", changed.stack, changed.profile());
        assert!(!kept.contains(secret.canary), "{change:?}: {said}");
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn a_change_is_said_with_the_value_that_the_reader_keeps() {
    let demo = demo();
    let said = |change: &str| {
        let change = changes(&format!("- {change}\n")).remove(0);
        described(&apply(&demo, std::slice::from_ref(&change)).unwrap(), &change)
    };
    let cases = [
        (
            "{op: set_attribute, name: checkout, attribute: version, value: 2.4.1}",
            "set `version` of `checkout` to `2.4.1`",
        ),
        (
            "{op: set_attribute, name: checkout, attribute: version, value: CorrectHorse}",
            "set `version` of `checkout` to a value that is not shown",
        ),
        (
            "{op: set_attribute, name: acquirer, attribute: remote_host, value: 'https://a:b@api.example/v1'}",
            "set `remote_host` of `acquirer` to `api.example`",
        ),
        ("{op: set_attribute, name: checkout, attribute: port, value: 1}", "set `port` of `checkout` to `1`"),
        ("{op: set_attribute, name: checkout, attribute: rbac, value: true}", "set `rbac` of `checkout` to `true`"),
        ("{op: set_attribute, name: checkout, attribute: namespace, value: x}", "set `namespace` of `checkout` to `x`"),
        (
            "{op: set_fact, name: ledger, attribute: audit_logging, value: 'https://a:b@h.example'}",
            "state `audit_logging` of `ledger`: `(not shown: it holds what looks like a secret)`",
        ),
        ("{op: set_attribute, name: checkout, attribute: version}", "remove `version` of `checkout`"),
    ];
    for (change, expected) in cases {
        assert_eq!(said(change), expected, "{change}");
    }
}

#[test]
fn a_change_reads_a_list_of_namespaces_as_its_file_would() {
    let change =
        "- {op: set_attribute, name: velero, attribute: include_namespaces, value: 'ledger,identity,elsewhere'}\n";
    let demo = demo();
    let velero = demo.stack.components.iter().find(|one| one.kind.as_str() == "velero").unwrap().name.to_string();
    let changed = after(&demo, &change.replace("velero", &velero));
    let fact = changed.stack.components.iter().find_map(|one| one.facts.get("include_namespaces")).unwrap();
    assert_eq!(fact.value, FactValue::Text("ledger,identity,1 not shown".to_owned()));
}
