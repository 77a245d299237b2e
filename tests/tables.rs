//! `--catalog`: a folder of tables in place of the shipped ones is read whole, or refused.

use std::{fs, path::Path};

use pci_engine::TABLES;
use pci_fixtures::fixture;

use crate::shell::{path, run};

/// A copy of the shipped tables in a folder of its own.
fn copied_tables() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for table in TABLES {
        let file = folder.path().join(table);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog").join(table), file).unwrap();
    }
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn tables_of_ones_own_take_the_place_of_the_shipped_ones() {
    let tables = copied_tables();
    for folder in ["pci-dss-v4", "siem"] {
        fs::remove_dir_all(tables.path().join(folder)).unwrap();
    }
    edit(&tables.path().join("pci-exceptions.yaml"), "port: 6379", "port: 7379");
    let stack = fixture("full-form.yaml");
    let arguments = [
        "generate",
        "--stack",
        path(&stack),
        "--level",
        "pci_dss_strict",
        "--dry-run",
        "--json",
        "--catalog",
        path(tables.path()),
    ];
    let (stdout, stderr, code) = run(&arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("redis--link--assistant--ingress--ports--7379"));
    fs::remove_file(tables.path().join("component-types.yaml")).unwrap();
    assert_eq!(run(&arguments).2, 2);
}

#[test]
fn controls_and_sources_of_events_of_ones_own_are_read_too() {
    let tables = copied_tables();
    let asked = ["requirement", "1", "--demo", "--json", "--catalog", path(tables.path())];
    let (copied, _, code) = run(&asked);
    assert_eq!(code, 0);
    let id = "  - id: \"1.1.1\"\n";
    let file = tables.path().join("pci-dss-v4/requirement-01.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let title = text.split(id).nth(1).unwrap().lines().next().unwrap();
    edit(&file, &format!("{id}{title}"), &format!("{id}    title: A title of one's own"));
    let (changed, stderr, code) = run(&asked);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(changed.contains("A title of one's own"), "{changed}");
    let catalog =
        |answer: &str| serde_json::from_str::<serde_json::Value>(answer).unwrap()["inputs"]["catalog"].clone();
    assert_ne!(catalog(&copied), catalog(&changed), "the digest covers each table");
    edit(&tables.path().join("siem/trivy.yaml"), "source: trivy", "source: falco");
    let (_, stderr, code) = run(&asked);
    assert_eq!(code, 2);
    assert!(stderr.contains("siem/falco.yaml") && stderr.contains("stands twice"), "{stderr}");
}

#[test]
fn a_folder_of_tables_that_would_not_be_read_whole_is_refused() {
    let refused = |tables: &tempfile::TempDir| {
        let (stdout, stderr, code) = run(&["stack", "--demo", "--catalog", path(tables.path())]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        stderr
    };
    for (table, near) in [("siem/faclo.yaml", "siem/falco.yaml"), ("components-types.yaml", "component-types.yaml")] {
        let tables = copied_tables();
        fs::write(tables.path().join(table), "").unwrap();
        let stderr = refused(&tables);
        assert!(stderr.contains(table) && stderr.contains(&format!("did you mean `{near}`?")), "{stderr}");
    }
    for table in ["pci-dss-v4/requirement-07.yaml", "siem/opa.yaml", "pci-exceptions.yaml"] {
        let tables = copied_tables();
        fs::remove_file(tables.path().join(table)).unwrap();
        let stderr = refused(&tables);
        assert!(stderr.contains(&format!("there is no `{table}`")), "{stderr}");
    }
    let tables = copied_tables();
    fs::write(tables.path().join(".component-types.yaml.swp"), "what editors leave").unwrap();
    assert_eq!(run(&["stack", "--demo", "--catalog", path(tables.path())]).2, 0);
}
