"""The ways by which clients reach the server."""

import json

import harness


def ways(program):
    """The transports: a name, and ("stdio", program, arguments), ("http", url) or ("sse", url)."""
    for name, configuration in json.loads((harness.ROOT / "mcp.json").read_text())["mcpServers"].items():
        yield f"{name}, stdio", ("stdio", program, configuration["args"])
    for name, flags in {"HTTP": [], "HTTP with sessions": ["--sessions"]}.items():
        with harness.served([program, "serve", "--demo", "--http", "0", "--legacy-sse", *flags]) as address:
            yield name, ("http", f"{address}/mcp")
            if not flags:
                yield "HTTP+SSE", ("sse", f"{address}/sse")
