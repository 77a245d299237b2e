"""The server against the official Python SDK."""

import mcp
from harness import client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client


def connect(way, mode, errors):
    match way:
        case ("http", url):
            transport = streamable_http_client(url)
        case ("sse", url):
            transport = sse_client(url)
        case ("stdio", program, arguments):
            # The transport, not the parameters, so that the server's log does not mix with the report.
            parameters = mcp.StdioServerParameters(command=program, args=arguments)
            transport = mcp.stdio_client(parameters, errlog=errors)
    return mcp.Client(transport, mode=mode, read_timeout_seconds=60)


async def list_tools(connected):
    return (await connected.list_tools()).tools


async def call(connected, tool, arguments):
    return await connected.call_tool(tool, arguments)


client.main("mcp", connect, list_tools, call)
