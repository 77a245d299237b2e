//! Messages of clients, parsed from the bytes of a body or a line.

use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, RequestId, ServerJsonRpcMessage},
};
use serde::de::IgnoredAny;
use serde_json::Value;

/// The most values that a message has. Each takes some hundreds of bytes once it is parsed, so that a message of 1 MiB could
/// take as much as a stack; fifty changes have some hundred.
const MOST_VALUES: usize = 10_000;

/// The message in `bytes`, or the error that answers them (JSON-RPC 2.0, 5.1). No error quotes them.
pub(super) fn parse(bytes: &[u8]) -> Result<ClientJsonRpcMessage, Box<ServerJsonRpcMessage>> {
    let refused = |error: ErrorData, id| Box::new(ServerJsonRpcMessage::error(error, id));
    if values(bytes) > MOST_VALUES {
        let what = format!("a message has at most {MOST_VALUES} values");
        return Err(refused(ErrorData::invalid_request(what, None), None));
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        let what = format!("this is no JSON from line {}, column {} on", error.line(), error.column());
        return Err(refused(ErrorData::parse_error(what, None), None));
    }
    serde_json::from_slice(bytes).map_err(|_| {
        let what = "this is no JSON-RPC 2.0 message: expected an object with `jsonrpc`, and `method` or a result";
        refused(ErrorData::invalid_request(what, None), id(bytes))
    })
}

/// How many values JSON text has at most: one, and one more for each comma and bracket outside of texts.
fn values(json: &[u8]) -> usize {
    let (mut count, mut is_text, mut is_escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => count += 1,
            _ => {}
        }
    }
    count
}

/// The id of what would be a request.
fn id(bytes: &[u8]) -> Option<RequestId> {
    let mut message: Value = serde_json::from_slice(bytes).ok()?;
    serde_json::from_value(message.get_mut("id")?.take()).ok()
}
