//! Links between pages: each leads to a file of the project, and to a heading of it if it names one.

use std::{collections::BTreeSet, fs, path::PathBuf};

/// The anchor of a heading, as GitHub and GitLab make it.
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// All pages: in the root, in `docs/`, in `packaging/`.
fn pages() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/findings", "packaging"].map(super::path);
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut pages: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The text without what stands in fences: code and output are no prose.
fn prose(text: &str) -> String {
    let mut fence = None;
    let kept = text.lines().filter(|line| {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => return true,
            _ => {}
        }
        false
    });
    kept.collect::<Vec<_>>().join("\n")
}

fn anchors(page: &str) -> BTreeSet<String> {
    prose(page).lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

/// The targets of all links and pictures.
fn targets(page: &str) -> Vec<String> {
    let prose = prose(page);
    let ends = prose.split("](").skip(1);
    ends.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

#[test]
fn no_link_of_a_page_leads_nowhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in targets(&text).into_iter().filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let is_there =
                file.exists() && (heading.is_empty() || anchors(&fs::read_to_string(&file).unwrap()).contains(heading));
            if !is_there {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_page_of_the_docs_is_listed_in_the_readme() {
    let readme = fs::read_to_string(super::path("README.md")).unwrap();
    let listed: BTreeSet<String> = targets(&readme).into_iter().collect();
    for page in pages().iter().filter_map(|page| page.strip_prefix(super::path("docs")).ok()) {
        let is_of_a_folder = page.components().count() > 1;
        let name = format!("docs/{}", page.display());
        assert!(is_of_a_folder || listed.contains(&name), "README.md lists no {name}");
    }
}
