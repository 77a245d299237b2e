// A host of MCP Apps, in a page: the SDK's own client and bridge, and a sandboxed frame for the app.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AppBridge, PostMessageTransport, getToolUiResourceUri } from "@modelcontextprotocol/ext-apps/app-bridge";

const EXTENSION = "io.modelcontextprotocol/ui";
const MIME_TYPE = "text/html;profile=mcp-app";

/** Calls `tool` as a chat would, opens the page that the tool names, and tells it of the call. */
window.openApp = async ({ url, tool, args, theme, width, height, mode, capabilities }) => {
  const own = { extensions: { [EXTENSION]: { mimeTypes: [MIME_TYPE] } } };
  const client = new Client({ name: "check", version: "1" }, { capabilities: own });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const declared = client.getServerCapabilities().extensions?.[EXTENSION];
  const { tools } = await client.listTools();
  const listed = tools.find((one) => one.name === tool);
  const uri = getToolUiResourceUri(listed);
  const result = await client.callTool({ name: tool, arguments: args });
  const { contents } = await client.readResource({ uri });

  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "app";
  frame.style.cssText = `border:0;width:${width}px;height:${height}px`;
  const context = {
    theme,
    displayMode: mode,
    availableDisplayModes: ["inline", "fullscreen"],
    containerDimensions: { width, maxHeight: height },
    toolInfo: { tool: listed },
  };
  const passed = capabilities ?? { serverTools: {}, serverResources: {} };
  const bridge = new AppBridge(client, { name: "check", version: "1" }, passed, { hostContext: context });
  const ready = new Promise((done) => (bridge.oninitialized = done));
  window.sizes = [];
  bridge.onsizechange = (size) => window.sizes.push(size);
  bridge.onrequestdisplaymode = async ({ mode }) => ({ mode });
  // The page comes under the policy that hosts build from its metadata: no network at all.
  await window.servePage(contents[0].text);
  document.body.replaceChildren(frame);
  window.began = performance.now();
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = "/app";
  await ready;
  window.bridge = bridge;
  await bridge.sendToolInput({ arguments: args });
  await bridge.sendToolResult(result);
  return { declared, uri, mimeType: contents[0].mimeType, meta: contents[0]._meta, bytes: contents[0].text.length };
};
