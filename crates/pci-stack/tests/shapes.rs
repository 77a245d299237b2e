//! Shapes of values: what each takes, and that none takes a secret.

use pci_fixtures::{
    component,
    misplaced::{SECRETS, stack_of},
    read, stack, strict, tables,
};
use pci_stack::{Fact, FactValue, Reading, Shape, read::stacktic};

fn shape(name: &str) -> Shape {
    let all = [
        ("number", Shape::Number),
        ("quantity", Shape::Quantity),
        ("duration", Shape::Duration),
        ("version", Shape::Version),
        ("revision", Shape::Revision),
        ("host", Shape::Host),
        ("addresses", Shape::Addresses),
        ("namespaces", Shape::Namespaces),
    ];
    all.into_iter().find(|(known, _)| *known == name).unwrap().1
}

fn fit(shape: &Shape, text: &str) -> Option<String> {
    shape.fit(text, &|name| ["orders-db", "ledger"].contains(&name))
}

/// The texts of `texts` that `shape` does not keep as they are.
fn changed(shape: &Shape, texts: &[&'static str]) -> Vec<&'static str> {
    texts.iter().copied().filter(|text| fit(shape, text).as_deref() != Some(*text)).collect()
}

/// The texts of `texts` that `shape` keeps anything of.
fn taken(shape: &Shape, texts: &[&'static str]) -> Vec<&'static str> {
    texts.iter().copied().filter(|text| fit(shape, text).is_some()).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn versions_and_images_are_told_from_words_and_blobs() {
    let versions = [
        "2.4.1",
        "v1.2",
        "8",
        "8.0",
        "1.0.0-rc.1+build.5",
        "v1.30.2-eks-5",
        "v1.28.4-gke.1083000",
        "1.29.3+k3s1",
        "RELEASE.2024-01-16T16-07-38Z",
        "2024.10.1",
        "20240116",
        "1.27-alpine3.20-slim",
        "16-bookworm",
        "3.11-slim-bullseye",
        "8.0.302-cbl-mariner2.0",
        "0.6.3.post1",
        "3.8.0-kafka-3.6.1",
        "2.1.0-cuda12.4-cudnn9-devel-ubuntu22.04",
        "server-cuda-b4719",
        "9.6.24-r3",
        "1.2.3-5-g1a2b3c4",
        "sha-1a2b3c4",
        "3f2a9bc",
        "latest",
        "stable-alpine",
        "lamma.v3.1",
        "flowise@2.2.7",
        "postgresql:16.4",
        "ghcr.io/cloudnative-pg/postgresql:15.3",
        "registry.example.com:5000/team/web:1.2",
        "registry.example/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "web:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ];
    assert_eq!(changed(&shape("version"), &versions), NONE);
    let others = [
        "horse",
        "Horse-1.2",
        "horse-battery-1.2",
        "summer2024",
        "Summer2024!",
        "hunter2",
        "horse:battery",
        "registry.example/web",
        "4111-1111-1111-1111",
        "4111111111111111",
        "edd1c9f034335f136f87ad84b625c8f1",
        "3f2a9bc4d5e6-a1b2c3d4e5f6",
        "a1x2c3y4e5",
        "1..2",
        "-1.2",
        "1.2 3.4",
        "name:1.2@host.example",
        "web@sha256:abc",
        "https://registry.example/web:1.2",
        "ü1.2",
    ];
    assert_eq!(taken(&shape("version"), &others), NONE);
}

#[test]
fn revisions_are_versions_well_known_branches_and_hashes() {
    let revisions = [
        "main",
        "HEAD",
        "release-1.2",
        "release/2024-06",
        "refs/heads/main",
        "refs/tags/v1.2.0",
        "origin/production",
        "v1.2.3",
        ">=1.2.0",
        "1.*",
        "3f2a9bc",
        "0123456789abcdef0123456789abcdef01234567",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ];
    assert_eq!(changed(&shape("revision"), &revisions), NONE);
    let others = ["edd1c9f034335f136f87ad84b625c8f1", "feature/login", "horse", "main@host", "main/../x", "main horse"];
    assert_eq!(taken(&shape("revision"), &others), NONE);
}

#[test]
fn of_a_url_the_host_is_kept_and_nothing_else() {
    let hosts = [
        "api.example.com",
        "API.EXAMPLE.COM",
        "Mail.Example.com:587",
        "secret-store.openbao.svc.cluster.local",
        "localhost",
        "10.0.0.1",
        "10.0.0.1:8443",
        "2001:db8::1",
        "[2001:db8::1]:443",
        "xn--bcher-kva.example",
    ];
    assert_eq!(changed(&shape("host"), &hosts), NONE);
    let urls = [
        ("https://api.example.com/v1", "api.example.com"),
        ("https://svc:knry@api.example.com:8443/v1?token=knry#knry", "api.example.com:8443"),
        ("https://api.example.com?token=knry", "api.example.com"),
        ("ldaps://[2001:db8::1]:636/dc=knry", "[2001:db8::1]:636"),
        ("api.example.com/knry", "api.example.com"),
        ("a.example.com, b.example.com:1", "a.example.com,b.example.com:1"),
    ];
    for (url, host) in urls {
        assert_eq!(fit(&shape("host"), url).as_deref(), Some(host), "{url}");
    }
    let others = [
        "horse",
        "horse:8080",
        "user@mail.example",
        "https://svc:pass/word@api.example.com",
        "https://first.last:123/word@api.example.com",
        "https://first.last:123?word@api.example.com",
        "https://a@b@api.example.com",
        "https://svc:horse",
        "api.example.com:99999",
        "api.example.com:horse",
        "eyJhbGciOi.eyJrbnJ5.Signature",
        "jdbc:postgresql://db.example.com/orders",
        "-a.example.com",
        "a..example",
        "1.2.3.4.5",
        "a.example.com b",
    ];
    assert_eq!(taken(&shape("host"), &others), NONE);
}

#[test]
fn numbers_quantities_durations_and_addresses_are_written_as_their_fields_write_them() {
    assert_eq!(changed(&shape("number"), &["0", "3", "-1", "0.9", "80%", "100000"]), NONE);
    assert_eq!(taken(&shape("number"), &["4111111111111111", "1e9", "three", "1,2", "+1", ".", "1."]), NONE);
    assert_eq!(changed(&shape("quantity"), &["10Gi", "500m", "0.5", "20000Mi", "64k", "10 GB"]), NONE);
    assert_eq!(taken(&shape("quantity"), &["Gi", "10Horses", "ten", "10Gi horse"]), NONE);
    assert_eq!(changed(&shape("duration"), &["1h", "0", "9600h", "1h30m", "0h0m0s", "30d", "15 minutes", "5s"]), NONE);
    assert_eq!(taken(&shape("duration"), &["soon", "1horse", "h", "1h horse", "1h2", "PT1H"]), NONE);
    assert_eq!(changed(&shape("addresses"), &["0.0.0.0/0", "10.0.0.1", "10.0.0.0/8,2001:db8::/32"]), NONE);
    assert_eq!(taken(&shape("addresses"), &["10.0.0.0/8, horse", "10.0.0", "office"]), NONE);
}

#[test]
fn of_a_list_of_namespaces_those_of_the_stack_are_shown_and_the_others_counted() {
    let cases = [
        ("orders-db,ledger", Some("orders-db,ledger")),
        ("orders-db, ledger", Some("orders-db,ledger")),
        ("kube-system\r\norders-db", Some("kube-system,orders-db")),
        ("*", Some("*")),
        ("orders-db,horse,staple", Some("orders-db,2 not shown")),
        ("horse,staple", None),
        ("orders-db,Horse!", None),
    ];
    for (list, shown) in cases {
        assert_eq!(fit(&shape("namespaces"), list).as_deref(), shown, "{list}");
    }
}

#[test]
fn words_are_taken_alone_and_joined_in_any_case() {
    let words = Shape::Words(["modern", "ebpf", "self", "signed", "ca"].map(str::to_owned).into());
    assert_eq!(changed(&words, &["ebpf", "modern_ebpf", "Self-Signed", "ca-2", "7"]), NONE);
    assert_eq!(taken(&words, &["horse", "modern_horse", "modernebpf", "self signed", "1-2", "ca-12345", "-ca"]), NONE);
}

#[test]
fn placeholders_and_blanks_have_every_shape() {
    for name in ["number", "version", "revision", "host", "namespaces", "duration", "quantity", "addresses"] {
        assert_eq!(changed(&shape(name), &["Default Value", "TODO", ""]), NONE, "{name}");
        assert_eq!(taken(&shape(name), &["{{ horse }}", "${HORSE}", "<horse>"]), NONE, "{name}");
    }
}

#[test]
fn no_attribute_that_may_be_read_keeps_a_secret_that_is_misplaced_in_it() {
    let catalog = &tables().catalog;
    let words = catalog.vocabulary();
    for secret in SECRETS {
        let quoted = serde_json::to_string(secret.value).unwrap();
        for value in [quoted.clone(), format!("[{quoted}, {quoted}]"), format!("{{a: {quoted}}}")] {
            let text = stack_of(catalog, || value.clone());
            let stack = stacktic::read("stack.yaml", &text, words).unwrap();
            assert!(stack.components.len() > 90 && stack.links.len() > 50);
            let kept = format!("{stack:?}");
            assert!(!kept.contains(secret.canary), "{value} is kept: {}", around(&kept, secret.canary));
        }
    }
}

fn around(text: &str, part: &str) -> String {
    let at = text.find(part).unwrap();
    text[at.saturating_sub(200)..].chars().take(300).collect()
}

#[test]
fn what_does_not_fit_its_shape_is_unknown_and_never_absent() {
    let text = component("ext", "fastapi", "version: CorrectHorseBattery, remote_host: horse, replicas: [2]", &[]);
    let snapshot = strict(&stack(&text));
    let facts = &snapshot.stack.components[0].facts;
    for name in ["version", "remote_host", "replicas"] {
        assert_eq!(facts[name].value, FactValue::Misfit, "{name}");
    }
}

#[test]
fn of_a_doubtful_flag_known_words_alone_are_quoted() {
    let message = |value: &str| {
        let text = stack(&component("cache", "valkey", &format!("enable_auth: \"{value}\""), &[]));
        let findings = read(&text, None, None).unwrap().findings();
        findings.into_iter().find(|finding| finding.id == "doubtful-flag").unwrap().message
    };
    for word in ["yes", "No", "on", "OFF", "enabled", "disabled", "Default Value", "fase", "ture", "0"] {
        assert_eq!(message(word), format!("`enable_auth` of `cache` is `{word}`, which is neither true nor false"));
    }
    for secret in ["correcthorse", "horse", "CorrectHorseBattery", "correct horse", "s3cret"] {
        assert_eq!(message(secret), "`enable_auth` of `cache` has a value that is neither true nor false");
    }
}

#[test]
fn no_attribute_of_ours_is_free_text() {
    let vocabulary = tables().catalog.vocabulary();
    for known in tables().catalog.types.iter() {
        let own = vocabulary.attributes(&known.name).filter_map(|name| vocabulary.reading(&known.name, name));
        let of_links =
            vocabulary.link_attributes(&known.name).filter_map(|name| vocabulary.link_reading(&known.name, name));
        assert!(own.chain(of_links).all(|reading| *reading != Reading::Text(Shape::Free)), "{}", known.name);
    }
    for secret in SECRETS[..7].iter().filter(|secret| secret.value.contains("://") || secret.value.contains('=')) {
        assert_eq!(fit(&Shape::Free, secret.value), None, "{}", secret.value);
    }
}

#[test]
fn what_is_recommended_fits_the_shape_of_its_attribute() {
    let catalog = &tables().catalog;
    for known in catalog.types.iter() {
        for (name, value) in known.recommended.iter().flat_map(|block| &block.attributes) {
            let reading = catalog.vocabulary().reading(&known.name, name).unwrap();
            let is_shown = reading.shown(value, &|_| false).is_some();
            assert!(is_shown || *reading == Reading::Presence, "{}: {name}: {value}", known.name);
        }
    }
}

#[test]
fn a_list_of_namespaces_is_held_against_those_of_its_file() {
    let velero = component("velero", "velero", "include_namespaces: \"velero,horse\"", &[]);
    let snapshot = strict(&stack(&velero));
    let Fact { value, .. } = &snapshot.stack.components[0].facts["include_namespaces"];
    assert_eq!(*value, FactValue::Text("velero,1 not shown".to_owned()));
}
