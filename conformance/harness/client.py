"""A client that others wrote against the server: what each must be able to do, by every transport and protocol version.

It lists the tools, calls each, and calls each with wrong arguments, which must be answered with `isError` and must not
break the session. Answers must fit the tool's output schema.
"""

import asyncio
import tempfile

import harness
import jsonschema
from harness.ways import ways

# Sample values of arguments, by name; they exist in the demo stack.
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


def fields(result):
    return result.model_dump(by_alias=True, mode="json")


def text_of(answer):
    return "".join(block.get("text", "") for block in answer["content"])


def needed(tool):
    """The arguments that `tool` requires, with sample values."""
    schema = fields(tool)["inputSchema"]
    arguments = {}
    for name in schema.get("required", []):
        about = schema["properties"][name]
        harness.require(name in SAMPLES or about.get("enum"), f"{tool.name} requires `{name}`: add it to SAMPLES")
        arguments[name] = SAMPLES[name] if name in SAMPLES else about["enum"][0]
    return arguments


def wrong_arguments(tool, good):
    """Arguments that `tool` must refuse, each with the reason."""
    yield "an unknown argument", {**good, "no_such_argument": 1}
    for name, about in fields(tool)["inputSchema"].get("properties", {}).items():
        if about.get("enum"):
            yield f"a value that `{name}` can't have", {**good, name: "no such value"}
        is_list = about.get("type") == "array"
        yield f"a {'number' if is_list else 'list'} for `{name}`", {**good, name: 7 if is_list else [[]]}
    for name in good:
        yield f"no `{name}`", {key: value for key, value in good.items() if key != name}


async def check_tool(tool, call, fail):
    """Calls one tool. Returns how many wrong calls it refused."""
    good = needed(tool)
    answer = fields(await call(tool.name, good))
    if answer.get("isError"):
        fail(f"{tool.name} with {good} answers with an error: {text_of(answer)}")
        return 0
    if not text_of(answer).strip():
        fail(f"{tool.name} has no text")
    if schema := fields(tool).get("outputSchema"):
        errors = jsonschema.Draft202012Validator(schema).iter_errors(answer.get("structuredContent"))
        for error in list(errors)[:3]:
            fail(f"{tool.name}'s answer does not fit its schema at {error.json_path}: {error.message[:300]}")
    refused = 0
    for why, bad in wrong_arguments(tool, good):
        answer = fields(await call(tool.name, bad))
        if not answer.get("isError"):
            fail(f"{tool.name} takes {why} ({bad})")
        elif not text_of(answer).strip():
            fail(f"{tool.name} refuses {why} without a word")
        refused += 1
    return refused


async def check(connected, list_tools, call, mode, fail):
    async with connected as client:
        is_stateless = client.protocol_version == STATELESS
        if is_stateless != (mode == "auto"):
            fail(f"in mode {mode} it negotiated {client.protocol_version}")
        tools = await list_tools(client)
        harness.require(tools, "no tools")
        refused = [await check_tool(tool, lambda *words: call(client, *words), fail) for tool in tools]
        return f"called {', '.join(tool.name for tool in tools)}; {sum(refused)} wrong calls refused"


def main(name, connect, list_tools, call):
    """Checks one client: `connect(way, mode, errors)` makes it, with the server's standard error going to `errors`."""
    program, report = harness.binary(), harness.Report()

    def by(way, mode):
        def work(fail):
            with tempfile.TemporaryFile("w+") as errors:
                try:
                    ask = check(connect(way, mode, errors), list_tools, call, mode, fail)
                    return asyncio.run(asyncio.wait_for(ask, 300))
                except Exception as error:
                    errors.seek(0)
                    log = errors.read()[-2000:] or "nothing"
                    raise harness.Wrong(f"{harness.flat(error)}; the server logged: {log}") from error

        return work

    for what, way in ways(program):
        # The SSE transport is older than the stateless protocol.
        for mode in ["legacy"] if way[0] == "sse" else ["legacy", "auto"]:
            report.check(f"{what}, client {name} ({mode})", by(way, mode))
    report.end()
