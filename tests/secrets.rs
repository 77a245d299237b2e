//! Secrets end where the file is read.

use std::fs;

use pci_compliance::terms::Level;

use crate::support::{fixture_text, program, read};

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

const CANARY: &str = "c4n4ry-2f9e";

/// A stack with a canary in every secret-bearing attribute, of components, sub-components, links and copies.
fn poisoned(kind: &str, sub_kind: &str) -> String {
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
    for path in written.chain([out.join(pci_compliance::render::report::FILE)]) {
        assert!(!fs::read_to_string(&path).unwrap().contains(CANARY), "{} holds a secret", path.display());
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
