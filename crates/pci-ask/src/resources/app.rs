//! The page that hosts of MCP Apps open beside an answer (extension `io.modelcontextprotocol/ui`): the flow map and the
//! controls, to look around in and to try changes on. It is built from `app/` and reads what it shows through the host,
//! from the resources and tools that everybody has.

use serde_json::{Map, Value, json};

use super::template::Resource;

/// The extension's name.
pub const EXTENSION: &str = "io.modelcontextprotocol/ui";

/// How hosts know a page as one of theirs.
pub const MIME_TYPE: &str = "text/html;profile=mcp-app";

/// Where the page is read.
pub const URI: &str = "ui://pci-compliance/map.html";

/// The tools beside whose answers it opens.
const OPENED_BY: [&str; 2] = ["pci_compliance_overview", "render_diagram"];

/// What a server declares of the extension.
pub fn declared() -> Map<String, Value> {
    Map::from_iter([("mimeTypes".to_owned(), json!([MIME_TYPE]))])
}

/// What a tool says of the page in its `_meta`, if it opens it. In the older form too, as the extension's own SDK does.
pub fn of_tool(tool: &str) -> Option<Map<String, Value>> {
    let older = ("ui/resourceUri".to_owned(), json!(URI));
    OPENED_BY.contains(&tool).then(|| Map::from_iter([("ui".to_owned(), json!({ "resourceUri": URI })), older]))
}

/// What the page asks of a host: no network, no permission, a place without a frame.
pub(super) fn meta() -> Map<String, Value> {
    let none = json!([]);
    let csp = json!({"connectDomains": none, "resourceDomains": none, "frameDomains": none, "baseUriDomains": none});
    Map::from_iter([("ui".to_owned(), json!({ "csp": csp, "prefersBorder": false }))])
}

/// The page as lists name it.
pub(super) fn resource() -> Resource {
    Resource {
        uri: URI.to_owned(),
        name: "app".to_owned(),
        title: "Flow map and controls".to_owned(),
        description:
            "The interactive page that hosts of MCP Apps open: flows, controls, what-ifs. For hosts, not to be \
            read."
                .to_owned(),
        mime_type: MIME_TYPE,
        meta: meta(),
    }
}
