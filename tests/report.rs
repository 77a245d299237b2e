//! The report: whole, in its order, and safe to read whatever a file calls things.

use std::fs;

use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::{
    PROGRAM, component, fixture, hostile,
    hostile::{TEXTS, markup},
    stack, tables,
};
use pci_render::report;
use pci_stack::Level;

use crate::program::program;

const PARTS: [&str; 15] = [
    "## 0. What this report is not",
    "## 1. What it was made from",
    "## 2. Preconditions",
    "## 3. The numbers",
    "## 4. Requirements",
    "## 5. Scope and inventory",
    "## 6. Account-data flows",
    "## 7. Allowed services",
    "## 8. Segmentation test plan",
    "## 9. External parties",
    "## 10. Register of statements",
    "## 11. Targeted risk analyses",
    "## 12. Component types and requirements",
    "## 13. Controls",
    "## 14. Findings",
];

/// A till that a gateway publishes, its store, an acquirer in another stack, and a wiki that nobody calls.
fn shop() -> String {
    stack(
        &[
            component("gateway", "apisix", "", &["till"]),
            component("till", "fastapi", "port: 8080", &["ledger", "acquirer"]),
            component("ledger", "postgresql", "chart_version_postgresql: \"16.4.0\"", &["logs"]),
            component("acquirer", "fastapi", "is_external: true, remote_host: acquirer.example", &[]),
            component("logs", "opensearch", "siem: true", &[]),
            component("wiki", "fastapi", "port: 8080", &["notes"]),
            component("notes", "redis", "", &[]),
        ]
        .concat(),
    )
}

const PROFILE: &str = "\
entity: merchant
cluster: {cni: calico, api_server: {addresses: [10.0.0.1/32], ports: [6443]}}
account_data:
  components: {store: [ledger], process: [till]}
  links: [till -> ledger]
facts:
  - {component: till, fact: function, value: Takes cards, stated_by: Engineer, date: \"2026-01-10\"}
flows:
  - {link: till -> ledger, reason: Cards are kept, approved_by: Head of payments, review_by: \"2026-12-31\"}
attestations:
  - {control: \"1.1.1\", who: Security, role: Head, date: \"2026-01-15\", evidence: {reference: POL-1}}
  - {control: \"1.2.7\", who: Platform, date: \"2025-01-15\", evidence: {reference: CHG-1}}
  - {control: \"5.3.2.1\", who: Security, date: \"2026-02-01\", interval: 6, interval_reference: TRA-1}
not_applicable:
  - {control: \"9.5.1\", reason: No card readers, approver: Head of payments, date: \"2026-01-15\"}
inherited:
  - {control: \"9.2.1\", from: The data centre, date: \"2026-01-15\"}
";

fn snapshot(stack: &str, profile: &str, as_of: Option<&str>) -> Snapshot {
    let named = |name, text| Source { name, text };
    Snapshot::read(Sources {
        stack: named("stack.yaml", stack),
        exceptions: None,
        profile: Some(named("profile.yaml", profile)),
        tables: tables(),
        level: Some(Level::PciDssStrict),
        as_of: as_of.map(|day| day.parse().unwrap()),
        is_demo: false,
        program: PROGRAM,
    })
    .unwrap()
}

fn of_the_demo() -> String {
    let output = program().args(["report", "--demo", "--as-of", "2026-11-01"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `text` with `SHA-256` for each digest, so that a change of the catalogue's wording is all that a snapshot shows.
fn without_digests(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches('`');
        let is_digest = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest { "`SHA-256`".to_owned() } else { word.to_owned() }
    };
    let lines = text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_report_of_a_small_shop_is_this() {
    let report = report::report(&snapshot(&shop(), PROFILE, Some("2026-03-01")));
    insta::assert_snapshot!(without_digests(&report));
}

#[test]
fn it_has_its_fifteen_parts_in_their_order_and_a_table_of_contents_that_leads_to_each() {
    let report = of_the_demo();
    let headings: Vec<&str> = report.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headings, PARTS);
    for heading in headings {
        let title = heading.trim_start_matches("## ");
        let anchor = title.to_lowercase().replace(' ', "-").replace('.', "");
        assert!(report.contains(&format!("- [{title}](#{anchor})")), "{title}");
    }
    assert!(report.lines().count() < 2_000, "nobody reads more");
}

#[test]
fn each_of_the_250_controls_stands_in_it_once() {
    let report = of_the_demo();
    let controls = &report[report.find(PARTS[13]).unwrap()..report.find(PARTS[14]).unwrap()];
    let first = |line: &str| {
        let text = line.strip_prefix("#### ").or_else(|| line.strip_prefix("| "))?;
        let word = text.split(' ').next()?;
        word.starts_with(|c: char| c.is_ascii_digit()).then(|| word.to_owned())
    };
    let mut numbers: Vec<String> = controls.lines().filter_map(first).collect();
    assert_eq!(numbers.len(), 250);
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 250);
}

#[test]
fn it_claims_nothing_that_is_an_assessors_to_say() {
    let report = of_the_demo();
    assert!(!report.to_lowercase().contains("compliant") && !report.contains("In Place"));
}

#[test]
fn without_a_day_no_attestation_counts_and_none_is_shown_that_nobody_gave() {
    let report = report::report(&snapshot(&shop(), PROFILE, None));
    assert!(report.contains("| As of | not given: no attestation counts |"));
    assert!(report.contains("no: date not given"));
    let is_day = |word: &str| word.len() == 10 && word.parse::<pci_stack::Date>().is_ok();
    let given = report.split(|c: char| !(c.is_ascii_digit() || c == '-')).filter(|word| is_day(word));
    let stated = ["2025-01-15", "2025-07-15", "2026-01-15", "2026-02-01", "2026-08-01", "2026-12-31", "2027-01-15"];
    assert!(given.into_iter().all(|day| stated.contains(&day)), "a day that no statement has");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || report::report(&snapshot(&shop(), PROFILE, Some("2026-03-01")));
    assert_eq!(once(), once());
}

#[test]
fn what_is_not_declared_is_said_to_be_so() {
    let report = report::report(&snapshot(&shop(), "{}", None));
    assert!(report.contains("Nobody says where account data is"));
    assert!(report.contains("Not declared: the profile's `account_data`"));
    assert!(report.contains("The profile states nothing of any control."));
    assert!(report.contains("No namespace is out of scope, so that nothing is to be tested from there."));
    let empty = report::report(&snapshot("components: {}\nconfiguration: {system_name: empty}\n", "{}", None));
    assert!(empty.contains("0 / 104") && empty.contains("0 components"), "nothing is shown by nothing");
}

/// The cells of a row, as GitHub's Markdown splits them: at each bar that no backslash stands before.
fn cells(row: &str) -> usize {
    let (mut count, mut characters) = (0, row.chars());
    while let Some(c) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '|' => count += 1,
            _ => {}
        }
    }
    count
}

fn assert_tables_hold(report: &str) {
    let mut head = None;
    for line in report.lines() {
        if line.starts_with('|') {
            assert!(line.ends_with('|'), "{line}");
            let expected = *head.get_or_insert_with(|| cells(line));
            assert_eq!(cells(line), expected, "{line}");
        } else {
            head = None;
        }
    }
}

#[test]
fn no_name_breaks_a_table_or_becomes_markup() {
    let evil = "a|b `c` <script>x</script> \\\\| [l](javascript:x) **d** \\n# e";
    let text = format!(
        "components:\n  one:\n    type: \"fast|api <b>\"\n    name: \"{evil}\"\n    attributes: {{namespace: one, port: 8000, version: \"{evil}\"}}\n    \
         links_to:\n      two: {{type: \"{evil}\"}}\n  two:\n    type: cnpg\n    name: two\n    attributes: {{namespace: two, psql_version: \"{evil}\"}}\n    \
         sub_components:\n      \"{evil}\": {{type: db, name: \"{evil}\"}}\n  \
         far:\n    type: fastapi\n    name: far\n    attributes: {{namespace: far, is_external: true, remote_host: \"{evil}\"}}\n\
         configuration: {{system_name: \"{evil}\"}}\n"
    );
    let profile = format!(
        "cluster: {{cni: \"{evil}\"}}\naccount_data:\n  components: {{store: [two, \"{evil}\"]}}\n  links: [\"{evil}\"]\nfacts:\n  \
         - {{component: two, fact: function, value: \"{evil}\", stated_by: \"{evil}\", date: \"2026-01-01\"}}\n  \
         - {{component: two, fact: insecure_service_safeguard, value: \"{evil}\", stated_by: \"{evil}\"}}\nflows:\n  \
         - {{link: \"{evil}\", reason: \"{evil}\", approved_by: \"{evil}\"}}\nattestations:\n  \
         - {{control: \"1.1.1\", who: \"{evil}\", role: \"{evil}\", date: \"2026-01-01\", evidence: {{reference: \"{evil}\"}}}}\n\
         not_applicable:\n  - {{control: \"9.5.1\", reason: \"{evil}\", approver: \"{evil}\", date: \"2026-01-01\"}}\n\
         inherited:\n  - {{control: \"9.2.1\", from: \"{evil}\", date: \"2026-01-01\"}}\n"
    );
    let report = report::report(&snapshot(&text, &profile, Some("2026-02-01")));
    assert_tables_hold(&report);
    assert!(!report.contains('<'), "{:?}", report.lines().find(|line| line.contains('<')));
    let is_ours = |at: usize| report[at + 2..].starts_with('#') || report[..at].ends_with('\\');
    assert!(report.match_indices("](").all(|(at, _)| is_ours(at)), "a name became a link");
    assert!(!report.contains("**d**"));
    assert!(report.lines().all(|line| !line.starts_with("# e")));
    assert_tables_hold(&of_the_demo());
    for first in 0..TEXTS.len() {
        let hostile = hostile(first);
        let report = report::report(&hostile);
        assert_tables_hold(&report);
        assert_eq!(markup(&report), Vec::<String>::new(), "{first}");
        assert!(!report.contains('<'), "{:?}", report.lines().find(|line| line.contains('<')));
        let page = report::page(&hostile);
        for part in ["<img", "<script>evil", "<b>evil", "href=\"http", "src=\"http", ">evil heading"] {
            assert!(!page.contains(part), "{first}: {part}");
        }
    }
}

#[test]
fn it_stands_in_the_folder_in_strict_mode_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let generate = |level: &str| {
        let mut run = program();
        run.args(["generate", "--demo", "--as-of", "2026-11-01", "--level", level, "--out"]).arg(&out);
        assert!(run.output().unwrap().status.success());
    };
    generate("pci_dss_strict");
    assert_eq!(
        fs::read_to_string(out.join(report::FILE)).unwrap(),
        of_the_demo().replace("from the stack file", "asked for by the caller")
    );
    generate("standard");
    assert!(!out.join("compliance").exists());
}

#[test]
fn below_strict_there_is_none_and_the_command_says_how_to_get_one() {
    let stack = fixture("full-form.yaml");
    let runs: [&[&str]; 3] = [&["--level", "standard"], &["--level", "none"], &[]];
    for level in runs {
        let output = program().arg("report").arg("--stack").arg(&stack).args(level).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{stderr}");
        assert!(stderr.contains("--level pci_dss_strict"), "{stderr}");
    }
}

#[test]
fn the_command_writes_a_file_or_answers_with_fields() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.md");
    let mut run = program();
    run.args(["report", "--demo", "--as-of", "2026-11-01", "--out"]).arg(&file);
    assert!(run.output().unwrap().status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), of_the_demo());
    let output = program().args(["report", "--demo", "--as-of", "2026-11-01", "--json"]).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["markdown"], of_the_demo());
    assert_eq!((&answer["controls_total"], &answer["as_of"]), (&250.into(), &"2026-11-01".into()));
    let output = program().args(["report", "--demo", "--as-of", "tomorrow"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
