//! Who may ask over HTTP.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::http::Server;
use crate::program::program;

const ONE: &str = "one-0123456789abcdef0123";
const TWO: &str = "two-0123456789abcdef0123";

/// The status of one call with the header `authorization`, and how it may be got right.
fn asked(server: &Server, authorization: Option<&str>) -> (u16, String) {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "describe_stack"}});
    let request =
        authorization.into_iter().fold(server.post(), |request, value| request.header("authorization", value));
    let response = request.send(body.to_string()).unwrap();
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), challenge.unwrap_or_default())
}

pub fn wait_for(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn whoever_has_one_of_the_files_tokens_may_ask_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("# the agent's\n{ONE}\n\n{TWO}\n")).unwrap();
    let server = Server::of(&["--demo", "--legacy-sse", "--token-file", file.to_str().unwrap()]);
    for token in [ONE, TWO] {
        assert_eq!(asked(&server, Some(&format!("Bearer {token}"))).0, 200);
    }
    assert_eq!(asked(&server, None), (401, "Bearer".to_owned()));
    for wrong in
        ["Bearer ", "Bearer one", "Basic b25lOnR3bw==", ONE, "Bearer # the agent's", "Bearer one-0123456789abcdef0124"]
    {
        assert_eq!(asked(&server, Some(wrong)).0, 401, "{wrong}");
    }
    for path in ["/mcp", "/sse", "/messages"] {
        assert_eq!(server.get(path).status(), 401, "{path}");
        assert_eq!(server.get(&format!("{path}?access_token={ONE}")).status(), 401, "never in a query");
    }
    for path in ["/healthz", "/health", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).status(), 200, "{path} needs no token");
    }
}

#[test]
fn a_token_that_is_taken_out_of_the_file_lets_nobody_in_whatever_else_becomes_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n{TWO}\n")).unwrap();
    let server = Server::of(&["--demo", "--token-file", file.to_str().unwrap()]);
    let status = |token: &str| asked(&server, Some(&format!("Bearer {token}"))).0;
    fs::write(&file, format!("{TWO}\n")).unwrap();
    wait_for(|| status(ONE) == 401);
    assert_eq!(status(TWO), 200);
    fs::write(&file, format!("hunter2\n{ONE}\n")).unwrap();
    let said = server.said.iter().find(|line| line.contains("tokens:1:1")).unwrap();
    assert!(!said.contains("hunter2"), "{said}");
    // One line that is wrong takes no other away. For a moment the file may be seen while it is empty.
    wait_for(|| status(TWO) == 401 && status(ONE) == 200);
    fs::write(&file, "").unwrap();
    wait_for(|| status(ONE) == 401);
    fs::write(&file, format!("{ONE}\n")).unwrap();
    wait_for(|| status(ONE) == 200);
    fs::remove_file(&file).unwrap();
    wait_for(|| status(ONE) == 401);
    fs::write(&file, format!("{ONE}\n")).unwrap();
    wait_for(|| status(ONE) == 200);
    // What stands beside a token says nothing of it: bytes that are no UTF-8, in a comment or in a line of their own.
    for odd in [&b"# caf\xe9\n"[..], b"caf\xe9-0123456789abcdef0123\n", b"\0\xff\xfe\n"] {
        fs::write(&file, [odd, TWO.as_bytes(), b"\n"].concat()).unwrap();
        wait_for(|| status(ONE) == 401 && status(TWO) == 200);
        fs::write(&file, format!("{ONE}\n")).unwrap();
        wait_for(|| status(ONE) == 200);
    }
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len((64 << 20) + 1).unwrap();
    wait_for(|| status(ONE) == 401);
}

#[test]
fn a_token_file_that_every_user_may_read_is_taken_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n")).unwrap();
    for (mode, is_warned) in [(0o644, true), (0o660, true), (0o602, true), (0o600, false), (0o440, false)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let mut server = Server::of(&["--demo", "--token-file", file.to_str().unwrap()]);
        // Twice, since what is said before the server listens is not heard here.
        for _ in 0..2 {
            fs::write(&file, format!("{ONE}\n")).unwrap();
            thread::sleep(Duration::from_millis(600));
        }
        let is_read = |line: &String| line.contains("who may ask was read anew");
        let mut reads = 0;
        let mut until_second = |line: &String| {
            reads += usize::from(is_read(line));
            reads < 2
        };
        let said: Vec<String> = server.said.iter().take_while(|line| until_second(line)).collect();
        assert_eq!(
            said.iter().any(|line| line.contains("every user of this machine")),
            is_warned,
            "{mode:o}: {said:?}"
        );
        assert_eq!(asked(&server, Some(&format!("Bearer {ONE}"))).0, 200);
        server.terminate();
        server.child.wait().unwrap();
    }
}

#[test]
fn a_token_file_that_can_t_be_used_is_told_without_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    for (text, expected) in [
        ("\n# nothing\n", "there is no token in this file"),
        ("hunter2\n", "tokens:1:1: this token has fewer than 20 characters"),
        ("# x\n0123456789 0123456789 hunter2\n", "tokens:2:1: a token is one word of ASCII characters"),
    ] {
        fs::write(&file, text).unwrap();
        let arguments = ["serve", "--demo", "--http", "0", "--token-file", file.to_str().unwrap()];
        let refused = program().args(arguments).assert().code(2);
        let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
        assert!(said.contains(expected) && !said.contains("hunter2"), "{said}");
    }
    program().args(["serve", "--demo", "--token-file", "x"]).assert().code(2);
    program().args(["serve", "--demo", "--http", "0", "--token-file", "x", "--auth", "none"]).assert().code(2);
    program().args(["serve", "--demo", "--http", "0", "--oauth-issuer", "https://a.example"]).assert().code(2);
}

#[test]
fn no_token_is_in_any_trace() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n")).unwrap();
    let mut server = Server::traced(&["--demo", "--token-file", file.to_str().unwrap()], "trace");
    assert_eq!(asked(&server, Some(&format!("Bearer {ONE}"))).0, 200);
    assert_eq!(asked(&server, Some(&format!("Bearer {TWO}"))).0, 401);
    server.terminate();
    server.child.wait().unwrap();
    let traced: Vec<String> = server.said.iter().collect();
    assert!(traced.iter().any(|line| line.contains("describe_stack")), "the traces are there");
    let secret = |line: &&String| line.contains(ONE) || line.contains(TWO);
    assert_eq!(traced.iter().find(secret), None);
}

pub const ISSUER: &str = "https://login.example.com";
pub const AUDIENCE: &str = "https://pci.example.com/mcp";

/// An Ed25519 key made for this test: private, PKCS #8.
const KEY: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20, 0x24, 0xff, 0x77,
    0x01, 0x21, 0x28, 0x63, 0xc9, 0x01, 0xe8, 0xf0, 0xa7, 0x3d, 0xb3, 0x5a, 0xf0, 0x65, 0x17, 0x50, 0x57, 0xca, 0x1c,
    0xf0, 0x0c, 0xe7, 0xd9, 0xad, 0xd9, 0x1f, 0xb3, 0x85, 0x5e,
];
/// Its public half, base64url.
const PUBLIC: &str = "osbQQK-q_FivVTOW9UfNxTDxwNqRtKpc-LfvuOeomjc";

pub fn jwks(id: &str) -> String {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": PUBLIC});
    // A shared key beside it, which must check nothing.
    let shared = json!({"kty": "oct", "kid": "shared", "k": PUBLIC});
    json!({"keys": [key, shared]}).to_string()
}

pub fn seconds(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + from_now
}

pub fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "exp": seconds(300)})
}

pub fn signed(claims: &Value, id: &str) -> String {
    let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &EncodingKey::from_ed_der(&KEY)).unwrap()
}

fn oauth(jwks: &Path) -> Server {
    Server::of(&[
        "--demo",
        "--oauth-issuer",
        ISSUER,
        "--oauth-audience",
        AUDIENCE,
        "--jwks",
        jwks.to_str().unwrap(),
        "--allowed-host",
        "pci.example.com",
    ])
}

/// `claims` with `field` as it is given, or without it.
fn but(field: &str, value: Option<Value>) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(field);
    if let Some(value) = value {
        claims[field] = value;
    }
    claims
}

#[test]
fn a_token_of_the_authorization_server_for_this_server_lets_in_and_no_other_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let server = oauth(&file);
    let status = |token: &str| asked(&server, Some(&format!("Bearer {token}"))).0;
    assert_eq!(status(&signed(&claims(), "k1")), 200);
    assert_eq!(status(&signed(&but("aud", Some(json!(["other", AUDIENCE]))), "k1")), 200);
    for (what, claims) in [
        ("expired", but("exp", Some(seconds(-120).into()))),
        ("without an end", but("exp", None)),
        ("not yet", but("nbf", Some(seconds(600).into()))),
        ("for another", but("aud", Some("https://other.example.com/mcp".into()))),
        ("for nobody", but("aud", None)),
        ("of another", but("iss", Some("https://evil.example".into()))),
        ("of nobody", but("iss", None)),
    ] {
        assert_eq!(status(&signed(&claims, "k1")), 401, "{what}");
    }
    assert_eq!(status(&signed(&claims(), "k2")), 401, "a key that is not there");
    let good = signed(&claims(), "k1");
    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts.as_slice() else { panic!() };
    // {"alg":"none"}, {"alg":"HS256","kid":"shared"}
    for forged in [
        format!("eyJhbGciOiJub25lIn0.{body}."),
        format!("eyJhbGciOiJub25lIn0.{body}.{signature}"),
        format!("{head}.{body}."),
        format!("{head}.{}.{signature}", &body[1..]),
        format!("{head}.{body}"),
        "a".repeat(20_000),
    ] {
        assert_eq!(status(&forged), 401, "{forged}");
    }
    for header in [
        Header { kid: Some("k1".to_owned()), crit: Some(vec!["exp".to_owned()]), ..Header::new(Algorithm::EdDSA) },
        Header { kid: Some("k1".to_owned()), typ: Some("logout+jwt".to_owned()), ..Header::new(Algorithm::EdDSA) },
    ] {
        let odd = encode(&header, &claims(), &EncodingKey::from_ed_der(&KEY)).unwrap();
        assert_eq!(status(&odd), 401, "{header:?}");
    }
    // With the public key, or with a key that the set should not have had, as the shared key.
    for secret in [PUBLIC.as_bytes(), b"shared"] {
        for id in ["k1", "shared"] {
            let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
            let forged = encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap();
            assert_eq!(status(&forged), 401);
        }
    }
}

#[test]
fn whoever_is_not_let_in_learns_which_authorization_server_to_ask() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let server = oauth(&file);
    let metadata = "resource_metadata=\"https://pci.example.com/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!(asked(&server, None), (401, format!("Bearer {metadata}")));
    assert_eq!(asked(&server, Some("Bearer x")).1, format!("Bearer error=\"invalid_token\", {metadata}"));
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"] {
        let told: Value = serde_json::from_str(&server.text(path)).unwrap();
        assert_eq!(told["resource"], AUDIENCE);
        assert_eq!(told["authorization_servers"], json!([ISSUER]));
        assert_eq!(told["bearer_methods_supported"], json!(["header"]));
    }
}

#[test]
fn keys_are_read_anew_when_the_authorization_server_changes_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let server = oauth(&file);
    let status = |id: &str| asked(&server, Some(&format!("Bearer {}", signed(&claims(), id)))).0;
    assert_eq!((status("k1"), status("k2")), (200, 401));
    fs::write(&file, jwks("k2")).unwrap();
    wait_for(|| status("k2") == 200);
    assert_eq!(status("k1"), 401);
    fs::write(&file, "{").unwrap();
    assert!(server.said.iter().any(|line| line.contains("this is no JWKS")));
    assert_eq!(status("k2"), 200);
}

#[test]
fn an_audience_whose_path_looks_like_a_pattern_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let jwks = file.to_str().unwrap();
    let audience = "https://pci.example.com/:a/*b";
    let server = Server::of(&["--demo", "--oauth-issuer", ISSUER, "--oauth-audience", audience, "--jwks", jwks]);
    assert_eq!(asked(&server, None).0, 401);
}
