//! A page in Markdown: no control characters, fences that end, tables whose rows are as wide as their heads, and no
//! markup but ours.

use crate::charts;

/// Holds `page` against that, and its charts against theirs.
pub fn hold(page: &str) {
    let odd = page.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "a control character in a page");
    let (mut fence, mut chart, mut table) = (None, String::new(), None);
    for line in page.lines() {
        match (fence, line) {
            (None, "```mermaid" | "```yaml" | "```json" | "```text" | "```sh") => fence = line.strip_prefix("```"),
            (Some("mermaid"), "```") => {
                charts::hold(&std::mem::take(&mut chart));
                fence = None;
            }
            (Some(_), "```") => fence = None,
            (Some(_), line) => {
                chart.push_str(line);
                chart.push('\n');
            }
            (None, line) => table = outside(line, table),
        }
        if fence != Some("mermaid") {
            chart.clear();
        }
    }
    assert_eq!(fence, None, "a fence that does not end");
}

/// Holds a `line` outside of fences; how many cells a row of its table has, if it is of one.
fn outside(line: &str, table: Option<usize>) -> Option<usize> {
    assert!(!line.starts_with("```") && !line.starts_with("~~~"), "a fence of somebody else's: {line:?}");
    markup(line);
    if !line.starts_with('|') {
        return None;
    }
    let cells = cells(line);
    assert!(line.ends_with('|') && table.is_none_or(|own| own == cells), "a row as no other: {line:?}");
    Some(cells)
}

/// How many cells a row has: a pipe ends one unless it is escaped, in code too.
fn cells(line: &str) -> usize {
    let (mut cells, mut is_escaped) = (0, false);
    for c in line.chars() {
        cells += usize::from(c == '|' && !is_escaped);
        is_escaped = c == '\\' && !is_escaped;
    }
    cells
}

/// Holds that `line` has no HTML but line breaks, outside of code.
fn markup(line: &str) {
    let parts: Vec<&str> = line.split('`').collect();
    // With a backtick that is escaped, code can't be told from text so simply.
    if line.contains("\\`") || parts.len() % 2 == 0 {
        return;
    }
    for part in parts.iter().step_by(2) {
        let foreign = part.match_indices('<').find(|(at, _)| !part[*at..].starts_with("<br"));
        assert_eq!(foreign, None, "markup in {line:?}");
    }
}
