//! What completes a URI, and that what is completed can be read.

use std::collections::BTreeMap;

use pci_ask::resources::{self, TEMPLATES};
use pci_compliance::shipped::PAGE;
use pci_stack::Watch;

use super::{DEMO, SHOP, completions, three};

#[test]
fn completions_begin_with_what_was_typed_then_hold_it() {
    let of = |argument: &str, kind: &str, typed: &str| {
        let template = TEMPLATES.iter().find(|template| template.name == kind).unwrap();
        completions(&DEMO, template.uri, argument, typed, &[("stack", SHOP)])
    };
    let requirements: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
    assert_eq!(of("requirement", "requirement", ""), requirements);
    assert_eq!(of("requirement", "requirement", "1"), ["1", "10", "11", "12"]);
    assert_eq!(of("requirement", "requirement", "2"), ["2", "12"]);
    assert_eq!(of("requirement", "requirement", "identity"), ["8"], "by its title");
    assert_eq!(of("id", "control", "8.3.10"), ["8.3.10", "8.3.10.1"]);
    assert_eq!(of("name", "component", "LED")[..2], ["ledger", "ledger/cards"]);
    assert_eq!(of("name", "component", "cards"), ["ledger/cards"]);
    assert_eq!(of("name", "component", "cnpg"), ["ledger", "orders-db"], "by their type");
    assert_eq!(of("namespace", "policy", "led"), ["ledger"]);
    assert!(of("name", "component", "no such").is_empty() && of("nothing", "component", "").is_empty());
    assert!(completions(&DEMO, "pci://{stack}/nothing", "stack", "", &[]).is_empty());
}

#[test]
fn policies_are_completed_within_the_namespace_that_was_chosen() {
    let template = "pci://{stack}/policy/{namespace}/{name}";
    let own = completions(&DEMO, template, "name", "", &[("stack", SHOP), ("namespace", "ledger")]);
    assert!(own.len() > 2 && own.iter().all(|name| name.starts_with("ledger--")), "{own:?}");
    assert!(completions(&DEMO, template, "name", "", &[("namespace", "nowhere")]).is_empty());
}

#[test]
fn stacks_are_completed_by_id_and_names_by_the_stack_that_was_chosen() {
    let fleet = three();
    let template = "pci://{stack}/component/{name}";
    assert_eq!(completions(&fleet, template, "stack", "", &[]), ["other", SHOP]);
    assert_eq!(completions(&fleet, template, "stack", "pay", &[]), [SHOP]);
    assert_eq!(completions(&fleet, template, "name", "", &[("stack", "other")]), ["vault"]);
    assert!(completions(&fleet, template, "name", "", &[]).len() > 30, "of all, while none is chosen");
    assert!(completions(&fleet, template, "name", "", &[("stack", "nothing")]).is_empty());
}

#[test]
fn every_template_can_be_filled_by_its_completions_and_read() {
    let mut read = BTreeMap::new();
    for template in TEMPLATES {
        let mut filled = vec![BTreeMap::from([("stack".to_owned(), SHOP.to_owned())])];
        let names = template.uri.split('{').skip(1).map(|part| part.split('}').next().unwrap());
        for name in names.filter(|name| *name != "stack") {
            let more = filled.iter().flat_map(|others| {
                let values = resources::complete(&DEMO, template.uri, name, "", others);
                assert!(!values.is_empty(), "{name} of {}", template.uri);
                values.into_iter().map(|value| {
                    let mut others = others.clone();
                    others.insert(name.to_owned(), value);
                    others
                })
            });
            filled = more.collect::<Vec<_>>();
        }
        for values in filled {
            let expanded = expanded(template.uri, &values);
            let content = resources::read(&DEMO, PAGE, &expanded, &Watch::patient())
                .unwrap_or_else(|error| panic!("{expanded}: {error}"));
            assert_eq!(content.mime_type, template.mime_type);
            *read.entry(template.name).or_insert(0) += 1;
        }
    }
    let shop = DEMO.snapshot(None).unwrap();
    let count = |name: &str| read[name];
    assert_eq!(count("requirement"), 12);
    assert_eq!(count("control"), 250);
    assert_eq!(count("policy"), shop.rules().rules.len());
    assert_eq!(count("component"), shop.stack.components.len());
}

/// `template` with `values` filled in, each percent-encoded as RFC 6570 has it.
fn expanded(template: &str, values: &BTreeMap<String, String>) -> String {
    let encode = |value: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        value.bytes().map(byte).collect::<String>()
    };
    values.iter().fold(template.to_owned(), |uri, (name, value)| uri.replace(&format!("{{{name}}}"), &encode(value)))
}
