//! A large stack file is read in pieces at the same time, and nobody can tell.
//!
//! The same text is read at once where its `components:` bears a comment: it is then not cut, and no line or column is
//! another.

use std::fmt::Write as _;

use pci_compliance::{engine::Snapshot, terms::InputError, yaml::pieces};
use proptest::prelude::*;
use serde::de::IgnoredAny;

use crate::{generator, support::read};

/// Bytes of text in each component, which make a file large enough to be cut; none of them is ever shown.
const PADDING: usize = 10_000;

/// What `text` says read as it is, and read at once.
fn both_ways(text: &str) -> [Result<Snapshot, InputError>; 2] {
    let at_once = text.replace("components:\n", "components: # read at once\n");
    assert_ne!(text, at_once, "the components can't be told to be read at once");
    [read(text, None, None), read(&at_once, None, None)]
}

/// Holds both ways to say the same, be it an error; says whether the file can be read.
fn assert_same(text: &str) -> bool {
    match both_ways(text) {
        [Ok(pieces), Ok(whole)] => {
            assert_eq!(pieces.stack, whole.stack, "{}", shortened(text));
            true
        }
        [Err(pieces), Err(whole)] => {
            assert_eq!(pieces.to_string(), whole.to_string(), "{}", shortened(text));
            false
        }
        [pieces, whole] => panic!(
            "in pieces: {:?}, at once: {:?}\n{}",
            pieces.map(|_| ()).map_err(|error| error.to_string()),
            whole.map(|_| ()).map_err(|error| error.to_string()),
            shortened(text)
        ),
    }
}

fn shortened(text: &str) -> String {
    text.lines().map(|line| line.chars().take(60).collect::<String>() + "\n").collect()
}

/// A component whose own text is `lines`, each indented as far as an entry of `components`.
fn entry(pad: &str, lines: &str) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}{line}", if line.is_empty() { "" } else { pad });
        text
    })
}

/// Plain components, one for each number, with so much padding that a file of 30 of them is cut.
fn plain(number: usize) -> String {
    let padding = "x".repeat(PADDING);
    format!("c{number}:\n  type: fastapi\n  attributes:\n    namespace: n\n    notes: {padding}\n")
}

/// What may stand between two components, and what it does to lines, keys, places or to what follows it.
const BETWEEN: [&str; 30] = [
    "",
    "# a comment\n",
    "\n\n",
    "block:\n  type: redis\n  attributes:\n    namespace: n\n    text: |\n      fake:\n        type: redis\n",
    "block:\n  type: redis\n  attributes: {namespace: n}\n  other: |2\n      two:\n    one:\n",
    "quoted:\n  type: redis\n  attributes:\n    namespace: n\n    text: \"begins\n  fake:\n    and ends\"\n",
    "quoted:\n  type: redis\n  attributes:\n    namespace: n\n    text: 'never ends\n",
    "flow:\n  type: redis\n  attributes: {namespace: n, text: a,\n    list: [b,\n    c]}\n",
    "flow: {type: redis, attributes: {namespace: n}}\n",
    "flow: {type: redis\n",
    "nothing:\n",
    "text: only text\n",
    "c3:\n  type: redis\n  attributes: {namespace: n}\n",
    "C3:\n  type: redis\n  attributes: {namespace: n}\n",
    "1:\n  type: redis\n  attributes: {namespace: n}\n",
    "0x1:\n  type: redis\n  attributes: {namespace: n}\n",
    "\"1\":\n  type: redis\n  attributes: {namespace: n}\n",
    "~:\n  type: redis\n  attributes: {namespace: n}\n",
    "a: &a\n  type: redis\n",
    "b: *a\n",
    "b:\n  <<: *a\n",
    "<<: {merged: {type: redis, attributes: {namespace: n}}}\n",
    "merged: {type: redis, attributes: {namespace: n}}\n",
    "? asked\n: type: redis\n  attributes: {namespace: n}\n",
    "? asked\n",
    "- listed\n",
    "\ttabbed:\n",
    "tagged: !!map\n  type: redis\n",
    "linked:\n  type: redis\n  attributes: {namespace: n}\n  links_to:\n    c2: {attributes: {}}\n    c25: {attributes: {}}\n",
    "twice:\n  type: redis\n  type: redis\n",
];

/// What may stand before the components and after them, beside them and above.
const BESIDE: [&str; 9] = [
    "",
    "configuration:\n  system_name: \"one\"\n",
    "configuration: {}\n",
    "project_slug: pieces\n",
    "components:\n  more: {type: redis, attributes: {namespace: n}}\n",
    "text: \"begins\n  components:\n    fake:\n      type: redis\n  ends\"\n",
    "unknown: {}\n",
    "UNKNOWN: {}\n",
    "links_to: {}\n",
];

const AFTER: [&str; 8] = [
    "",
    "configuration: {system_name: outside}\n",
    "components: {more: {type: redis, attributes: {namespace: n}}}\n",
    "default_context: {}\n",
    "---\nmore: {}\n",
    "...\n",
    "  \n# the end",
    "broken",
];

fn file(form: bool, before: usize, between: &[(usize, usize)], after: usize, end: usize) -> String {
    let (context, pad) = if form { ("default_context:\n", "  ") } else { ("", "") };
    // Where components are all there is, they begin the file.
    let before = if form { BESIDE[before] } else { "" };
    let mut text = format!("{context}{}{pad}components:\n", entry(pad, before));
    let pad = format!("{pad}  ");
    for number in 0..30 {
        text += &entry(&pad, &plain(number));
        for (_, what) in between.iter().filter(|(at, _)| *at == number) {
            text += &entry(&pad, BETWEEN[*what]);
        }
    }
    text += &entry(&pad[2..], BESIDE[after]);
    text + AFTER[end]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_file_says_the_same_in_pieces_and_at_once(
        form in any::<bool>(),
        before in 0..BESIDE.len(),
        between in prop::collection::vec((0..30_usize, 0..BETWEEN.len()), 0..3),
        after in 0..BESIDE.len(),
        end in 0..AFTER.len(),
    ) {
        assert_same(&file(form, before, &between, after, end));
    }
}

#[test]
fn a_large_file_is_cut_between_its_components() {
    for (form, path, line) in [(true, &["default_context", "components"][..], 3), (false, &["components"], 1)] {
        let text = file(form, 3, &[(2, 28), (20, 5)], 1, 0);
        let pieces = pieces(&text, path).unwrap();
        assert_eq!((pieces.line, pieces.column), (line, if form { 5 } else { 3 }));
        assert_eq!(pieces.read::<IgnoredAny>().unwrap().len(), 4);
    }
}

#[test]
fn whatever_stands_between_two_components_is_read_the_same() {
    let mut readable = 0;
    for what in 0..BETWEEN.len() {
        // In the first piece, and in a later one.
        for at in [2, 20] {
            readable += u8::from(assert_same(&file(true, 0, &[(at, what)], 1, 0)));
        }
        readable += u8::from(assert_same(&file(true, 0, &[(2, what), (20, what)], 1, 0)));
    }
    assert!((30..70).contains(&readable), "{readable}");
}

#[test]
fn whatever_stands_beside_the_components_is_read_the_same() {
    for one in 0..BESIDE.len() {
        for other in [0, one] {
            assert_same(&file(true, one, &[], other, 0));
            assert_same(&file(true, other, &[], one, 0));
        }
    }
    for form in [true, false] {
        for end in 0..AFTER.len() {
            assert_same(&file(form, 0, &[], 0, end));
        }
    }
}

#[test]
fn what_looks_like_a_mapping_of_components_and_is_none_is_read_the_same() {
    let entries: String = (0..30).map(|number| entry("    ", &plain(number))).collect();
    let braces = format!(
        "    {{\n    a: {{type: redis, attributes: {{namespace: n}}}},\n    b: {{type: redis, attributes: {{namespace: n}}}}\n    }}\n{entries}"
    );
    let rest = "  configuration: {system_name: shapes}\n";
    for shape in [
        format!("default_context:\n  components:\n{braces}{rest}"),
        format!("default_context:\n  components:\n    text\n{entries}{rest}"),
        format!("default_context:\n  components:\n    - a\n{entries}{rest}"),
        format!("default_context:\n  {{\n  components:\n{entries}  }}\n"),
        format!("default_context:\n  other:\n    components:\n{}{rest}", entry("  ", &entries)),
        format!("default_context:\n  note: |\n    components:\n{}{rest}", entry("  ", &entries)),
        format!("default_context:\n  note: \"\n  components:\n{entries}  \"\n{rest}"),
        format!("note: \"\ndefault_context:\n  components:\n{entries}  \"\n{rest}"),
        format!("%YAML 1.1\n---\ndefault_context:\n  components:\n{entries}{rest}"),
        format!("\u{feff}default_context:\n  components:\n{entries}{rest}"),
    ] {
        assert_same(&shape);
    }
}

#[test]
fn what_is_nested_deep_is_read_whole() {
    let nested = |levels: usize| {
        let nested = format!(
            "deep:\n  type: redis\n  attributes: {{namespace: n}}\n  other: {}{}\n",
            "[".repeat(levels),
            "]".repeat(levels)
        );
        file(true, 0, &[], 1, 0).replacen("    c9:\n", &(entry("    ", &nested) + "    c9:\n"), 1)
    };
    for (levels, is_read_in_pieces) in [(20, true), (40, false)] {
        let text = nested(levels);
        let cut = pieces(&text, &["default_context", "components"]).unwrap();
        assert_eq!(cut.read::<IgnoredAny>().is_some(), is_read_in_pieces);
        assert!(assert_same(&text));
    }
    assert!(!assert_same(&nested(70)));
}

#[test]
fn lines_may_end_as_they_do_elsewhere() {
    let text = file(true, 0, &[(3, 3), (9, 28)], 1, 0);
    let carriage = text.replace('\n', "\r\n");
    let [Ok(pieces), Ok(whole)] = [read(&carriage, None, None), read(&text, None, None)] else {
        panic!("a file can't be read");
    };
    assert_eq!(pieces.stack.components, whole.stack.components);
    // A carriage return of its own ends a line too; nothing ends at a zero.
    for odd in ["\r", "\r\r\n", "\0", "\u{85}", "\u{2028}"] {
        assert_same(&text.replacen("c7:\n", &format!("c7: # odd {odd}\n"), 1));
    }
}

#[test]
fn a_large_stack_is_read_the_same_with_the_place_of_everything() {
    let text = generator::stack(300, 5, 7);
    assert!(assert_same(&text));
    let unknown = text.replacen("    c299:\n      group:", "    c299:\n      gruop:", 1);
    let [Ok(pieces), Ok(whole)] = both_ways(&unknown) else { panic!("the stack can't be read") };
    assert_eq!(pieces.findings(), whole.findings());
    let wrong = format!("{unknown}  configuration: [\n");
    assert!(!assert_same(&wrong));
}
