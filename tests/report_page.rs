//! The report as a page: well-formed, self-contained, with every control and the numbers of the overview.

use std::{collections::BTreeSet, fs, sync::LazyLock};

use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::{PROGRAM, tables};
use pci_render::report;
use pci_stack::Level;
use resvg::usvg::roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

use crate::program::program;

static PAGE: LazyLock<String> = LazyLock::new(|| printed(&["report", "--html"]));

fn printed(arguments: &[&str]) -> String {
    let output = program().args(arguments).args(["--demo", "--as-of", "2026-11-01"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `page`, read as strictly as XML is.
fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: 1_000_000, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap()
}

fn elements<'d>(document: &'d Document<'d>, name: &'static str) -> impl Iterator<Item = Node<'d, 'd>> {
    document.descendants().filter(move |node| node.is_element() && node.tag_name().name() == name)
}

fn text(node: Node) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

/// That `document` loads nothing, runs nothing, and leads nowhere but to itself.
fn assert_contained(document: &Document) {
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an anchor stands twice");
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(
            !["script", "iframe", "object", "embed", "link", "img", "form", "base", "foreignObject"].contains(&name),
            "{name}"
        );
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && attribute.name() != "src", "{name} {}", attribute.name());
            if attribute.name() == "href" {
                let anchor =
                    attribute.value().strip_prefix('#').unwrap_or_else(|| panic!("{} leads away", attribute.value()));
                assert!(unique.contains(anchor), "nothing is at {anchor}");
            }
        }
    }
    let style: String = elements(document, "style").map(text).collect();
    assert!(!style.contains("url(") && !style.contains("@import"));
    let policy =
        elements(document, "meta").find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"));
    assert!(
        policy
            .unwrap()
            .attribute("content")
            .unwrap()
            .starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    );
}

#[test]
fn it_is_one_page_that_loads_nothing_and_runs_nothing() {
    let document = parsed(&PAGE);
    assert_contained(&document);
    assert!(PAGE.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    for landmark in ["header", "nav", "main"] {
        assert_eq!(elements(&document, landmark).count(), 1, "{landmark}");
    }
    assert_eq!(elements(&document, "h1").count(), 1);
    assert!(elements(&document, "th").all(|node| node.attribute("scope").is_some()));
    assert_eq!(elements(&document, "svg").count(), 1);
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    let document = parsed(&PAGE);
    let levels = document.descendants().filter_map(|node| match node.tag_name().name() {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        _ => None,
    });
    let levels: Vec<i32> = levels.collect();
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn every_control_has_a_cell_that_leads_to_it_and_says_where_it_stands() {
    let document = parsed(&PAGE);
    let cells: Vec<Node> = elements(&document, "a")
        .filter(|node| node.attribute("href").is_some_and(|to| to.starts_with("#control-")))
        .collect();
    assert_eq!(cells.len(), 250);
    let overview: Value = serde_json::from_str(&printed(&["overview", "--json"])).unwrap();
    for (status, count) in overview["by_status"].as_object().unwrap() {
        let those = cells.iter().filter(|cell| cell.attribute("class") == Some(&format!("cell {status}")));
        assert_eq!(those.clone().count() as u64, count.as_u64().unwrap(), "{status}");
        let word = status.replace('_', " ");
        assert!(those.into_iter().all(|cell| text(*cell).ends_with(&word)), "{status} is told by colour alone");
    }
}

#[test]
fn its_numbers_are_the_overviews() {
    let document = parsed(&PAGE);
    let overview: Value = serde_json::from_str(&printed(&["overview", "--json"])).unwrap();
    let shown: Vec<String> = elements(&document, "dd").map(text).collect();
    let percent = |field: &str| format!("{:.1} % ", overview[field].as_f64().unwrap());
    let expected = [
        percent("completion_percent"),
        percent("technical_evidence_percent"),
        format!("{} ", overview["unknown"]),
        format!("{} ", overview["manual"]),
    ];
    assert_eq!(shown.len(), expected.len());
    for (shown, expected) in shown.iter().zip(&expected) {
        assert!(shown.starts_with(expected.as_str()), "{shown} is not {expected}");
    }
}

#[test]
fn it_says_what_the_markdown_says_and_claims_nothing_more() {
    let markdown = printed(&["report"]);
    let headings = |text: &str| {
        text.lines().filter(|line| line.starts_with("## ")).map(|line| line[3..].to_owned()).collect::<Vec<_>>()
    };
    let document = parsed(&PAGE);
    let shown: Vec<String> = elements(&document, "h2").map(text).collect();
    assert_eq!(shown[..2], ["Map of the controls", "Allowed traffic"]);
    assert_eq!(shown[2..], headings(&markdown));
    assert!(!PAGE.to_lowercase().contains("compliant") && !PAGE.contains("In Place"));
}

#[test]
fn no_name_becomes_markup() {
    let evil = "a|b `c` <script>x</script> ]]> &amp; [l](javascript:x) ![i](http://x) **d** \\\" onload=x";
    let stack = format!(
        "components:\n  one:\n    type: fastapi\n    name: \"{evil}\"\n    attributes: {{namespace: one, port: 8000}}\nconfiguration: {{system_name: \"{evil}\"}}\n"
    );
    let profile = format!(
        "account_data:\n  components: {{store: [\"{evil}\"]}}\nattestations:\n  - {{control: \"1.1.1\", who: \"{evil}\", date: \"2026-01-01\", evidence: {{reference: \"{evil}\"}}}}\n"
    );
    let named = |name, text| Source { name, text };
    let snapshot = Snapshot::read(Sources {
        stack: named("stack.yaml", &stack),
        exceptions: None,
        profile: Some(named("profile.yaml", &profile)),
        tables: tables(),
        level: Some(Level::PciDssStrict),
        as_of: None,
        is_demo: false,
        program: PROGRAM,
    });
    let page = report::page(&snapshot.unwrap());
    let document = parsed(&page);
    assert_contained(&document);
    assert!(
        text(elements(&document, "h1").next().unwrap()).contains("<script>x</script>"),
        "the name is there, as text"
    );
}

#[test]
fn it_is_put_into_a_file_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let mut run = program();
    run.args(["report", "--html", "--demo", "--as-of", "2026-11-01", "--out"]).arg(&file);
    assert!(run.output().unwrap().status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), *PAGE);
}
