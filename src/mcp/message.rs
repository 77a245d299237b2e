//! Messages of clients, parsed from the bytes of a body or a line.

use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, RequestId, ServerJsonRpcMessage},
};
use serde::de::IgnoredAny;
use serde_json::Value;

/// The message in `bytes`, or the error that answers them (JSON-RPC 2.0, 5.1). No error quotes them.
pub(super) fn parse(bytes: &[u8]) -> Result<ClientJsonRpcMessage, ServerJsonRpcMessage> {
    serde_json::from_slice(bytes).map_err(|_| match serde_json::from_slice::<IgnoredAny>(bytes) {
        Err(error) => {
            let what = format!("this is no JSON from line {}, column {} on", error.line(), error.column());
            ServerJsonRpcMessage::error(ErrorData::parse_error(what, None), None)
        }
        Ok(_) => {
            let what = "this is no JSON-RPC 2.0 message: expected an object with `jsonrpc`, and `method` or a result";
            ServerJsonRpcMessage::error(ErrorData::invalid_request(what, None), id(bytes))
        }
    })
}

/// The id of what would be a request.
fn id(bytes: &[u8]) -> Option<RequestId> {
    let mut message: Value = serde_json::from_slice(bytes).ok()?;
    serde_json::from_value(message.get_mut("id")?.take()).ok()
}
