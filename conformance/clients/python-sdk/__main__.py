#!/usr/bin/env python3
"""The server against clients that others wrote.

usage: client.py [BINARY]

The Python SDK and FastMCP, over standard input and output with the arguments of mcp.json, over HTTP with sessions and
without, and over the retired pair of `GET /sse` and `POST /messages`; each by the `initialize` handshake and by the
stateless protocol: list the tools, call each, and call each with a wrong argument, which must be an answer with
`isError` and not a broken session. Answers must fit their own output schema.

The inspector, over each of them: its strict listing must have neither an error nor a warning, and a call an answer.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile

import common

common.with_packages()

import fastmcp
import jsonschema
import mcp
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

# What a tool that requires an argument is asked with, by the argument's name; there for the demo stack.
SAMPLES = {
    "component": "checkout",
    "scope": "shop",
    "namespace": "shop",
    "from": "checkout",
    "to": "card-vault",
    "requirement": 10,
    "component_type": "falco",
    "changes": [{"op": "remove_link", "from": "gateway", "to": "dashboards"}],
}
STATELESS = "2026-07-28"
MODES = ["legacy", "auto"]
# The retired pair is older than the stateless protocol.
MODES_OF_SSE = ["legacy"]
# The same for the inspector.
ERAS = ["legacy", "modern"]


def sdk(way, mode, errors):
    match way:
        case ("http", url):
            transport = streamable_http_client(url)
        case ("sse", url):
            transport = sse_client(url)
        case ("stdio", program, arguments):
            # The transport, not the parameters, so that the server's standard error does not end up among the report's
            # lines.
            parameters = mcp.StdioServerParameters(command=program, args=arguments)
            transport = mcp.stdio_client(parameters, errlog=errors)
    return mcp.Client(transport, mode=mode, read_timeout_seconds=60)


def fast(way, mode, errors):
    match way:
        case ("http", url):
            transport = StreamableHttpTransport(url)
        case ("sse", url):
            transport = SSETransport(url)
        case ("stdio", program, arguments):
            transport = StdioTransport(program, arguments, keep_alive=False, log_file=errors)
    return fastmcp.Client(transport, mode=mode, timeout=60)


async def sdk_tools(client):
    return (await client.list_tools()).tools


async def fast_tools(client):
    return await client.list_tools()


async def sdk_call(client, tool, arguments):
    return await client.call_tool(tool, arguments)


async def fast_call(client, tool, arguments):
    return await client.call_tool_mcp(tool, arguments)


CLIENTS = {"mcp": (sdk, sdk_tools, sdk_call), "fastmcp": (fast, fast_tools, fast_call)}


def fields(result):
    return result.model_dump(by_alias=True, mode="json")


def needed(tool):
    """The arguments that `tool` requires, with sample values."""
    schema = fields(tool)["inputSchema"]
    arguments = {}
    for name in schema.get("required", []):
        about = schema["properties"][name]
        if name in SAMPLES:
            arguments[name] = SAMPLES[name]
        elif about.get("enum"):
            arguments[name] = about["enum"][0]
        else:
            raise common.Wrong(f"{tool.name} requires `{name}`: add a sample value to SAMPLES")
    return arguments


def wrong_arguments(tool, good):
    """Arguments that `tool` must refuse, and why."""
    yield "an argument that there is not", {**good, "no_such_argument": 1}
    for name, about in fields(tool)["inputSchema"].get("properties", {}).items():
        if about.get("enum"):
            yield f"a value that `{name}` can't have", {**good, name: "no such value"}
        yield f"a list for `{name}`" if about.get("type") != "array" else f"a number for `{name}`", {
            **good,
            name: [[]] if about.get("type") != "array" else 7,
        }
    for name in good:
        yield f"no `{name}`", {key: value for key, value in good.items() if key != name}


async def check(make, list_tools, call, way, mode, errors, fail):
    async with make(way, mode, errors) as client:
        is_stateless = client.protocol_version == STATELESS
        if is_stateless != (mode == "auto"):
            fail(f"in mode {mode} it came to {client.protocol_version}")
        tools = await list_tools(client)
        if not tools:
            fail("no tools")
        refused = 0
        for tool in tools:
            good = needed(tool)
            answer = fields(await call(client, tool.name, good))
            text = "".join(block.get("text", "") for block in answer["content"])
            if answer.get("isError"):
                fail(f"{tool.name} with {good} answers with an error: {text}")
                continue
            if not text.strip():
                fail(f"{tool.name} has no text")
            schema = fields(tool).get("outputSchema")
            if schema:
                errors_of = jsonschema.Draft202012Validator(schema).iter_errors(answer.get("structuredContent"))
                for error in list(errors_of)[:3]:
                    fail(f"{tool.name}'s answer does not fit its schema at {error.json_path}: {error.message[:300]}")
            for why, bad in wrong_arguments(tool, good):
                answer = fields(await call(client, tool.name, bad))
                text = "".join(block.get("text", "") for block in answer["content"])
                if not answer.get("isError"):
                    fail(f"{tool.name} takes {why} ({bad})")
                elif not text.strip():
                    fail(f"{tool.name} refuses {why} without a word")
                refused += 1
        return [tool.name for tool in tools], refused


def flat(error):
    """An exception with those that a group holds."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(flat(inner) for inner in error.exceptions)
    return f"{type(error).__name__}: {error}"


def with_clients(what, way, modes, report):
    for name, (make, list_tools, call) in CLIENTS.items():
        for mode in modes:
            whole, before = f"{what}, client {name} ({mode})", report.wrong
            with tempfile.TemporaryFile("w+") as errors:
                try:
                    ask = check(
                        make, list_tools, call, way, mode, errors, lambda detail: report.fail(whole, detail)
                    )
                    tools, refused = asyncio.run(asyncio.wait_for(ask, 300))
                except common.Wrong as error:
                    report.fail(whole, error)
                except Exception as error:
                    errors.seek(0)
                    report.fail(whole, f"{flat(error)}; the server said: {errors.read()[-2000:] or 'nothing'}")
            if report.wrong == before:
                report.good(whole, f"called {', '.join(tools)}; {refused} wrong calls refused")


def ask_inspector(target, *arguments):
    """Runs the inspector, and gives its answer; whatever it has to say besides is wrong."""
    launcher = common.NPM / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    command = [common.node(), launcher, "--cli", *target, *arguments]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home}
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    if run.returncode != 0 or run.stderr.strip():
        detail = run.stderr.strip() or run.stdout.strip()[:2000] or "no output"
        raise common.Wrong(f"exit {run.returncode}: {detail}")
    return json.loads(run.stdout)


def inspect(what, target, eras, report):
    for era in eras:
        whole = f"{what}, inspector ({era})"
        try:
            flags = ["--protocol-era", era]
            tools = ask_inspector(target, *flags, "--method", "tools/list", "--strict")["tools"]
            if not tools:
                raise common.Wrong("no tools")
            named = ["--tool-name", "pci_compliance_requirement", "--tool-arg", "requirement=10"]
            answer = ask_inspector(target, *flags, "--method", "tools/call", *named)
            if answer.get("isError") or answer["structuredContent"]["requirement"] != 10:
                raise common.Wrong(f"an odd answer: {answer}")
            report.good(whole, f"{len(tools)} tools, strictly without error or warning; one called")
        except (common.Wrong, ValueError, KeyError, TypeError) as error:
            report.fail(whole, flat(error))


def main():
    program, report = common.binary(), common.Report()
    configured = json.loads((common.ROOT / "mcp.json").read_text())["mcpServers"]
    for server, configuration in configured.items():
        arguments = configuration["args"]
        with_clients(f"{server}, stdio", ("stdio", program, arguments), MODES, report)
        # It passes on what the server says on standard error, which is no complaint of its own.
        silent = ["-e", "RUST_LOG=off"]
        inspect(f"{server}, stdio", [*silent, program, *arguments], ERAS, report)
    for name, flags in {"HTTP": [], "HTTP with sessions": ["--sessions"]}.items():
        try:
            with common.served([program, "serve", "--demo", "--http", "0", "--legacy-sse", *flags]) as address:
                with_clients(name, ("http", f"{address}/mcp"), MODES, report)
                inspect(name, [f"{address}/mcp"], ERAS, report)
                if not flags:
                    with_clients("HTTP+SSE", ("sse", f"{address}/sse"), MODES_OF_SSE, report)
        except common.Wrong as error:
            report.fail(name, error)
    report.end()


if __name__ == "__main__":
    main()
