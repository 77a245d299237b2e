//! Pictures: they draw what the charts draw, can be read, and hold nothing but text of what a file calls things.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    sync::{Arc, LazyLock},
};

use pci_engine::Snapshot;
use pci_fixtures::{component, demo_sources, fixture_text, generator, read, stack, strict};
use pci_render::diagram::{self, Depth, Drawn, SHARP, Scope, VIEWER};
use pci_stack::Level;
use resvg::{
    tiny_skia::Pixmap,
    usvg::{self, fontdb, roxmltree},
};

use crate::program::program;

static DEMO: LazyLock<Snapshot> = LazyLock::new(|| Snapshot::read(demo_sources()).unwrap());
static LARGE: LazyLock<Snapshot> = LazyLock::new(|| strict(&generator::stack(200, 5, 7)));

/// An arrow: the name of its caller, the ports, the name of the other end.
type Arrow = (String, String, String);

/// The arrows of Mermaid charts, but for those that show what is refused.
fn charted(charts: &[String]) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for chart in charts {
        let quoted = |line: &str| line.split('"').nth(1).unwrap().split("<br/>").next().unwrap().to_owned();
        let nodes = chart.lines().filter(|line| line.contains(":::"));
        let id = |line: &str| line.trim().chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        let nodes: BTreeMap<String, String> = nodes.map(|line| (id(line), quoted(line))).collect();
        for line in chart.lines().filter(|line| line.contains("-->")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            arrows.insert((nodes[words[0]].clone(), quoted(line), nodes[*words.last().unwrap()].clone()));
        }
    }
    arrows
}

/// The elements of `svg` that have the class `class`.
fn of_class<'d>(document: &'d roxmltree::Document<'d>, class: &str) -> Vec<roxmltree::Node<'d, 'd>> {
    let class = Some(class);
    document.descendants().filter(|node| node.attribute("class") == class).collect()
}

/// The arrows of a picture.
fn pictured(svg: &str) -> BTreeSet<Arrow> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let text = |node: &roxmltree::Node| node.descendants().find_map(|inner| inner.text()).unwrap().to_owned();
    let nodes = of_class(&document, "node");
    let names: BTreeMap<&str, String> =
        nodes.iter().map(|node| (node.attribute("data-node").unwrap(), text(node))).collect();
    let arrow = |flow: &roxmltree::Node| {
        let of = |name: &str| flow.attribute(name).unwrap().to_owned();
        assert!(of("d").starts_with('M') && of("d").len() > 6, "an arrow without a line");
        (names[&*of("data-from")].clone(), of("data-ports").replace("/TCP", ""), names[&*of("data-to")].clone())
    };
    let within = nodes.iter().filter_map(|node| {
        let name = names[node.attribute("data-node").unwrap()].clone();
        Some((name.clone(), node.attribute("data-within")?.replace("/TCP", ""), name))
    });
    of_class(&document, "flow").iter().map(arrow).chain(within).collect()
}

fn assert_agree(snapshot: &Snapshot, scope: &Scope) {
    let drawn = diagram::picture(snapshot, scope);
    let expected = charted(&diagram::charts(snapshot, scope, VIEWER));
    assert_eq!(pictured(&drawn.svg), expected, "{scope:?}");
    assert_eq!(drawn.arrows, expected.iter().filter(|(from, _, to)| from != to).count(), "{scope:?}");
}

#[test]
fn a_picture_draws_what_the_chart_draws_edge_by_edge_with_the_same_ports() {
    let small = strict(&generator::stack(9, 3, 5));
    for snapshot in [&*DEMO, &strict(&fixture_text("full-form.yaml")), &small] {
        assert_agree(snapshot, &Scope::Overview);
        for namespace in snapshot.basis().namespaces() {
            assert_agree(snapshot, &Scope::Namespace(namespace.clone(), Depth::Peers));
        }
    }
    assert_agree(&small, &Scope::Namespace(small.basis().namespaces()[0].clone(), Depth::PeersOfPeers));
    for seed in 0..6 {
        assert_agree(&strict(&generator::stack(20, 3, seed)), &Scope::Overview);
    }
}

#[test]
fn the_peers_of_a_namespaces_peers_are_drawn_with_all_that_these_may_do() {
    let text = ["a", "b", "c", "d"].iter().zip([&["b"][..], &["c"], &["d"], &[]]);
    let text: String = text.map(|(name, links)| component(name, "fastapi", "port: 8000", links)).collect();
    let snapshot = strict(&stack(&text));
    let around = |depth| {
        let scope = Scope::find(&snapshot, "a").unwrap().to(depth);
        let arrows = pictured(&diagram::picture(&snapshot, &scope).svg).into_iter();
        arrows.filter(|(_, ports, _)| ports == "8000").map(|(from, _, to)| from + &to).collect::<Vec<_>>()
    };
    assert_eq!(around(Depth::Peers), ["ab"]);
    assert_eq!(around(Depth::PeersOfPeers), ["ab", "bc"]);
}

#[test]
fn a_stack_too_large_for_one_picture_is_drawn_in_groups_that_hold_every_flow() {
    let drawn = diagram::picture(&LARGE, &Scope::Overview);
    let document = roxmltree::Document::parse(&drawn.svg).unwrap();
    let pairs =
        |text: &str| text.rsplit_once('(').and_then(|(_, rest)| rest.trim_end_matches(')').parse::<usize>().ok());
    let between: usize = of_class(&document, "flow")
        .iter()
        .map(|flow| flow.attribute("data-pairs").unwrap().parse::<usize>().unwrap())
        .sum();
    let among = document
        .descendants()
        .filter(roxmltree::Node::is_text)
        .filter_map(|node| node.text())
        .filter(|text| text.starts_with("among them"));
    let among: usize = among.filter_map(pairs).sum();
    assert_eq!(between + among, charted(&diagram::charts(&LARGE, &Scope::Overview, VIEWER)).len());
    assert!(drawn.boxes <= 30, "{}", drawn.boxes);
    assert!(drawn.notes.iter().any(|note| note.contains("scope of one namespace")), "it says how to see more");
    let around = Scope::Namespace(LARGE.basis().namespaces()[0].clone(), Depth::PeersOfPeers);
    assert!(diagram::picture(&LARGE, &around).boxes <= 64);
}

/// Every text of `svg` as it is drawn with our font, in its order: left, top, right, bottom.
fn text_areas(svg: &str) -> Vec<[f32; 4]> {
    fn texts(group: &usvg::Group, into: &mut Vec<[f32; 4]>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => texts(group, into),
                usvg::Node::Text(text) => {
                    let area = text.abs_bounding_box();
                    into.push([area.left(), area.top(), area.right(), area.bottom()]);
                }
                _ => {}
            }
        }
    }
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/pci-render/src/picture/font/Inter-Medium.otf");
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(fs::read(font).unwrap());
    let options = usvg::Options { fontdb: Arc::new(fonts), font_family: "Inter Medium".into(), ..Default::default() };
    let mut found = Vec::new();
    texts(usvg::Tree::from_str(svg, &options).unwrap().root(), &mut found);
    found
}

fn numbers(text: &str) -> Vec<f32> {
    text.split(|c: char| c != '.' && c != '-' && !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
}

/// That each text of a box lies inside it, and each label beside all boxes and other labels.
fn assert_legible(svg: &str) {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts: Vec<_> = document.descendants().filter(|node| node.has_tag_name("text")).collect();
    let drawn = text_areas(svg);
    assert_eq!(texts.len(), drawn.len());
    let shift = |node: &roxmltree::Node| numbers(node.attribute("transform").unwrap_or("0 0"));
    let area = |node: &roxmltree::Node| {
        let (own, by) = (numbers(node.attribute("data-area").unwrap()), shift(&node.parent().unwrap()));
        [own[0] + by[0], own[1] + by[1], own[0] + own[2] + by[0], own[1] + own[3] + by[1]]
    };
    let boxes: Vec<[f32; 4]> = of_class(&document, "node").iter().map(area).collect();
    let overlap = |a: &[f32; 4], b: &[f32; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    let mut labels: Vec<[f32; 4]> = Vec::new();
    for (text, at) in texts.iter().zip(&drawn) {
        let parent = text.parent().unwrap();
        if parent.attribute("class") == Some("node") {
            let own = area(&parent);
            let is_inside = at[0] >= own[0] && at[1] >= own[1] && at[2] <= own[2] && at[3] <= own[3];
            assert!(is_inside, "{:?} at {at:?} leaves {own:?}", text.text());
        } else if parent.children().any(|node| node.attribute("class") == Some("flow")) {
            assert!(!boxes.iter().any(|area| overlap(area, at)), "{:?} lies on a box", text.text());
            assert!(!labels.iter().any(|other| overlap(other, at)), "{:?} lies on another", text.text());
            labels.push(*at);
        }
    }
    let crossed = boxes.iter().enumerate().find(|(index, one)| boxes[..*index].iter().any(|other| overlap(one, other)));
    assert!(crossed.is_none(), "{crossed:?} lies on another");
}

#[test]
fn every_text_lies_inside_its_box_and_no_label_on_anything() {
    for snapshot in [&*DEMO, &strict(&fixture_text("full-form.yaml")), &LARGE, &strict(&generator::stack(40, 3, 1))] {
        assert_legible(&diagram::picture(snapshot, &Scope::Overview).svg);
        let namespace = snapshot.basis().namespaces()[0].clone();
        assert_legible(&diagram::picture(snapshot, &Scope::Namespace(namespace.clone(), Depth::Peers)).svg);
        assert_legible(&diagram::picture(snapshot, &Scope::Namespace(namespace, Depth::PeersOfPeers)).svg);
    }
}

#[test]
fn what_a_file_calls_things_stays_text() {
    let evil = "<script>alert(1)</script>]]>&amp;\\\"' onload=x <!--";
    let text = format!(
        "components:\n  one:\n    type: fastapi\n    name: \"{evil}\"\n    attributes: {{namespace: shop, port: 8000}}\n  \
         two:\n    type: redis\n    name: \"{}\"\n    attributes: {{namespace: store}}\nconfiguration: {{system_name: \"{evil}\"}}\n",
        "n".repeat(10_000)
    );
    let drawn = diagram::picture(&strict(&text), &Scope::Overview);
    let document = roxmltree::Document::parse(&drawn.svg).unwrap();
    let known = ["svg", "title", "desc", "marker", "path", "rect", "g", "text"];
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(known.contains(&node.tag_name().name()), "{node:?}");
        let is_ours = |name: &str| !name.starts_with("on") && !name.contains("href");
        assert!(node.attributes().all(|attribute| is_ours(attribute.name())), "{node:?}");
    }
    assert!(!drawn.svg.contains("<script") && !drawn.svg.contains("http://") || drawn.svg.matches("http").count() == 1);
    let said: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    assert!(said.iter().any(|text| text.starts_with("<script>")), "{said:?}");
    assert!(drawn.svg.len() < 20_000, "a long name is cut: {}", drawn.svg.len());
    assert_legible(&drawn.svg);
}

#[test]
fn the_demo_is_drawn_like_this() {
    let namespace = Scope::find(&DEMO, "card-vault").unwrap();
    // A line of the snapshot for each element.
    let svg = diagram::picture(&DEMO, &namespace).svg.replace("><", ">\n<");
    insta::assert_snapshot!(svg);
}

#[test]
fn a_png_has_the_size_of_the_picture_twice_and_is_not_empty() {
    let drawn = diagram::picture(&DEMO, &Scope::find(&DEMO, "tokens").unwrap());
    let png = drawn.png(SHARP).unwrap();
    let map = Pixmap::decode_png(&png).unwrap();
    let document = roxmltree::Document::parse(&drawn.svg).unwrap();
    let side = |name: &str| document.root_element().attribute(name).unwrap().parse::<u32>().unwrap();
    assert_eq!((map.width(), map.height()), (side("width") * 2, side("height") * 2));
    let colours: BTreeSet<[u8; 3]> =
        map.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    assert!(colours.len() > 20, "{} colours", colours.len());
    assert_eq!(png, drawn.png(SHARP).unwrap());
    let small = Pixmap::decode_png(&drawn.png(100_000.0).unwrap()).unwrap();
    assert!(small.width() * small.height() <= 100_000, "it has no more pixels than asked for");
}

#[test]
fn the_same_stack_gives_the_same_picture() {
    let drawn = |snapshot: &Snapshot| -> Drawn { diagram::picture(snapshot, &Scope::Overview) };
    let again = Snapshot::read(demo_sources()).unwrap();
    assert_eq!(drawn(&DEMO).svg, drawn(&again).svg);
    assert_eq!(drawn(&LARGE).svg, drawn(&LARGE).svg);
}

#[test]
fn a_stack_without_traffic_or_components_is_a_picture_too() {
    let empty = read("components: {}\nconfiguration: {system_name: empty}\n", None, Some(Level::PciDssStrict)).unwrap();
    let drawn = diagram::picture(&empty, &Scope::Overview);
    assert_eq!((drawn.boxes, drawn.arrows), (0, 0));
    assert!(drawn.png(SHARP).is_ok());
    let none = DEMO.at_level(Level::None);
    assert!(roxmltree::Document::parse(&diagram::picture(&none, &Scope::Overview).svg).is_ok());
}

#[test]
fn the_shell_prints_a_picture_or_puts_it_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for format in ["svg", "png"] {
        let file = folder.path().join(format);
        let piped = program().args(["diagram", "--demo", "--scope", "ledger", "--format", format]).output().unwrap();
        let mut run = program();
        run.args(["diagram", "--demo", "--scope", "ledger", "--format", format, "--out"]).arg(&file);
        assert!(run.output().unwrap().status.success());
        assert_eq!(fs::read(&file).unwrap(), piped.stdout, "{format}");
        let _ = write!(said, "{}", String::from_utf8_lossy(&piped.stdout[..4]));
    }
    assert_eq!(said, "<svg\u{fffd}PNG");
    let output = program().args(["diagram", "--demo", "--format", "svg", "--json"]).output().unwrap();
    let fields: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(fields["svg"].as_str().unwrap().starts_with("<svg"), "the fields hold what is printed");
    for wrong in [&["--depth", "2"][..], &["--scope", "ledger", "--depth", "3"], &["--format", "png", "--part", "2"]] {
        let output = program().args(["diagram", "--demo"]).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}
