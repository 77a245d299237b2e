//! Any bytes from the network, on a connection served as a listener's are, behind all layers: answered in HTTP, never with
//! a fault of the server's own, and never with an answer for whoever has no token.
#![no_main]

use std::sync::LazyLock;

use axum::Router;
use held::{secrets, served};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use libfuzzer_sys::fuzz_target;
use pci_compliance::mcp::http::{Allowed, Auth, Options, TokenFile, Watched, routes};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// The token that lets in; not among the seeds.
const TOKEN: &str = "t0ken-of-the-fuzzed-server-51c7";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(served::runtime);

/// Whoever reaches it, with sessions and the retired transport; and whoever has the token.
static ROUTES: LazyLock<[Router; 2]> = LazyLock::new(|| {
    let file = std::env::temp_dir().join(format!("fuzzed-tokens-{}", std::process::id()));
    std::fs::write(&file, TOKEN).expect("a file of tokens");
    let tokens = TokenFile::of(&file).expect("tokens");
    let _ = std::fs::remove_file(&file);
    [Auth::None, Auth::Tokens(Watched::new(tokens))].map(|auth| {
        let is_open = matches!(auth, Auth::None);
        let listen = ([127, 0, 0, 1], 0).into();
        let (sessions, legacy_sse, allowed) = (is_open, is_open, Allowed::default());
        let options = Options { listen, sessions, legacy_sse, allowed, auth, rate: None };
        routes(&*served::SERVER, &options, &CancellationToken::new())
    })
});

fuzz_target!(|bytes: &[u8]| {
    let Some((first, request)) = bytes.split_first() else { return };
    let is_open = first % 2 == 0;
    let said = RUNTIME.block_on(async {
        let (ours, theirs) = tokio::io::duplex(served::PIPE);
        let service = TowerToHyperService::new(ROUTES[usize::from(!is_open)].clone());
        let mut http = hyper::server::conn::http1::Builder::new();
        let connection =
            http.timer(TokioTimer::new()).max_buf_size(32 << 10).serve_connection(TokioIo::new(theirs), service);
        let connection = tokio::spawn(connection);
        let said = served::exchange(ours, request).await;
        connection.abort();
        let _ = connection.await;
        said
    });
    let said = String::from_utf8_lossy(&said);
    if !said.is_empty() {
        let status = said.strip_prefix("HTTP/1.1 ").or(said.strip_prefix("HTTP/1.0 ")).and_then(|rest| rest.get(..3));
        let status: u16 = status.and_then(|status| status.parse().ok()).expect("an answer has a status");
        assert_ne!(status, 500, "a fault of our own: {said}");
        assert!(is_open || !said.contains("\"jsonrpc\""), "an answer without a token: {said}");
    }
    assert!(!said.contains(TOKEN), "a token came out");
    if !String::from_utf8_lossy(request).contains(secrets::CANARY) {
        secrets::hold(&said);
    }
});
