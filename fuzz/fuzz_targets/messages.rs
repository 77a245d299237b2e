//! Any lines from a client over standard input: each line that comes back is a message of JSON-RPC, none is a fault of
//! the server's own, and no secret of the stacks is in any.
//!
//! After a first byte that is even comes the handshake, so that it need not be found.
#![no_main]

use std::sync::LazyLock;

use held::{secrets, served};
use libfuzzer_sys::fuzz_target;
use rmcp::ServiceExt as _;
use serde_json::Value;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(served::runtime);

const HANDSHAKE: &str = concat!(
    r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"#,
    r#""clientInfo":{"name":"f","version":"0"}}}"#,
    "\n",
    r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    "\n",
);

fuzz_target!(|bytes: &[u8]| {
    let Some((first, lines)) = bytes.split_first() else { return };
    let handshake = if first % 2 == 0 { HANDSHAKE } else { "" };
    let sent = [handshake.as_bytes(), lines, b"\n"].concat();
    let said = RUNTIME.block_on(async {
        let (ours, theirs) = tokio::io::duplex(served::PIPE);
        let session = tokio::spawn(async {
            if let Ok(running) = served::SERVER.clone().serve(tokio::io::split(theirs)).await {
                let _ = running.waiting().await;
            }
        });
        let said = served::exchange(ours, &sent).await;
        session.abort();
        let _ = session.await;
        said
    });
    let said = String::from_utf8(said).expect("messages are text");
    for line in said.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no message: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "no message: {line}");
        assert_ne!(message["error"]["code"], -32603, "a fault of our own: {line}");
    }
    if !String::from_utf8_lossy(lines).contains(secrets::CANARY) {
        secrets::hold(&said);
    }
});
