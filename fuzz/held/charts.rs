//! A chart in Mermaid holds what we draw and nothing else, a line each: the head, nodes, edges, classes.

use std::collections::BTreeSet;

const CLASSES: [&str; 7] = ["cde", "connected", "guarding", "managed", "outside", "refused", "unmanaged"];
const SHAPES: [(&str, &str); 6] =
    [("[[\"", "\"]]"), ("[\"", "\"]"), ("[/\"", "\"/]"), ("([\"", "\"])"), ("{{\"", "\"}}"), (">\"", "\"]")];

/// Holds `chart` against that, and against what viewers draw.
pub fn hold(chart: &str) {
    assert!(chart.len() < 4 * 50_000 && chart.chars().count() <= 50_000, "a chart that viewers refuse");
    let mut lines = chart.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    let (mut nodes, mut edges) = (BTreeSet::new(), 0);
    for line in lines {
        let rest = line.strip_prefix("  ").unwrap_or_else(|| panic!("no line of a chart: {line:?}"));
        if let Some(class) = rest.strip_prefix("classDef ") {
            assert!(class.split(' ').next().is_some_and(|name| CLASSES.contains(&name)), "no class: {line:?}");
        } else if let Some((from, to)) = edge(rest) {
            edges += 1;
            assert!(nodes.contains(from) && nodes.contains(to), "an edge to nowhere: {line:?}");
        } else {
            let id = node(rest).unwrap_or_else(|| panic!("no line of a chart: {line:?}"));
            assert!(nodes.insert(id), "two nodes are {id}");
        }
    }
    assert!(edges <= 500, "{edges} edges");
}

/// The id of a node.
fn node(line: &str) -> Option<&str> {
    let (id, rest) = split_id(line)?;
    let (drawn, class) = rest.rsplit_once(":::")?;
    let label = SHAPES.iter().find_map(|(open, close)| drawn.strip_prefix(open)?.strip_suffix(close))?;
    (CLASSES.contains(&class) && label.split("<br/>").all(is_text)).then_some(id)
}

/// Both ends of an edge.
fn edge(line: &str) -> Option<(&str, &str)> {
    let (from, rest) = split_id(line)?;
    let allowed = rest.strip_prefix(" -- \"").and_then(|rest| rest.rsplit_once("\" --> "));
    let refused = || rest.strip_prefix(" -. \"").and_then(|rest| rest.rsplit_once("\" .-x "));
    let (label, to) = allowed.or_else(refused)?;
    let (to, rest) = split_id(to)?;
    (rest.is_empty() && is_text(label)).then_some((from, to))
}

fn split_id(line: &str) -> Option<(&str, &str)> {
    let digits = line.strip_prefix('n')?.chars().take_while(char::is_ascii_digit).count();
    (digits > 0).then(|| line.split_at(1 + digits))
}

/// Whether `text` is nothing but text to Mermaid, Markdown and HTML, and to eyes.
fn is_text(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.,/".contains(c) || (!c.is_ascii() && !c.is_control());
    text.chars().all(|c| is_plain(c) && !matches!(c, 'ﬂ' | '°' | '¶' | '\u{2028}' | '\u{2029}' | '\u{202e}'))
}
