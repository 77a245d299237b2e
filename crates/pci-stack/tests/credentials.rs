//! What is said of secrets without saying them: usual ones, shared ones, and whether they stand in clear.

mod sharing;

use pci_engine::Snapshot;
use pci_fixtures::{component, fixture_text, read, stack, strict};
use pci_stack::{FactValue, Finding, SecretShape, Severity};

/// The findings of kind `id` in a stack of `components` whose secrets are said to be encrypted.
fn found(components: &str, id: &str) -> Vec<Finding> {
    let snapshot = strict(&(stack(components) + "  sops_enabled: true\n"));
    of_kind(&snapshot, id)
}

fn of_kind(snapshot: &Snapshot, id: &str) -> Vec<Finding> {
    snapshot.findings().iter().filter(|finding| finding.id == id).cloned().collect()
}

/// The messages of `findings`, each after its place.
fn shown(findings: &[Finding]) -> String {
    let line = |finding: &Finding| format!("{}: {}", finding.r#where.as_ref().unwrap(), finding.message);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn shape(snapshot: &Snapshot, component: usize, attribute: &str) -> Option<SecretShape> {
    match snapshot.stack.components[component].facts[attribute].value {
        FactValue::Secret(shape) => Some(shape),
        _ => None,
    }
}

#[test]
fn a_default_password_is_found_where_it_stands() {
    let text = component("logs", "opensearch", "admin_password: \"changeme\"", &[]);
    let findings = found(&text, "default-secret");
    assert_eq!(shown(&findings), "stack.yaml:5:35: `admin_password` of `logs` is a default");
    assert_eq!(findings[0].severity, Severity::High);
}

#[test]
fn what_suppliers_set_and_what_everybody_tries_is_a_default() {
    let usual = [
        "admin",
        "Admin",
        "ADMIN123",
        "admin@123",
        "admin2024!",
        "password",
        "P@ssw0rd",
        "Passw0rd!",
        "changeit",
        "change-me",
        "change_me_please",
        "change_access_key",
        "default_password",
        "Default Value",
        "minioadmin",
        "minio123",
        "postgres",
        "prom-operator",
        "Harbor12345",
        "guest",
        "toor",
        "r00t",
        "123456",
        "letmein",
        "grafana-password",
        // Its own name, its type, whom it lets in; and these with what is usually put after them.
        "ledger",
        "Ledger1",
        "cnpg",
        "cnpg-2024",
        "cnpg123",
        "ledger-password",
        "the-clerk",
        "edd1c9f034335f136f87ad84b625c8f1",
        "Ch@ngeMe-later-on",
        "pleasechange_this",
        "$ecret",
        "adm1n",
        "we1come1",
    ];
    for secret in usual {
        let text = component("ledger", "cnpg", &format!("admin_user: the-clerk, admin_password: \"{secret}\""), &[]);
        assert_eq!(found(&text, "default-secret").len(), 1, "{secret}");
    }
    let strong = [
        "demo-not-a-secret-ledger-admin",
        "correct horse battery staple",
        "admin8362940175",
        "Zx9-kq27-Lw01",
        "ledgerdemain",
        "adminton",
        "7b2f0e6c91d84a53",
        "1976",
    ];
    for secret in strong {
        let text = component("ledger", "cnpg", &format!("admin_user: the-clerk, admin_password: \"{secret}\""), &[]);
        assert!(found(&text, "default-secret").is_empty(), "{secret}");
    }
}

#[test]
fn a_type_and_a_parent_give_a_secret_away() {
    let redis = component("sessions", "redis", "password: \"Redis!\"", &[]);
    assert_eq!(found(&redis, "default-secret").len(), 1, "its type");
    let sub = "    sub_components: {accounts: {type: db, name: accounts, attributes: {password: \"Orders_DB1\"}}}\n";
    let part = component("orders-db", "cnpg", "", &[]) + sub;
    assert_eq!(found(&part, "default-secret").len(), 1, "its parent's name");
    let link = "    links_to: {ledger: {attributes: {db_password: \"ledger\"}}}\n";
    let app = component("app", "fastapi", "", &[]) + link + &component("ledger", "cnpg", "", &[]);
    let expected = "stack.yaml:6:38: `db_password` of the link `app -> ledger` is a default";
    assert_eq!(shown(&found(&app, "default-secret")), expected);
}

#[test]
fn no_debug_of_anything_holds_a_value() {
    let secret = "changeme-c4n4ry";
    let link = format!("    links_to: {{b: {{attributes: {{api_key: \"{secret}\"}}}}}}\n");
    let user = format!("admin_user: \"{secret}\", admin_password: \"{secret}\"");
    let text = component("a", "fastapi", &user, &[]) + &link + &component("b", "cnpg", &user, &[]);
    let text = stack(&text) + &format!("  git_password: \"{secret}\"\n");
    let snapshot = strict(&text);
    let ids: Vec<_> = snapshot.findings().iter().map(|finding| finding.id).collect();
    for id in ["default-secret", "shared-secret", "secrets-in-clear"] {
        assert!(ids.contains(&id), "{id}");
    }
    let everything = format!("{snapshot:?}{:?}{:?}", snapshot.findings(), snapshot.stack.shared_secrets());
    assert!(!everything.to_lowercase().contains("c4n4ry"));
    let from = "    links_from: {a: {attributes: {api_key: \"c4n4ry-2\"}}}\nconfiguration:";
    let error = read(&text.replace("configuration:", from), None, None).unwrap_err();
    assert!(error.to_string().contains("api_key"), "{error}");
    assert!(!format!("{error} {error:?}").contains("c4n4ry"), "{error:?}");
}

#[test]
fn a_bucket_whose_secret_key_is_its_id_has_a_default_secret() {
    let text = component("files", "minio", "access_key: \"Kd82hsL2\", secret_key: \"Kd82hsL2\"", &[]);
    assert_eq!(found(&text, "default-secret").len(), 1);
}

#[test]
fn names_say_which_attributes_hold_a_secret() {
    let secrets = [
        "password",
        "admin_password",
        "adminPassword",
        "ADMIN-PASSWORD",
        "passwd",
        "pwd",
        "db_pass",
        "secret",
        "client_secret",
        "token",
        "hf_token",
        "git_token",
        "api_key",
        "apiKey",
        "apikey",
        "ai_api_key",
        "secret_key",
        "aws_secret_key",
        "aws_secret_access_key",
        "private_key",
        "tls_key",
        "auth_key",
        "gcp_credentials",
        "azure_client_secret",
        "sops_age_secret_key",
        "secret_store_auth_token",
        "registry_auth",
        "huggingface",
        "smtp_password",
        "email_http_api_key",
        "superuser_password",
        "bucket_secret_key",
        "password2",
        "private_key_pem",
        "jwt_secret",
        "erlang_cookie",
        "default_password",
        "docker_auth",
        "storage_account_key",
        "rootPasswordBase64",
        ".dockerconfigjson",
        "rootpassword",
    ];
    let others = [
        "secret_store_path",
        "secret_store_provider",
        "secret_store_host",
        "secret_store_version",
        "secret_name",
        "existing_secret",
        "existingSecret",
        "image_pull_secret",
        "tls_secret",
        "password_secret",
        "token_url",
        "password_policy",
        "password_length",
        "access_key",
        "bucket_access_key",
        "aws_access_key",
        "public_key",
        "ssh_public_key",
        "routing_key",
        "partition_key",
        "max_token",
        "max_tokens",
        "eos_token",
        "enable_auth",
        "enable_password",
        "reset_password",
        "tls_crt",
        "ca_crt",
        "key",
        "keys",
        "proxy_pass",
        "username",
        "admin_user",
        "email_contact",
        "automount_service_account_token",
        "token_ttl",
        "passenger",
        "use_token",
        "access_keys",
        "enable_tls_key",
        "monkey",
        "configmap",
        "_",
        "密码",
    ];
    for (names, is_secret) in [(&secrets[..], true), (&others[..], false)] {
        for name in names {
            let text = component("a", "unheard_of", &format!("\"{name}\": \"Kd82hsL2-71\""), &[]);
            assert_eq!(shape(&strict(&stack(&text)), 0, name).is_some(), is_secret, "{name}");
        }
    }
}

#[test]
fn what_only_stands_for_a_secret_is_none() {
    let stand_ins = [
        "",
        " ",
        "ENC[AES256_GCM,data:q1,type:str]",
        "postgres://a:${DB_PASSWORD}@b",
        "[REDACTED]",
        "(masked)",
        "null",
        "${DB_PASSWORD}",
        "$(cat x)",
        "{{ password }}",
        "<path:kv/data/x#y>",
        "vault:secret/data/x#y",
        "ref+vault://x",
        "REDACTED",
        "<redacted>",
        "********",
        "xxxx",
        "true",
        "False",
    ];
    for text in stand_ins {
        let attributes = format!("admin_password: \"{text}\"");
        let both = component("a", "cnpg", &attributes, &[]) + &component("b", "cnpg", &attributes, &[]);
        let snapshot = strict(&stack(&both));
        assert_eq!(shape(&snapshot, 0, "admin_password"), None, "{text}");
        for id in ["default-secret", "shared-secret", "secrets-in-clear"] {
            assert!(of_kind(&snapshot, id).is_empty(), "{id}: {text}");
        }
    }
    let list = component("a", "cnpg", "admin_password: [x1, x2], password: null, token: {a: b}, api_key: true", &[]);
    assert!(
        (["admin_password", "password", "token", "api_key"])
            .iter()
            .all(|name| shape(&strict(&stack(&list)), 0, name).is_none())
    );
}

#[test]
fn equal_secrets_share_a_number_and_no_others_do() {
    let text = component("a", "cnpg", "admin_password: \"Kd82hsL2\", password: \"other-71\"", &[])
        + &component("b", "cnpg", "admin_password: \"Kd82hsL2 \"", &[])
        + &component("c", "cnpg", "admin_password: \"kd82hsl2\"", &[]);
    let snapshot = strict(&stack(&text));
    let group = |component, attribute| shape(&snapshot, component, attribute).unwrap().group;
    let groups =
        [group(0, "admin_password"), group(0, "password"), group(1, "admin_password"), group(2, "admin_password")];
    assert_eq!(groups, [0, 1, 0, 2], "a space at the end makes no other secret, another case does");
}

#[test]
fn secrets_are_in_clear_unless_the_stack_says_that_they_are_encrypted() {
    let secret = stack(&component("a", "cnpg", "admin_password: \"Kd82hsL2-71\"", &[]));
    let clear = |setting: &str| of_kind(&strict(&(secret.clone() + setting)), "secrets-in-clear");
    assert!(clear("  sops_enabled: true\n").is_empty() && clear("  sops_enabled: \"true\"\n").is_empty());
    let off = "stack.yaml:8:3: the file holds secrets, and `sops_enabled` is not true";
    assert_eq!(shown(&clear("  sops_enabled: false\n")), off);
    assert_eq!(shown(&clear("  sops_enabled: \"fase\"\n")), off);
    let silent = clear("");
    let unsaid = "stack.yaml: the file holds secrets, and nothing says that the file is encrypted where it is kept";
    assert_eq!(shown(&silent), unsaid);
    assert_eq!(silent[0].severity, Severity::Low, "nobody said either");
    let none = stack(&component("a", "cnpg", "admin_user: postgres", &[])) + "  sops_enabled: false\n";
    assert!(of_kind(&strict(&none), "secrets-in-clear").is_empty(), "no secret, no finding");
}

#[test]
fn of_the_configuration_it_is_kept_whether_secrets_are_encrypted_and_their_shapes() {
    let snapshot = read(&fixture_text("demo/stack-metadata.yaml"), None, None).unwrap();
    let kept = |name: &str| snapshot.stack.configuration[name].value.clone();
    assert_eq!(kept("sops_enabled"), FactValue::True);
    for name in ["registry_password", "registry_auth", "git_password", "sops_age_secret_key"] {
        assert!(matches!(kept(name), FactValue::Secret(shape) if !shape.is_default), "{name}");
    }
    for name in ["domain", "git_username", "registry_email", "sops_age_recipients"] {
        assert!(!snapshot.stack.configuration.contains_key(name), "{name}");
    }
}

#[test]
fn nothing_is_amiss_with_the_secrets_of_the_demo() {
    let snapshot = strict(&fixture_text("demo/stack-metadata.yaml"));
    for id in ["default-secret", "shared-secret", "secrets-in-clear"] {
        assert_eq!(shown(&of_kind(&snapshot, id)), "", "{id}");
    }
}
