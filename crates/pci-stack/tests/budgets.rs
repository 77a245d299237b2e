//! How much of a stack, its exceptions and its profile is taken, and what is said of more.

use std::fmt::Write as _;

use netpol_reach::{Budget, InputError};
use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::{PROGRAM, component, stack, strict, tables};
use pci_stack::budget;

fn read(stack: &str, exceptions: Option<&str>, profile: Option<&str>) -> Result<Snapshot, InputError> {
    let named = |name, text| Source { name, text };
    Snapshot::read(Sources {
        stack: named("stack.yaml", stack),
        exceptions: exceptions.map(|text| named("exceptions.yaml", text)),
        profile: profile.map(|text| named("profile.yaml", text)),
        tables: tables(),
        level: None,
        as_of: None,
        is_demo: false,
        program: PROGRAM,
    })
}

fn components(many: usize, entry: impl Fn(usize) -> String) -> String {
    let mut text =
        "configuration: {system_name: many, microsegmentation_level: pci_dss_strict}\ncomponents:\n".to_owned();
    (0..many).for_each(|index| writeln!(text, "  {}", entry(index)).unwrap());
    text
}

/// What is said of a stack that is over `budget`, which stands at `line`.
fn refused(budget: &Budget, line: usize, (text, exceptions, profile): (&str, Option<&str>, Option<&str>)) {
    let error = read(text, exceptions, profile).unwrap_err();
    let shown = error.to_string();
    let figure = |number: usize| {
        let digits = number.to_string();
        let (thousands, rest) = digits.split_at(digits.len().saturating_sub(3));
        let (millions, thousands) = thousands.split_at(thousands.len().saturating_sub(3));
        [millions, thousands, rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
    };
    assert!(shown.contains(&format!("are over the budget `{}` of {}", budget.name, figure(budget.most))), "{shown}");
    assert!(shown.contains(budget.help), "{shown}");
    assert_eq!(error.place.line as usize, line, "{shown}");
}

#[test]
fn more_components_namespaces_links_and_attributes_than_are_taken_are_refused_at_the_first_that_is_over() {
    let many = components(budget::COMPONENTS.most + 1, |index| {
        format!("c{index}: {{type: redis, attributes: {{namespace: n}}}}")
    });
    refused(&budget::COMPONENTS, budget::COMPONENTS.most + 3, (&many, None, None));

    let apart = components(budget::NAMESPACES.most + 1, |index| {
        format!("c{index}: {{type: redis, attributes: {{namespace: n{index}}}}}")
    });
    refused(&budget::NAMESPACES, budget::NAMESPACES.most + 3, (&apart, None, None));

    // Of each to a hundred others.
    let all = budget::LINKS.most / 100 + 1;
    let linked = components(all, |index| {
        let targets: Vec<String> = (1..=100).map(|step| format!("c{}: {{}}", (index + step) % all)).collect();
        format!("c{index}: {{type: redis, attributes: {{namespace: n}}, links_to: {{{}}}}}", targets.join(", "))
    });
    refused(&budget::LINKS, all + 2, (&linked, None, None));

    let attributes: Vec<String> = (0..budget::ATTRIBUTES.most).map(|index| format!("a{index}: 1")).collect();
    let wide = components(2, |index| {
        let more = if index == 1 { format!(", {}", attributes.join(", ")) } else { String::new() };
        format!("c{index}: {{type: redis, attributes: {{namespace: n{more}}}}}")
    });
    refused(&budget::ATTRIBUTES, 4, (&wide, None, None));
}

/// Exceptions as one file, each on a line of its own from the second on.
fn exceptions(many: usize, entry: impl Fn(usize) -> String) -> String {
    let mut text = "component-exceptions:\n".to_owned();
    for index in 0..many {
        writeln!(text, "- {{id: e{index}, type: fastapi, direction: egress, reason: x, {}}}", entry(index)).unwrap();
    }
    text
}

#[test]
fn exceptions_that_multiply_are_refused_before_any_policy_is_made() {
    let each = |index: usize| format!("c{index}: {{type: fastapi, attributes: {{namespace: n{index}, port: '80'}}}}");
    let text = components(500, each);
    let everything = exceptions(1, |_| "peer: {stack: true}".to_owned());
    refused(&budget::OPENINGS, 2, (&text, Some(&everything), None));

    let addresses: Vec<String> = (0..200).map(|index| format!("11.{index}.0.0/32")).collect();
    let holes = format!("peer: {{cidr: 11.0.0.0/8, except: [{}]}}, ports: [443]", addresses.join(", "));
    // Each is 201 ranges in 500 policies, 100,500 together: the fifth is over.
    refused(&budget::RANGES, 6, (&text, Some(&exceptions(6, |_| holes.clone())), None));

    // As many addresses as ports.
    let apart = exceptions(2000, |index| {
        format!("peer: {{cidr: 11.0.{}.{}/32}}, ports: [{}]", index >> 8, index & 255, 1000 + index)
    });
    let alone = components(1, each);
    let root = 1415;
    assert!(root * root > budget::RANGES_BY_PORTS.most && (root - 1) * (root - 1) <= budget::RANGES_BY_PORTS.most);
    refused(&budget::RANGES_BY_PORTS, root + 1, (&alone, Some(&apart), None));
    // Six thousand on one port are taken.
    let one_port =
        exceptions(6000, |index| format!("peer: {{cidr: 11.0.{}.{}/32}}, ports: [443]", index >> 8, index & 255));
    assert!(read(&alone, Some(&one_port), None).is_ok());

    let servers: Vec<String> = (0..1000).map(|index| format!("10.0.{}.{}/32", index >> 8, index & 255)).collect();
    let profile = format!("cluster: {{api_server: {{addresses: [{}], ports: [6443]}}}}\n", servers.join(", "));
    refused(&budget::RANGES, 0, (&text, None, Some(&profile)));
}

#[test]
fn more_statements_than_are_taken_are_refused_at_the_first_that_is_over() {
    let mut profile = "facts:\n".to_owned();
    (0..=budget::STATEMENTS.most).for_each(|index| {
        writeln!(profile, "- {{component: c{index}, fact: f, value: x}}").unwrap();
    });
    let text = stack(&component("a", "redis", "", &[]));
    refused(&budget::STATEMENTS, budget::STATEMENTS.most + 2, (&text, None, Some(&profile)));
}

#[test]
fn of_one_kind_of_finding_so_many_are_kept_and_the_others_counted() {
    let mut text = stack(&component("a", "redis", "", &[]));
    (0..budget::FINDINGS + 7).for_each(|index| writeln!(text, "k{index}: 1").unwrap());
    let snapshot = strict(&text);
    let known = snapshot.stack.findings.iter().filter(|finding| finding.id == "unknown-key").count();
    assert_eq!(known, budget::FINDINGS + 1);
    let more = snapshot.stack.findings.iter().find(|finding| finding.message.contains("7 more of these"));
    assert_eq!(more.and_then(|finding| finding.r#where.as_ref()).map(|place| place.line), Some(0));
}

#[test]
fn a_stack_of_five_thousand_components_with_twenty_five_thousand_links_is_taken() {
    let text = pci_fixtures::generator::stack(5000, 5, 1);
    let snapshot = read(&text, None, None).unwrap();
    assert_eq!((snapshot.stack.components.len(), snapshot.stack.links.len()), (5000, 25_000));
}
