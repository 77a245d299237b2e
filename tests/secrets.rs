//! Secrets end where the file is read.

use std::{collections::BTreeMap, fs};

use pci_ask::{
    prompts,
    resources::{self, uri},
};
use pci_compliance::shipped::PAGE;
use pci_engine::{Snapshot, fleet::Fleet};
use pci_fixtures::{
    demo_sources, fixture_text,
    misplaced::{SECRETS, stack_of},
    read, tables,
};
use pci_stack::{Level, Watch};

use crate::program::program;

/// Names that hold secrets or personal data, as real files bear them.
const NAMES: &[&str] = &[
    "password",
    "admin_password",
    "token",
    "access_key",
    "secret_key",
    "api_key",
    "ai_api_key",
    "email_http_api_key",
    "root_password",
    "bucket_access_key",
    "bucket_secret_key",
    "client_secret",
    "db_password",
    "superuser_password",
    "huggingface",
    "hf_token",
    "git_token",
    "git_password",
    "registry_password",
    "registry_auth",
    "sops_age_secret_key",
    "secret_store_auth_token",
    "aws_access_key",
    "aws_secret_key",
    "gcp_credentials",
    "azure_client_secret",
    "ca_crt",
    "tls_key",
    "tls_crt",
    "smtp_password",
    "slack_api",
    "notify_webhook",
    "configmap",
    "startup_commands",
    "init_db",
    "apisix_oidc_param",
    "email_contact",
    "registry_email",
    "username",
    "admin_username",
    "unheard_of",
];

pub const CANARY: &str = "c4n4ry-2f9e";

/// A stack with a canary in every secret-bearing attribute, of components, sub-components, links and copies.
pub fn poisoned(kind: &str, sub_kind: &str) -> String {
    let attributes = |pad: &str| {
        let lines = NAMES.iter().enumerate().map(|(index, name)| {
            // Some with escapes, so that the text can't be borrowed from the file.
            let tail = if index % 2 == 0 { "\\n" } else { "" };
            format!("{pad}{name}: \"{CANARY}-{name}{tail}\"\n")
        });
        lines.collect::<String>()
    };
    let (deep, deeper) = (attributes("        "), attributes("            "));
    let configuration = attributes("    ");
    format!(
        "default_context:\n  components:\n    one:\n      type: {kind}\n      name: one\n      attributes:\n        namespace: one\n        \
         port: \"8000\"\n{deep}      links_to:\n        two:\n          type: {kind}-{kind}\n          attributes:\n{deeper}          \
         component:\n            type: {kind}\n            name: two\n            attributes:\n              namespace: two\n              \
         port: \"8000\"\n              password: \"{CANARY}-copy\"\n      sub_components:\n        sub:\n          type: {sub_kind}\n          \
         name: sub\n          attributes:\n{deeper}    two:\n      type: {kind}\n      name: two\n      attributes:\n        \
         namespace: two\n        port: \"8000\"\n{deep}  configuration:\n    system_name: \"poisoned\"\n{configuration}"
    )
}

#[test]
fn no_secret_survives_the_reading_whatever_the_component_type() {
    for (kind, sub) in
        [("apisix", "gateway"), ("cnpg", "db"), ("minio", "bucket"), ("keycloak", "client"), ("never_seen", "nor_this")]
    {
        let snapshot = read(&poisoned(kind, sub), None, Some(Level::PciDssStrict)).unwrap();
        let everything =
            format!("{snapshot:?}{:?}{:?}{:?}", snapshot.rules(), snapshot.evidence(), snapshot.findings());
        assert!(!everything.contains(CANARY), "{kind}: a secret was kept");
    }
}

/// A stack with a secret in every attribute that may be read, whatever its type: of all sorts in turn, the first being
/// the one at `first`.
pub fn misplaced(first: usize) -> String {
    let mut secrets = SECRETS.iter().cycle().skip(first);
    let quoted = |secret: &pci_fixtures::misplaced::Secret| serde_json::to_string(secret.value).unwrap();
    stack_of(&tables().catalog, || secrets.next().map(quoted).unwrap())
}

/// The misplaced secrets that `text` holds.
pub fn held(text: &str) -> Vec<&'static str> {
    SECRETS.iter().map(|secret| secret.canary).filter(|canary| text.contains(canary)).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn no_attribute_that_may_be_read_keeps_a_secret_that_does_not_fit_it() {
    for first in 0..SECRETS.len() {
        let snapshot = read(&misplaced(first), None, Some(Level::PciDssStrict)).unwrap();
        let everything = format!("{snapshot:?}{:?}", snapshot.findings());
        assert_eq!(held(&everything), NONE, "{first}");
    }
}

#[test]
fn no_output_of_any_command_holds_a_secret_from_an_attribute_that_may_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    let out = folder.path().join("out");
    let changes = folder.path().join("changes.yaml");
    let commands: [&[&str]; 14] = [
        &["overview"],
        &["overview", "--json"],
        &["gaps"],
        &["gaps", "--json"],
        &["requirement", "4"],
        &["requirement", "9", "--json"],
        &["impact", "velero"],
        &["stack"],
        &["stack", "--json"],
        &["generate"],
        &["diagram"],
        &["verify"],
        &["report", "--html"],
        &["report", "--json"],
    ];
    // Which secret stands in which attribute moves on by a number that meets all of them.
    for first in [0, 5, 10, 15] {
        fs::write(&file, misplaced(first)).unwrap();
        let given = &SECRETS[first];
        let change = format!(
            "- {{op: set_attribute, name: vault, attribute: version, value: {value}}}\n\
             - {{op: set_attribute, name: valkey, attribute: enable_auth, value: {value}}}\n",
            value = serde_json::to_string(given.value).unwrap()
        );
        fs::write(&changes, change).unwrap();
        let what_if = ["what-if", changes.to_str().unwrap()];
        // Gaps say what the overview and the requirements say, and take longest: once is enough.
        let is_wanted = |command: &&[&str]| first == 0 || command[0] != "gaps";
        for command in commands.iter().copied().chain([what_if.as_slice()]).filter(is_wanted) {
            let mut run = program();
            run.args(command).arg("--stack").arg(&file).args(["--level", "pci_dss_strict"]);
            if command == ["generate"] {
                run.arg("--out").arg(&out);
            }
            let output = run.env("RUST_LOG", "trace").output().unwrap();
            let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(printed.len() > 100, "{command:?}: {printed}");
            assert_eq!(held(&printed), NONE, "{command:?}");
        }
        let mut folders = vec![out.clone()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                    assert_eq!(held(&text), NONE, "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn no_output_of_any_command_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, poisoned("cnpg", "db")).unwrap();
    let out = folder.path().join("out");
    let commands: [&[&str]; 6] = [
        &["generate", "--json"],
        &["generate", "--dry-run"],
        &["diagram", "--json"],
        &["diagram", "--scope", "one"],
        &["report"],
        &["report", "--json"],
    ];
    for command in commands {
        let mut run = program();
        run.args(command).arg("--stack").arg(&file).args(["--level", "pci_dss_strict"]);
        if command == ["generate", "--json"] {
            run.arg("--out").arg(&out);
        }
        let output = run.env("RUST_LOG", "trace").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&printed).contains(CANARY), "{command:?} printed a secret");
    }
    let written = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    for path in written.chain([out.join(pci_render::report::FILE)]) {
        assert!(!fs::read_to_string(&path).unwrap().contains(CANARY), "{} holds a secret", path.display());
    }
}

/// All that can be read and all that prompts say of the only stack of `fleet`.
fn everything(fleet: &Fleet) -> String {
    let snapshot = fleet.snapshot(None).unwrap();
    let id = snapshot.stack.id.as_str();
    let mut uris: Vec<String> = resources::list(fleet).into_iter().map(|one| one.uri).collect();
    uris.extend((1..=12).map(|number| uri::requirement(id, number)));
    uris.extend(snapshot.stack.components.iter().map(|component| uri::component(id, &component.name.to_string())));
    let policies = snapshot.rules().rules.iter();
    uris.extend(policies.map(|rule| uri::policy(id, rule.namespace.as_str(), &rule.name.object)));
    let mut said: Vec<String> =
        uris.iter().map(|uri| resources::read(fleet, PAGE, uri, &Watch::patient()).unwrap().text).collect();
    for prompt in prompts::ALL {
        let arguments = prompt.arguments.iter().filter(|argument| argument.required);
        let value = |name| if name == "requirement" { "8" } else { "fewer secrets" };
        let arguments: BTreeMap<String, String> =
            arguments.map(|argument| (argument.name.to_owned(), value(argument.name).to_owned())).collect();
        said.push((prompt.text)(fleet, &arguments, &Watch::patient()).unwrap());
        said.extend(prompts::complete(fleet, prompt.name, "goal", ""));
    }
    said.join("\n")
}

#[test]
fn no_resource_and_no_prompt_holds_a_secret() {
    let shop = everything(&Fleet::of_one(Snapshot::read(demo_sources())));
    assert!(shop.len() > 1_000_000 && !shop.contains("demo-not-a-secret"));
    for (kind, sub) in [("apisix", "gateway"), ("cnpg", "db"), ("keycloak", "client")] {
        let fleet = Fleet::of_one(read(&poisoned(kind, sub), None, Some(Level::PciDssStrict)));
        assert!(!everything(&fleet).contains(CANARY), "{kind}: a secret is shown");
    }
    for first in [0, 9] {
        let fleet = Fleet::of_one(read(&misplaced(first), None, Some(Level::PciDssStrict)));
        assert_eq!(held(&everything(&fleet)), NONE, "{first}: a misplaced secret is shown");
    }
}

/// The demo with one line after a password spoilt, in each of the ways that a library's error might quote.
#[test]
fn an_error_beside_a_password_does_not_print_it() {
    let spoilt = [
        "      password: \"c4n4ry-2f9e",
        "      password: \"c4n4ry-2f9e\"\n      password: \"c4n4ry-2f9e\"",
        "      password: c4n4ry-2f9e: c4n4ry-2f9e",
        "      password: [c4n4ry-2f9e",
        "      password: *c4n4ry-2f9e",
        "      password: !c4n4ry-2f9e c4n4ry-2f9e\n      port: \"c4n4ry-2f9e\"",
        "      password: \"\\c4n4ry-2f9e\"",
        "      c4n4ry-2f9e",
        "      port: c4n4ry-2f9e",
        "      namespace: C4N4RY c4n4ry-2f9e",
        "    attributes: c4n4ry-2f9e",
        "    name: [c4n4ry-2f9e]",
        "    links_to: c4n4ry-2f9e",
        "    links_to:\n      two: c4n4ry-2f9e",
        "    links_to: {two: {component: c4n4ry-2f9e}}",
        "    sub_components: [c4n4ry-2f9e]",
        "    sub_components: {x: c4n4ry-2f9e}",
    ];
    for line in spoilt {
        let is_attribute = line.starts_with("      ");
        let head = if is_attribute { "    attributes:\n      namespace: one\n" } else { "" };
        let text = format!(
            "components:\n  one:\n    type: redis\n{head}{line}\nconfiguration: {{microsegmentation_level: c4n4ry-2f9e}}\n"
        );
        let error = read(&text, None, None).expect_err(&text);
        let shown = format!("{error} {error:?}");
        assert!(!shown.to_lowercase().contains("c4n4ry"), "{line}: {shown}");
        assert!(error.place.line > 0, "{line}: no place in {shown}");
    }
}

#[test]
fn what_the_demo_keeps_of_secret_attributes_is_that_they_are_there() {
    let snapshot = read(&fixture_text("demo/stack-metadata.yaml"), None, None).unwrap();
    assert!(!format!("{snapshot:?}").contains("demo-not-a-secret"));
}

fn finding<'f>(findings: &'f [pci_stack::Finding], id: &str) -> Vec<&'f pci_stack::Finding> {
    findings.iter().filter(|finding| finding.id == id).collect()
}

const NO_LINK: &str = "";

fn three_stores(first: &str, second: &str, third: &str, link: &str) -> String {
    format!(
        "components:
  ledger:
    type: cnpg
    name: ledger
    attributes: {{namespace: ledger, admin_password: '{first}'}}
  sessions:
    type: valkey
    name: sessions
    attributes: {{namespace: sessions, password: '{second}'}}
  logs:
    type: opensearch
    name: logs
    attributes: {{namespace: logs, admin_password: '{third}'}}
{link}configuration:
  system_name: small
  sops_enabled: true
"
    )
}

#[test]
fn a_default_secret_is_found_where_it_stands_and_not_shown() {
    for default in ["changeme", "Admin", "logs"] {
        let snapshot = read(&three_stores("a-long-one", "another-one", default, NO_LINK), None, None).unwrap();
        let findings = snapshot.findings();
        let found = finding(&findings, "default-secret");
        assert_eq!(found.len(), 1, "{default}");
        assert_eq!(found[0].r#where.as_ref().unwrap().to_string(), "stack.yaml:13:35");
        assert_eq!(found[0].message, "`admin_password` of `logs` is a default");
    }
}

#[test]
fn a_secret_that_three_components_share_is_one_finding_with_all_its_places() {
    let snapshot = read(&three_stores(CANARY, CANARY, CANARY, NO_LINK), None, None).unwrap();
    let findings = snapshot.findings();
    let found = finding(&findings, "shared-secret");
    assert_eq!(found.len(), 1);
    let places = ["`ledger` (stack.yaml:5:37)", "`sessions` (stack.yaml:9:39)", "`logs` (stack.yaml:13:35)"];
    assert!(places.iter().all(|place| found[0].message.contains(place)), "{}", found[0].message);
    assert_eq!(found[0].r#where.as_ref().unwrap().to_string(), "stack.yaml:9:39");
    assert!(!format!("{snapshot:?}").contains(CANARY));
}

#[test]
fn what_one_logs_in_to_the_other_with_is_not_shared() {
    let link = "  app:
    type: fastapi
    name: app
    attributes: {namespace: app, db_password: 'the-same'}
    links_to: {ledger: {attributes: {}}}
";
    let snapshot = read(&three_stores("the-same", "one", "two", link), None, None).unwrap();
    assert!(finding(&snapshot.findings(), "shared-secret").is_empty());
    let snapshot = read(&three_stores("the-same", "the-same", "two", link), None, None).unwrap();
    assert_eq!(finding(&snapshot.findings(), "shared-secret").len(), 1, "sessions is joined to neither");
}

#[test]
fn what_stands_for_a_secret_is_none() {
    for mask in ["REDACTED", "****", "{{ password }}", "<set me>", "${PASSWORD}", ""] {
        let snapshot = read(&three_stores(mask, mask, mask, NO_LINK), None, None).unwrap();
        let ids: Vec<_> = snapshot.findings().iter().map(|finding| finding.id).collect();
        assert!(!ids.contains(&"shared-secret") && !ids.contains(&"default-secret"), "{mask}: {ids:?}");
    }
}

#[test]
fn secrets_in_a_file_that_is_not_encrypted_are_noticed() {
    let encrypted = three_stores("one", "two", "three", NO_LINK);
    assert!(finding(&read(&encrypted, None, None).unwrap().findings(), "secrets-in-clear").is_empty());
    let off = encrypted.replace("sops_enabled: true", "sops_enabled: false");
    let findings = read(&off, None, None).unwrap().findings();
    let found = finding(&findings, "secrets-in-clear");
    assert_eq!(found[0].r#where.as_ref().unwrap().to_string(), "stack.yaml:16:3");
    assert_eq!(found[0].severity, pci_stack::Severity::Medium);
    let unsaid = encrypted.replace("  sops_enabled: true\n", "");
    let findings = read(&unsaid, None, None).unwrap().findings();
    assert_eq!(finding(&findings, "secrets-in-clear")[0].severity, pci_stack::Severity::Low);
}
