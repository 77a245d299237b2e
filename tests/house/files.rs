//! Inside a crate no files import each other in a circle. An import counts for the file that defines the name; `mod`
//! lines and re-exports are followed and count for nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use super::{modules::Crate, rust_files, source_folders};

/// Which file imports which, and by what names.
type Edges = BTreeMap<(usize, usize), BTreeSet<String>>;

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let circles: Vec<String> = source_folders().iter().flat_map(|folder| circles(&texts(folder))).collect();
    assert!(circles.is_empty(), "{} circles of files:\n\n{}", circles.len(), circles.join("\n"));
}

/// The texts of the source files in `folder`, by path from there.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let files = rust_files(folder);
    let path = |file: &Path| file.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    files.iter().map(|file| (path(file), fs::read_to_string(file).unwrap())).collect()
}

/// Each set of files that all lead to each other, as lines `a.rs -> b.rs (names)`.
fn circles(texts: &[(String, String)]) -> Vec<String> {
    let of = Crate::new(texts);
    let edges = edges(&of);
    let reached: Vec<BTreeSet<usize>> = (0..of.files.len()).map(|file| reached_from(file, &edges)).collect();
    let mut circles: Vec<String> = Vec::new();
    let mut is_listed = BTreeSet::new();
    for file in 0..of.files.len() {
        let circle: BTreeSet<usize> =
            reached[file].iter().copied().filter(|other| reached[*other].contains(&file)).collect();
        if circle.len() < 2 || !is_listed.insert(circle.clone()) {
            continue;
        }
        let mut lines = String::new();
        for ((from, to), names) in edges.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            writeln!(lines, "{} -> {} ({})", of.files[*from], of.files[*to], names.join(", ")).unwrap();
        }
        circles.push(lines);
    }
    circles
}

fn edges(of: &Crate) -> Edges {
    let mut edges = Edges::new();
    for (id, module) in of.modules.iter().enumerate() {
        for (file, name) in module.mentions.iter().flat_map(|path| of.definitions(id, path)) {
            if file != module.file {
                edges.entry((module.file, file)).or_default().insert(name);
            }
        }
    }
    edges
}

fn reached_from(file: usize, edges: &Edges) -> BTreeSet<usize> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![file]);
    while let Some(from) = waiting.pop() {
        let next = edges.range((from, 0)..=(from, usize::MAX)).map(|((_, to), _)| *to);
        waiting.extend(next.filter(|end| reached.insert(*end)));
    }
    reached
}

/// The circles of a made-up crate.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    circles(&files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<Vec<_>>())
}

#[test]
fn two_files_that_import_each_other_by_name_are_a_circle() {
    let found = circles_of(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "use crate::a::A; pub enum B { One(Box<A>) }"),
    ]);
    assert_eq!(found, ["a.rs -> b.rs (B)\nb.rs -> a.rs (A)\n"]);
}

#[test]
fn what_a_module_only_re_exports_makes_no_circle_with_it() {
    let found = circles_of(&[
        ("lib.rs", "mod room;"),
        ("room/mod.rs", "mod a; mod b; pub use a::A; pub(crate) use b::*;"),
        ("room/a.rs", "use super::B; pub struct A(B);"),
        ("room/b.rs", "pub struct B;"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_circle_is_found_through_re_exports_globs_and_private_imports() {
    for line in ["pub use a::A;", "pub(super) use a::*;", "use a::A;", "pub use self::a::A as A;"] {
        let found = circles_of(&[
            ("lib.rs", "mod room;"),
            ("room/mod.rs", &format!("mod a; mod b; {line}")),
            ("room/a.rs", "use crate::room::b::B; pub struct A(Option<Box<B>>);"),
            ("room/b.rs", "use super::A; pub struct B(A);"),
        ]);
        assert_eq!(found, ["room/a.rs -> room/b.rs (B)\nroom/b.rs -> room/a.rs (A)\n"], "{line}");
    }
}

#[test]
fn paths_count_in_functions_blocks_macros_and_attributes() {
    for use_of_b in [
        "pub fn a() { super::b::b(); }",
        "pub fn a() -> self::inner::Type { todo!() } mod inner { pub type Type = super::super::b::B; }",
        "use super::b; pub fn a() { b::b() }",
        "pub fn a() { use crate::b::b as other; other() }",
        "pub fn a() { println!(\"{}\", crate::b::b()); }",
        "#[serde(with = \"super::b::B\")] pub fn a() {}",
        "pub fn a() -> Vec<Box<crate::b::B>> { Vec::new() }",
    ] {
        let b = "pub struct B; pub fn b() { crate::a::a(); }";
        let found = circles_of(&[("lib.rs", "mod a; mod b;"), ("a.rs", use_of_b), ("b.rs", b)]);
        assert_eq!(found.len(), 1, "{use_of_b}");
    }
}

#[test]
fn names_of_other_crates_and_fields_are_no_imports() {
    let found = circles_of(&[
        ("lib.rs", "mod a; mod b; pub use b::b;"),
        ("a.rs", "use std::b; pub fn a(it: ::b::B) { it.b(); println!(\"crate::b::b {}\", it.b::<u8>()); }"),
        ("b.rs", "use super::a::a; pub fn b() { a() }"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_module_and_a_function_of_one_name_are_told_apart() {
    let found = circles_of(&[
        ("lib.rs", "mod room;"),
        ("room/mod.rs", "mod a; mod b; pub use a::b;"),
        ("room/a.rs", "use super::b::B; pub fn b(_: B) {}"),
        ("room/b.rs", "use super::c; pub struct B; pub fn again() { super::b::again() } mod c {}"),
    ]);
    assert!(found.is_empty(), "{found:?}");
}
