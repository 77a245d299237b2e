"""What docs/agent.md shows, run as it stands there.

The two questions by curl; the FastMCP server that mounts ours, over HTTP and over standard input and output, where a
client must get of every tool the answer that it gets from ours; the flags for Kubernetes, with a token too; the stack's
links. Ports are others, and the program is the one that is checked: nothing else of the page is.
"""

import asyncio
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import fastmcp
import harness
from harness import require
from harness.client import needed

PAGE = (harness.ROOT / "docs" / "agent.md").read_text()
NAME = "pci-compliance-mcp"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def serve_command(program, block, listen):
    """The page's command, on a free port."""
    name, *arguments = block.split()
    require(name == NAME and f"{listen}:8080" in arguments, f"no command to serve at {listen}: {block}")
    return [program, *(f"{listen}:0" if argument == f"{listen}:8080" else argument for argument in arguments)]


def questions(address):
    """Both questions by curl, and their answers, which must be the same."""
    asked = [block for block in blocks("sh") if block.startswith("curl")]
    require(len(asked) == 2, f"{len(asked)} questions")
    answers = []
    for block in asked:
        script = block.replace("http://127.0.0.1:8080", address)
        require(script != block, f"it asks somebody else: {block}")
        run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
        require(run.returncode == 0, f"curl ends with {run.returncode}: {run.stderr}")
        answer = json.loads(run.stdout)
        require("result" in answer and not answer["result"].get("isError"), f"no answer: {run.stdout[:2000]}")
        answers.append(answer["result"])
    for answer in answers:
        fields = answer["structuredContent"]
        require(fields["requirement"] == 10 and fields["stack"] == "payments-shop", f"an odd answer: {fields}")
        require("equirement 10" in answer["content"][0]["text"], f"an odd text: {answer['content']}")
        require(fields == answers[0]["structuredContent"], "the answers differ")
    return "asked in both eras"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextlib.contextmanager
def tool_server(code, pci, token=None):
    """The page's FastMCP server."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        file = Path(folder) / "server.py"
        file.write_text(code)
        environment = {**os.environ, "PCI_MCP": pci, "PORT": str(port), "ON_CALL": "the platform team"}
        environment |= {"PCI_TOKEN": token} if token else {}
        server = subprocess.Popen([sys.executable, file], env=environment, stdout=said, stderr=said, cwd=folder)
        try:
            until = time.monotonic() + 60
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                said.seek(0)
                require(server.poll() is None and time.monotonic() < until, f"no server: {said.read()[-2000:]}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def told(result):
    """What an answer says, without what says who gave it."""
    fields = result.model_dump(by_alias=True, mode="json", exclude_none=True)
    return {key: fields.get(key) for key in ("content", "structuredContent", "isError")}


async def compare(direct, proxied, mode):
    """Calls each of our tools at both, with good arguments and with a wrong one."""
    async with (
        fastmcp.Client(direct, mode=mode, timeout=60) as ours,
        fastmcp.Client(proxied, mode=mode, timeout=60) as theirs,
    ):
        tools = {tool.name: tool for tool in await ours.list_tools()}
        seen = {tool.name: tool for tool in await theirs.list_tools()}
        require(seen.keys() == tools.keys() | {"on_call"}, f"the tool server lists {sorted(seen)}")
        answer = told(await theirs.call_tool_mcp("on_call", {}))
        require(answer["content"][0]["text"] == "the platform team", f"its own tool says {answer}")
        for name, tool in tools.items():
            for side in ("inputSchema", "outputSchema", "annotations", "description"):
                one, other = (which.model_dump(by_alias=True, mode="json")[side] for which in (tool, seen[name]))
                require(one == other, f"{name} has another {side} by way of the tool server")
            for arguments in (needed(tool), {**needed(tool), "no_such_argument": 1}):
                one = told(await ours.call_tool_mcp(name, arguments))
                other = told(await theirs.call_tool_mcp(name, arguments))
                require(one == other, f"{name} with {arguments} answers {other}, and directly {one}")
                require(bool(one["isError"]) == ("no_such_argument" in arguments), f"{name}: {one}")
    return len(tools)


def proxies(program, address):
    whole, by_program = blocks("python")
    mount = re.compile(r"^server\.mount\(.*\)\n", re.MULTILINE)
    lines = by_program.replace(f'"{NAME}"', json.dumps(program))
    require(lines != by_program and len(mount.findall(whole)) == 1, "the page's code is not as expected")
    by_program = mount.sub(lambda _: lines, whole)
    direct = f"{address}/mcp"
    good = []
    for what, code in {"HTTP": whole, "stdio": by_program}.items():
        # An address where nobody answers: the second must not need it.
        with tool_server(code, direct if what == "HTTP" else "http://127.0.0.1:9/mcp") as proxied:
            for mode in ("legacy", "auto"):
                count = asyncio.run(asyncio.wait_for(compare(direct, proxied, mode), 300))
                good.append(f"{count} tools over {what} ({mode})")
    return f"the same answers by way of FastMCP: {', '.join(good)}"


async def names(url):
    async with fastmcp.Client(url, timeout=60) as client:
        return {tool.name for tool in await client.list_tools()}


def tokens(command):
    """The flags for Kubernetes with a token in place of none: FastMCP has the tools with it, and not without."""
    token = secrets.token_hex(32)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens"
        file.write_text(f"{token}\n")
        at = command.index("--auth")
        with harness.served([*command[:at], "--token-file", file, *command[at + 2:]]) as address:
            near = address.replace("0.0.0.0", "127.0.0.1") + "/mcp"
            seen = []
            for one in (token, None):
                with tool_server(blocks("python")[0], near, one) as proxied:
                    seen.append(asyncio.run(asyncio.wait_for(names(proxied), 120)))
    require("pci_compliance_gaps" in seen[0] and seen[1] == {"on_call"}, f"with a token and without: {seen}")
    return "the tools with it, none without"


def hosts(command):
    """The flags for Kubernetes: the name that they allow, and no other."""
    allowed = command[command.index("--allowed-host") + 1]
    with harness.served(command) as address:
        url = address.replace("0.0.0.0", "127.0.0.1") + "/mcp"
        message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode()
        for host, expected in {f"{allowed}:8080": 200, "elsewhere.pci.svc:8080": 403}.items():
            headers = {
                "Host": host,
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": "2025-11-25",
            }
            try:
                with urllib.request.urlopen(urllib.request.Request(url, message, headers), timeout=30) as answer:
                    status = answer.status
            except urllib.error.HTTPError as error:
                status = error.code
            require(status == expected, f"asked as {host} it answers {status}, and not {expected}")
    return f"{allowed} is answered, others are not"


def links(program):
    """The page's stack: who may reach whom, and no finding of an agent without tools."""
    rows = re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \| (allowed|denied) \|$", PAGE, re.MULTILINE)
    require(len(rows) == 6, f"{len(rows)} rows")
    [stack] = blocks("yaml")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stack-metadata.yaml"
        file.write_text(stack)

        def ask(*arguments):
            run = subprocess.run(
                [program, arguments[0], "--stack", file, *arguments[1:], "--json"],
                capture_output=True, text=True, timeout=60,
            )
            require(run.returncode == 0, f"{arguments}: {run.stderr}")
            return json.loads(run.stdout)

        for origin, target, expected in rows:
            verdict = ask("explain", origin, target, "8080")["verdict"]
            require(verdict == expected, f"{origin} -> {target} is {verdict}, and the page says {expected}")
        ids = {finding["id"] for finding in ask("stack")["findings"]}
        require("agent-without-tools" not in ids, f"the page's stack has the finding: {ids}")
        exception = re.search(r"`(\{id: [\w-]+, disabled: true\})`", PAGE)[1]
        file.with_name("pci-exceptions.yaml").write_text(f"component-exceptions:\n  - {exception}\n")
        verdict = ask("explain", "stack-agent", "pci-compliance", "8080")["verdict"]
        require(verdict == "denied", "the agent reaches the server without its exception")
        link = "namespace: stack-agent}\n    links_to: {assistant: {}}"
        file.write_text(stack.replace(link, "namespace: stack-agent}"))
        ids = {finding["id"] for finding in ask("stack")["findings"]}
        require("agent-without-tools" in ids, f"without its link there is no finding: {ids}")
    return f"{len(rows)} connections as the page says"


def main():
    program, report = harness.binary(), harness.Report()

    near, in_pod = [block for block in blocks("sh") if block.startswith(NAME)]
    with harness.served(serve_command(program, near, "127.0.0.1")) as address:
        report.check("curl", lambda _: questions(address))
        report.check("FastMCP", lambda _: proxies(program, address))
    report.check("Kubernetes", lambda _: hosts(serve_command(program, in_pod, "0.0.0.0")))
    report.check("a token", lambda _: tokens(serve_command(program, in_pod, "0.0.0.0")))
    report.check("links", lambda _: links(program))
    report.end()


main()
