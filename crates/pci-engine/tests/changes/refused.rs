//! Each change that can't be made says which it is, what is wrong, and what to write instead.

use pci_fixtures::{read, strict};

use super::{after, demo, refusal, shop, shop_text};

#[track_caller]
fn says(change: &str, parts: &[&str]) {
    let error = refusal(&shop(), &format!("- {{op: set_level, value: standard}}\n- {change}\n"));
    let op = change.split_once("op: ").unwrap().1.split([',', '}']).next().unwrap();
    assert!(error.starts_with(&format!("change 2 (`{op}`): ")), "{error}");
    assert!(error.contains(&format!("; `{op}` takes `")), "{error}");
    for part in parts {
        assert!(error.contains(part), "no {part:?} in: {error}");
    }
}

#[test]
fn fields_that_an_op_does_not_take_and_those_it_lacks() {
    says(
        "{op: add_link, from: shop, to: gate, value: x}",
        &["`value` has no meaning here", "takes `from`, `to` and, if need be, `port`, `attributes`"],
    );
    says("{op: remove_component}", &["`name` is missing"]);
    says(
        "{op: set_attribute, name: shop, from: a, to: b, attribute: x}",
        &["`name` has no meaning here", "; or `from`, `to`"],
    );
    says("{op: set_attribute, from: shop, attribute: x}", &["`to` is missing"]);
    says("{op: set_level, value: strict}", &["`value` holds no known level", "pci_dss_strict"]);
}

#[test]
fn components() {
    says("{op: add_component, type: rediss}", &["`rediss` is no component type", "did you mean `redis`?"]);
    says("{op: add_component, type: redis, name: shop}", &["a component `shop` already, at stack.yaml:"]);
    says("{op: add_component, type: db}", &["a `db` is part of a `cnpg`", "say `db/…`"]);
    says("{op: add_component, type: topic}", &["a `topic` is part of a `kafka`", "add a `kafka` first"]);
    says("{op: add_component, type: topic, name: db/x}", &["`db` is a `cnpg`", "add a `kafka` first"]);
    says(
        "{op: add_component, type: db, name: db/orders/x}",
        &["`db/orders/x` would be part of a sub-component", "PARENT/NAME"],
    );
    says("{op: add_component, type: db, name: dbs/x}", &["no component `dbs`", "did you mean `db`?"]);
    says("{op: add_component, type: db, name: db/x, namespace: y}", &["runs where its parent does"]);
    says("{op: add_component, type: redis, namespace: Not One}", &["`namespace` holds no namespace", "DNS label"]);
    says("{op: add_component, type: redis, namespace: a, attributes: {namespace: b}}", &["said twice"]);
    says("{op: add_component, type: redis, name: ''}", &["without a name"]);
    says(
        "{op: add_component, type: redis, attributes: {port: 70000}}",
        &["`port` of `redis` holds no port", "1 to 65535"],
    );
    says("{op: remove_component, name: tils}", &["no component `tils`", "did you mean `till`?"]);
}

#[test]
fn links() {
    says("{op: add_link, from: shop, to: till}", &["`shop -> till` is declared already, at stack.yaml:"]);
    says("{op: add_link, from: shop, to: shop}", &["to itself"]);
    says("{op: add_link, from: till, to: shop, port: 0}", &["`port` holds no port"]);
    says(
        "{op: remove_link, from: till, to: shop}",
        &["no link `till -> shop`", "did you mean `shop -> till`, the other way?"],
    );
    says("{op: remove_link, from: gate, to: till}", &["no link `gate -> till`", "there are `gate -> shop`"]);
    says("{op: remove_component, name: fastapi}", &["no component `fastapi`", "of type `fastapi`: `shop`"]);
    let error = refusal(
        &strict(
            &shop_text()
                .replace(
                    "  till:\n",
                    "  db2:\n    type: cnpg\n    attributes: {namespace: db2}\n    \
         sub_components: {orders: {type: db}}\n  till:\n",
                )
                .replace("      db/orders: {attributes: {}}\n", ""),
        ),
        "- {op: add_link, from: till, to: orders}\n",
    );
    assert!(error.contains("`orders` may be any of `db2/orders`, `db/orders` (say which)"), "{error}");
}

#[test]
fn one_of_several_links_between_the_same_two_is_told_by_its_type() {
    let text = "components:\n  a:\n    type: redis\n    attributes: {namespace: a}\n    links_to:\n      b: {type: one}\n      again: \
                {type: two, component: {type: redis, name: b, attributes: {namespace: b}}}\n  b:\n    type: redis\n    \
                attributes: {namespace: b}\n";
    let several = read(text, None, None).unwrap();
    let error = refusal(&several, "- {op: remove_link, from: a, to: b}\n");
    assert!(error.contains("several links are `a -> b` (say `type`, one of `one`, `two`)"), "{error}");
    let error = refusal(&several, "- {op: set_attribute, from: a, to: b, type: three, attribute: port}\n");
    assert!(error.contains("no link `a -> b` has the type `three` (there is `one`, `two`)"), "{error}");
    let one = after(&several, "- {op: remove_link, from: a, to: b, type: one}\n");
    let [link] = one.stack.links.as_slice() else { panic!("one is left") };
    assert_eq!((link.id.as_str(), &*link.kind), ("a -> b", "two"));
}

#[test]
fn attributes() {
    says(
        "{op: set_attribute, name: shop, attribute: rbca, value: true}",
        &["`rbca` is not read of `shop`, a `fastapi`", "did you mean `rbac`?"],
    );
    says("{op: set_attribute, name: shop, attribute: password, value: x}", &["not read"]);
    says("{op: set_attribute, name: orders, attribute: namespace, value: x}", &["runs where its parent does"]);
    says("{op: set_attribute, name: shop, attribute: namespace}", &["`shop` has no `namespace`"]);
    says("{op: set_attribute, name: shop, attribute: port, value: 0}", &["holds no port"]);
    says(
        "{op: set_attribute, from: gate, to: shop, attribute: corss, value: true}",
        &["did you mean `cors`?", "`reason`"],
    );
    says("{op: set_attribute, from: gate, to: shop, attribute: review_by, value: soon}", &["a date is a day such as"]);
    says(
        "{op: set_attribute, name: configuration, attribute: sops, value: true}",
        &["`sops` of the configuration can't be set", "did you mean `sops_enabled`?"],
    );
    says("{op: set_attribute, name: configuration, attribute: sops_enabled, value: perhaps}", &["true or false"]);
}

#[test]
fn exceptions() {
    says(
        "{op: set_exception, name: apisix-mino, attributes: {reason: r}}",
        &["no exception `apisix-mino`", "did you mean `apisix-minio`?"],
    );
    says("{op: set_exception, name: x, attributes: {disabled: true}}", &["no exception `x`"]);
    says("{op: set_exception, name: x, attributes: {type: fastapi, direction: egress}}", &["exception `x`: no ports"]);
    says(
        "{op: set_exception, name: x, attributes: {section: all, type: fastapi}}",
        &["`section` names no list", "`component-exceptions`"],
    );
    says("{op: set_exception, name: x, attributes: {id: y}}", &["said as `name`"]);
    says(
        "{op: set_exception, name: x, attributes: {type: fastapi, direction: egress, port: [1]}}",
        &["the key `port` is not known here", "did you mean `ports`?"],
    );
    says(
        "{op: set_exception, name: x, attributes: {type: fastapii, direction: egress, ports: [1]}}",
        &["`fastapii` is no component type", "did you mean `fastapi`?"],
    );
}

#[test]
fn statements() {
    says(
        "{op: set_fact, name: shop, attribute: waf_mod, value: x}",
        &["no control asks for the fact `waf_mod`", "did you mean `waf_mode`?"],
    );
    says(
        "{op: set_attestation, name: '1.1', attributes: {who: a, date: '2026-01-01'}}",
        &["`1.1` is no control's number"],
    );
    says(
        "{op: set_attestation, name: 1.99.1, attributes: {who: a, date: '2026-01-01'}}",
        &["there is no control 1.99.1"],
    );
    says("{op: set_attestation, name: 1.99.1}", &["there is no control 1.99.1"]);
    says("{op: set_attestation, name: 1.1.1, attributes: {date: '2026-01-01'}}", &["the key `who` is missing"]);
    says(
        "{op: set_attestation, name: 1.1.1, attributes: {who: a, date: '2026-01-01', by: x}}",
        &["the key `by` is not known"],
    );
    says("{op: set_attestation, name: 5.2.3.1, attributes: {who: a, date: '2026-01-01'}}", &["`interval` is missing"]);
}

#[test]
fn names_longer_than_any() {
    let name = "n".repeat(1001);
    let too_long = "of more than 1000 characters";
    says(&format!("{{op: add_component, type: redis, name: {name}}}"), &["`name` holds a name", too_long]);
    says(&format!("{{op: add_link, from: shop, to: {name}}}"), &["`to` holds a name", too_long]);
}

#[test]
fn more_than_fifty() {
    let change = "- {op: set_level, value: standard}\n";
    assert_eq!(refusal(&demo(), &change.repeat(51)), "51 changes, and at most 50 are taken at once");
    after(&demo(), &change.repeat(50));
}
