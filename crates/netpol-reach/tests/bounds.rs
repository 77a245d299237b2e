//! How large what is made of hostile manifests may grow: by counting, never by the clock.

use std::fmt::Write as _;

use netpol_reach::{
    AddressBlock, AddressClasses, Cluster, Connectivity, InputError, PortSet, Protocol, Row, Settings, Suggestions,
    by_end, nearest, of_manifests, read,
};
use roaring::RoaringBitmap;

fn block(cidr: &str, except: &[String]) -> AddressBlock {
    let except = except.iter().map(|hole| hole.parse().unwrap());
    AddressBlock::without(cidr.parse().unwrap(), except).unwrap()
}

/// `many` times all addresses but one.
fn all_but_one(many: u32) -> Vec<AddressBlock> {
    (0..many).map(|index| block("0.0.0.0/0", &[format!("11.{}.{}.7/32", index >> 8, index & 255)])).collect()
}

/// The same of IPv6, `many` overlapping blocks of four holes, one block in another, and blocks beside each other.
fn hostile_blocks(many: u32) -> Vec<Vec<AddressBlock>> {
    let holes = |index: u32| (0..4).map(move |hole| format!("10.{hole}.{}.{}/32", index >> 8, index & 255));
    vec![
        all_but_one(many),
        (0..many).map(|index| block("::/0", &[format!("2001:db8::{index:x}/128")])).collect(),
        (0..many).map(|index| block("10.0.0.0/8", &holes(index).collect::<Vec<_>>())).collect(),
        (0..many).map(|index| block(&format!("10.{}.0.0/{}", index & 255, 8 + index % 25), &[])).collect(),
        (0..many).map(|index| block(&format!("11.{}.{}.0/24", index >> 8, index & 255), &[])).collect(),
    ]
}

#[test]
fn classes_of_addresses_take_no_more_than_n_log_n() {
    for (few, many) in hostile_blocks(500).iter().zip(hostile_blocks(4000)) {
        let [few, many] = [few, &many].map(|blocks| AddressClasses::of(blocks).size());
        // Eight times as many blocks: 8 × log 4,000 / log 500 is less than 11, and the square is 64.
        assert!(many < 12 * few.max(1000), "{few} → {many}");
    }
}

#[test]
fn classes_are_those_that_each_address_by_itself_would_give() {
    let mut blocks: Vec<AddressBlock> = hostile_blocks(40).into_iter().flatten().collect();
    blocks.push(block("10.0.0.0/8", &["10.0.0.0/16".to_owned(), "10.0.1.0/24".to_owned(), "10.200.0.0/16".to_owned()]));
    let classes = AddressClasses::of(&blocks);
    let contains = |block: &AddressBlock, address: &std::net::IpAddr| {
        block.cidr.contains(address) && block.except.iter().all(|hole| !hole.contains(address))
    };
    let nets = blocks.iter().flat_map(|block| std::iter::once(&block.cidr).chain(&block.except));
    let addresses: Vec<std::net::IpAddr> = nets.flat_map(|net| [net.network(), net.broadcast()]).collect();
    for block in &blocks {
        let known = classes.of_block(block);
        for address in &addresses {
            let class = classes.of_address(*address).unwrap();
            assert_eq!(known.contains(class), contains(block, address), "{block} {address}");
        }
    }
    // One class holds no two addresses that a block tells apart.
    for pair in addresses.windows(2) {
        let alike = blocks.iter().all(|block| contains(block, &pair[0]) == contains(block, &pair[1]));
        let same_family = pair[0].is_ipv4() == pair[1].is_ipv4();
        let same = classes.of_address(pair[0]) == classes.of_address(pair[1]);
        assert_eq!(same, alike && same_family, "{pair:?}");
    }
}

#[test]
fn ends_of_many_rules_are_those_that_each_rule_by_itself_would_give() {
    let rules: Row = (0..60_u16)
        .map(|rule| {
            let ends = (0..200_u32).filter(|end| (end * 7 + u32::from(rule)) % (2 + u32::from(rule) % 5) != 0);
            (PortSet::interval(Protocol::Tcp, 1 + rule % 20, 10 + rule % 7), ends.collect::<RoaringBitmap>())
        })
        .collect();
    let row = by_end(rules.clone());
    for end in 0..200 {
        let mut expected = PortSet::default();
        rules.iter().filter(|(_, ends)| ends.contains(end)).for_each(|(ports, _)| expected.extend(ports));
        let found: Vec<&PortSet> = row.iter().filter(|(_, ends)| ends.contains(end)).map(|(ports, _)| ports).collect();
        assert_eq!(found, if expected.is_empty() { vec![] } else { vec![&expected] }, "{end}");
    }
}

/// What `text` comes to, or why it is not taken.
fn evaluated(text: &str) -> Result<Connectivity, InputError> {
    let manifests = read([("all.yaml", text)]);
    if let Some(error) = manifests.refused.first() {
        return Err(error.clone());
    }
    Connectivity::of(Cluster::of(manifests, true).unwrap(), Settings::default())
}

fn pod(index: usize, port: usize) -> String {
    format!(
        "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p{index}, namespace: n, labels: {{app: a{index}}}}}, \
         spec: {{containers: [{{ports: [{{name: web, containerPort: {port}}}]}}]}}}}\n"
    )
}

fn policy(index: usize, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p{index}, namespace: n}}, \
         spec: {spec}}}\n"
    )
}

#[test]
fn ten_thousand_policies_with_a_hole_each_are_one_set_of_ports() {
    let mut text = pod(0, 80);
    for index in 0..10_000 {
        let hole = format!("11.{}.{}.7/32", index >> 8, index & 255);
        let rule = format!("[{{to: [{{ipBlock: {{cidr: 0.0.0.0/0, except: [{hole}]}}}}], ports: [{{port: 443}}]}}]");
        text += &policy(index, &format!("{{podSelector: {{}}, policyTypes: [Egress], egress: {rule}}}"));
    }
    let outgoing = evaluated(&text).unwrap().outgoing(0);
    assert_eq!(outgoing.addresses.len(), 1);
    // All of IPv4: whatever one leaves out another lets in.
    assert_eq!(outgoing.addresses.values().map(Vec::len).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_ports_name_is_another_number_on_each_of_many_pods_and_on_both_sides() {
    // So many that pairs of rules are not gone through one by one.
    let many = 80;
    let mut text = String::new();
    for index in 0..many {
        text += &pod(index, 1000 + index);
        let (own, all) = (format!("{{matchLabels: {{app: a{index}}}}}"), "{podSelector: {}}");
        let named = format!("[{{from: [{all}], ports: [{{port: web}}, {{port: 7}}]}}]");
        let to = format!("[{{to: [{all}], ports: [{{port: web}}]}}]");
        text += &policy(index, &format!("{{podSelector: {own}, ingress: {named}, egress: {to}}}"));
    }
    let connectivity = evaluated(&text).unwrap();
    for index in [0, 1, many - 1] {
        let outgoing = connectivity.outgoing(index);
        assert_eq!(outgoing.workloads.len(), many - 1);
        for (other, ports) in &outgoing.workloads {
            let name = connectivity.name(*other).trim_start_matches("n/p").trim_end_matches("[Pod]");
            assert_eq!(outgoing.ports[*ports].to_string(), format!("{}/TCP", 1000 + name.parse::<usize>().unwrap()));
        }
    }
}

#[test]
fn a_list_of_five_thousand_ports_is_what_its_ports_are() {
    let mut ports = String::new();
    (0..5000).for_each(|index| write!(ports, "{{port: {}}}, ", 1 + 2 * index).unwrap());
    let text = pod(0, 80) + &policy(0, &format!("{{podSelector: {{}}, egress: [{{ports: [{ports}]}}]}}"));
    let outgoing = evaluated(&text).unwrap().outgoing(0);
    let found: Vec<u64> = outgoing.addresses.keys().map(PortSet::len).collect();
    assert_eq!(found, [5000]);
}

#[test]
fn sets_of_ports_differ_by_what_one_has_and_the_other_lacks() {
    let every = |step: u16, width: u16| {
        let all: Vec<PortSet> =
            (0..300).map(|index| PortSet::interval(Protocol::Tcp, 1 + index * step, index * step + width)).collect();
        let mut set = PortSet::default();
        set.extend_by_all(&all);
        set
    };
    let (one, other) = (every(7, 3), every(5, 2));
    let left = one.minus(&other);
    for number in 1..2200_u64 {
        let port = netpol_reach::Port::tcp(number.try_into().unwrap());
        assert_eq!(left.contains(port), one.contains(port) && !other.contains(port), "{number}");
        assert_eq!(one.contains(port), (number - 1) % 7 < 3 && number <= 299 * 7 + 3, "{number}");
    }
}

#[test]
fn policies_that_tell_too_much_apart_are_refused_by_the_budgets_name_and_at_a_place() {
    // Each on a port of its own to all addresses but one: every address has another set of ports.
    let mut text = pod(0, 80);
    for index in 0..6000 {
        let hole = format!("11.{}.{}.7/32", index >> 8, index & 255);
        let to = format!("{{ipBlock: {{cidr: 0.0.0.0/0, except: [{hole}]}}}}");
        let rule = format!("[{{to: [{to}], ports: [{{port: {}}}]}}]", 1 + 2 * index);
        text += &policy(index, &format!("{{podSelector: {{}}, policyTypes: [Egress], egress: {rule}}}"));
    }
    let error = evaluated(&text).unwrap_err();
    assert!(error.what.contains("`evaluation memory` of 67,108,864"), "{error}");
    assert!(error.place.line > 0 && error.help.is_some(), "{error}");
}

#[test]
fn more_documents_objects_and_bytes_than_are_taken_are_refused_at_the_first_that_is_over() {
    let many = of_manifests::DOCUMENTS.most + 1;
    let error = evaluated(&"---\na: 1\n".repeat(many)).unwrap_err();
    assert!(error.what.contains("`manifest documents`"), "{error}");
    assert_eq!(error.place.line as usize, 2 * many - 1);

    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: n}},";
    let list = |many: usize| format!("---\napiVersion: v1\nkind: List\nitems: [{}]\n", namespace.repeat(many));
    let share = of_manifests::OBJECTS.most / 4;
    let error = evaluated(&(list(share).repeat(4) + &list(1))).unwrap_err();
    assert!(error.what.contains("100,001 objects are over the budget `manifest objects`"), "{error}");
    assert_eq!(error.place.line, 17);

    let half = format!("# {}\n", "x".repeat(of_manifests::BYTES.most / 2));
    let refused = read([("one.yaml", half.as_str()), ("two.yaml", half.as_str())]).refused;
    assert!(refused[0].what.contains("`manifest bytes`"), "{refused:?}");
    assert_eq!(&*refused[0].place.file, "two.yaml");
}

#[test]
fn what_one_document_keeps_is_bounded_where_it_is_kept() {
    let text = format!("{{kind: List, apiVersion: v1, items: [{}]}}", "0,".repeat(1_000_000));
    let error = evaluated(&text).unwrap_err();
    assert!(error.what.contains("'document memory' of 128 MiB"), "{error}");
    assert_eq!(error.place.line, 1, "{error}");
}

#[test]
fn a_name_is_compared_as_far_as_names_are_kept_and_a_hundred_of_a_file() {
    let long = "x".repeat(300);
    let (one, other) = (format!("{long}{}", "a".repeat(1_000_000)), format!("{long}{}", "b".repeat(1_000_000)));
    assert_eq!(nearest(&one, [other.as_str()]), Some(other.as_str()));
    // Of many long candidates only so many are looked at.
    let candidates: Vec<String> = (0..1200).map(|index| format!("{index:06}{long}")).collect();
    let last = candidates.last().unwrap();
    assert_ne!(nearest(last, candidates.iter().map(String::as_str)), Some(last.as_str()));

    let mut suggestions = Suggestions::default();
    let found = (0..150).filter(|_| suggestions.nearest("databse", ["database"]).is_some());
    assert_eq!(found.count(), 100);
}
