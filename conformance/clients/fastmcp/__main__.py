"""The server against FastMCP's client."""

import fastmcp
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from harness import client


def connect(way, mode, errors):
    match way:
        case ("http", url):
            transport = StreamableHttpTransport(url)
        case ("sse", url):
            transport = SSETransport(url)
        case ("stdio", program, arguments):
            transport = StdioTransport(program, arguments, keep_alive=False, log_file=errors)
    return fastmcp.Client(transport, mode=mode, timeout=60)


async def list_tools(connected):
    return await connected.list_tools()


async def call(connected, tool, arguments):
    return await connected.call_tool_mcp(tool, arguments)


client.main("fastmcp", connect, list_tools, call)
