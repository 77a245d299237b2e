#!/usr/bin/env python3
"""What serving costs: time to start, per call and under load, and memory; as tables in Markdown.

usage: figures.py [BINARY] [--only A,B] [--stack FILE]... [--quick]

A  start: from the process's start to its first answer
B  each tool: its first call in a fresh process, warm calls over stdio and over HTTP; memory
C  calls per second of 1, 10 and 100 clients, beside a server of the same SDK that answers a constant
D  the same with a token and without
E  beside `pci-dss-mcp` from PyPI, and a FastMCP server whose tool answers a constant
F  memory over 100,000 calls
G  1, 10 and 100 stacks of 100 components: memory, a reload, the watcher at rest
H  stacks swapped under load, by the tests (needs cargo; not part of --quick)

Each `--stack` is measured besides the demo and a generated stack of 1,000 components and 5,000 links. Clients and server
share the machine. An error in place of an answer ends the run: no figure is one of errors.
"""

import argparse
import atexit
import contextlib
import functools
import hashlib
import itertools
import json
import os
import platform
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common

SECTIONS = "ABCDEFGH"
TARGETS = {"start": 20, "p50": 1, "memory": 30}
PATIENCE = 120
STATELESS = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "figures", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HANDSHAKE = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "figures", "version": "0"}}
TOKEN = "figures-0123456789abcdef0123456789abcdef"
CLIENTS = [1, 10, 100]
# How often `pci-dss-mcp` answers one caller before it asks for money.
ITS_FREE_CALLS = 50

RUNNING = set()


@contextlib.contextmanager
def running(command, **streams):
    """A process that is gone afterwards, whatever happens."""
    process = subprocess.Popen([str(part) for part in command], **streams)
    RUNNING.add(process)
    try:
        yield process
    finally:
        end(process)


def end(process):
    process.kill()
    process.wait()
    for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
        with contextlib.suppress(OSError):
            stream.close()
    RUNNING.discard(process)


def table(title, heads, rows, *notes):
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|---" + "|---:" * (len(heads) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    for note in notes:
        print(f"\n{note}")
    sys.stdout.flush()


def beside(title, heads, rows, target, which, *notes):
    """The same with a target beside the first stack's rows, and whether they keep it."""
    rows = [[*row, f"≤ {target}" + (" **missed**" if value > target else "") if value is not None else ""]
            for row, value in zip(rows, which)]
    table(title, [*heads, "target"], rows, *notes)


def ms(seconds):
    return f"{seconds * 1e3:.2f}" if seconds < 0.1 else f"{seconds * 1e3:.0f}"


def mib(kib):
    return f"{kib / 1024:.1f}"


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def status(pid, *names):
    """What the kernel says of a process's memory under `names`, in KiB."""
    said = Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+)", said)[1]) for name in names]


def memory(pid):
    """Resident now and at most, in KiB."""
    return status(pid, "VmRSS", "VmHWM")


def own(pid):
    """What of the resident memory is no file's: the rest is the program itself, of which the kernel decides how much it
    maps around what is used, and which processes share; in KiB."""
    return status(pid, "RssAnon")[0]


def cpu(pid):
    """The CPU time of all of a process's threads so far, also of those that ended, in seconds."""
    return time.clock_gettime((~pid << 3) | 2)


# One thing asked after the other, over standard input and output or over HTTP.


class Stdio:
    """A client of a server's standard input and output, which must be unbuffered."""

    def __init__(self, process):
        self.process, self.id = process, 0
        self.input, self.output = process.stdin.fileno(), process.stdout.fileno()
        self.rest = b""

    def line(self):
        while b"\n" not in self.rest:
            if not select.select([self.output], [], [], PATIENCE)[0]:
                raise common.Wrong(f"no answer within {PATIENCE} s")
            if not (read := os.read(self.output, 1 << 20)):
                raise common.Wrong("the server went away")
            self.rest += read
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def send(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"
        while data:
            data = data[os.write(self.input, data):]

    def request(self, method, params):
        """The answer as bytes, and how long it took. Nothing is parsed meanwhile."""
        self.id += 1
        message = {"id": self.id, "method": method, "params": params}
        begun = time.perf_counter()
        self.send(message)
        while True:
            line = self.line()
            lasted = time.perf_counter() - begun
            if b'"id":' in line[:60]:
                return line, lasted

    def greet(self):
        checked(self.request("initialize", HANDSHAKE)[0])
        self.send({"method": "notifications/initialized"})
        return self

    def call(self, tool, arguments):
        return self.request("tools/call", {"name": tool, "arguments": arguments})


class Http:
    """A client on one connection, of the stateless protocol. A connection that was idle for long is another then."""

    def __init__(self, address):
        host, port = address.split(":")
        self.address, self.socket = (host, int(port)), None
        self.connect()

    def connect(self):
        if self.socket:
            self.socket.close()
        self.socket, self.used = socket.create_connection(self.address, timeout=PATIENCE), time.monotonic()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request):
        # The server closes connections that are idle for 10 s.
        if time.monotonic() - self.used > 5:
            self.connect()
        begun = time.perf_counter()
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            if not (read := self.socket.recv(1 << 20)):
                raise common.Wrong("the server hung up")
            received += read
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
        parts = [body]
        left = length - len(body)
        while left > 0:
            read = self.socket.recv(1 << 20)
            if not read:
                raise common.Wrong("the server hung up")
            parts.append(read)
            left -= len(read)
        body = b"".join(parts)
        lasted, self.used = time.perf_counter() - begun, time.monotonic()
        if b" 200 " not in head[:20]:
            raise common.Wrong(f"not an answer: {head!r} {body!r}")
        return body, lasted

    def call(self, tool, arguments):
        return self.exchange(post(tool, arguments).encode())

    def get(self, path):
        return self.exchange(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())


def post(tool, arguments, token=None):
    """The HTTP request that calls a tool."""
    params = {"name": tool, "arguments": arguments, "_meta": STATELESS}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = {
        "host": "localhost",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": tool,
        **({"authorization": f"Bearer {token}"} if token else {}),
        "content-length": len(body.encode()),
    }
    return "POST /mcp HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + f"\r\n{body}"


def checked(answer):
    """The result of an answer, which must not be an error."""
    message = json.loads(answer)
    result = message.get("result")
    if result is None or result.get("isError"):
        raise common.Wrong(f"an error, not an answer: {answer[:1000]}")
    return result


@contextlib.contextmanager
def stdio(command):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "bufsize": 0}
    with running(command, **pipes) as process:
        yield process, Stdio(process)


@contextlib.contextmanager
def http(command, given=None):
    """A server over HTTP: its process, its address, and what it says meanwhile on standard error, a file."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        with open(said, "wb") as to, open(given or os.devnull, "rb") as read:
            with running(command, stdin=read, stdout=subprocess.DEVNULL, stderr=to) as process:
                until = time.monotonic() + PATIENCE
                while not (address := re.search(rb"serving at http://(\S+)/mcp", said.read_bytes())):
                    if process.poll() is not None or time.monotonic() > until:
                        raise common.Wrong(f"`{command}` does not serve: {said.read_bytes()[-2000:]}")
                    time.sleep(0.002)
                yield process, address[1].decode(), said


class Case:
    """A stack, as flags of `serve`, and what to ask of it."""

    def __init__(self, program, name, flags):
        self.name, self.serve = name, [program, "serve", *map(str, flags)]
        run = subprocess.run([program, "stack", "--json", *map(str, flags)], capture_output=True, timeout=PATIENCE)
        if run.returncode:
            raise common.Wrong(f"{name}: {run.stderr.decode()}")
        stack = json.loads(run.stdout)
        links = [link for link in stack["links"] if link["ports"]] or stack["links"]
        if not links:
            raise common.Wrong(f"{name} has no links to ask about")
        ends = {"from": links[0]["from"], "to": links[0]["to"]}
        self.size = f"{len(stack['components']):,} components, {len(stack['links']):,} links"
        self.questions = {
            "explain_flow": ends,
            "describe_stack": {},
            "render_diagram": {},
            "generate_policies": {},
            "pci_compliance_overview": {},
            "pci_compliance_requirement": {"requirement": 10},
            "pci_compliance_gaps": {},
            "pci_compliance_component_impact": {"component_type": "falco"},
            "what_if": {"changes": [{"op": "remove_link", **ends}]},
        }
        known = {tool["name"] for tool in common.tools(program)}
        if known != set(self.questions):
            raise common.Wrong(f"tools without a question here, or without being there: {known ^ set(self.questions)}")

    def changes_never_asked(self, number):
        """Changes of which the server has kept nothing."""
        changes = self.questions["what_if"]["changes"]
        return {"changes": [*changes, {"op": "add_component", "type": "redis", "name": f"never-asked-{number}"}]}

    def over_http(self, *flags):
        return [*self.serve, "--http", "0", "--rate", "0", *flags]


class Run:
    """What a run is about."""

    def __init__(self, program, quick, folder):
        self.program, self.quick, self.folder = program, quick, Path(folder)

    def example(self, name):
        return common.example(self.program, name)

    def generated(self, components, links, name, out):
        """Generates a stack and returns its text."""
        text = subprocess.run(
            [self.example("big_stack"), str(components), str(links)], capture_output=True, check=True, text=True
        ).stdout
        text = text.replace('project_slug: "big"', f'project_slug: "{name}"')
        text = text.replace('system_name: "big"', f'system_name: "{name}"')
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
        return text

    @functools.cached_property
    def demo(self):
        return Case(self.program, "demo", ["--demo"])

    @functools.cached_property
    def big(self):
        file = self.folder / "big" / "stack-metadata.yaml"
        self.generated(1_000, 5, "big", file)
        return Case(self.program, "1,000 components", ["--stack", file])

    def cases(self, stacks):
        strict = ["--level", "pci_dss_strict"]
        given = [Case(self.program, Path(stack).parent.name, ["--stack", stack, *strict]) for stack in stacks]
        return [self.demo, *given, self.big]

    def load(self, address, clients, requests, *most):
        """What came of it that many clients send requests, as fast as they are answered."""
        command = [self.example("load"), address, str(clients), *map(str, most)]
        given = "".join(json.dumps(request) + "\n" for request in requests)
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with running(command, **streams) as process:
            told, error = process.communicate(given, timeout=900)
            if process.returncode:
                raise common.Wrong(f"load failed: {error}")
        return json.loads(told)


# The sections.


def start(run, cases):
    times = 5 if run.quick else 30
    rows, missed = [], []
    begun = time.perf_counter()
    for _ in range(times):
        subprocess.run(["/bin/true"], check=True)
    floor = (time.perf_counter() - begun) / times
    for case in cases:
        over_stdio, over_http = [], []
        for _ in range(times):
            begun = time.perf_counter()
            with stdio(case.serve) as (_, client):
                checked(client.request("initialize", HANDSHAKE)[0])
                over_stdio.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            with running(case.over_http(), **streams, bufsize=0) as process:
                said = b""
                while not (address := re.search(rb"serving at http://(\S+)/mcp", said)):
                    if not (read := os.read(process.stderr.fileno(), 4096)):
                        raise common.Wrong(f"{case.name} is not served: {said}")
                    said += read
                Http(address[1].decode()).get("/healthz")
                over_http.append(time.perf_counter() - begun)
        for way, lasted in {"stdio: `initialize`": over_stdio, "HTTP: `/healthz`": over_http}.items():
            median = statistics.median(lasted)
            rows.append([f"{case.name} ({case.size})", way, ms(median), ms(max(lasted))])
            missed.append(median * 1e3 if case is cases[0] else None)
    beside(
        f"A. Process start to first answer, ms, {times} starts", ["stack", "way", "median", "worst"], rows,
        TARGETS["start"], missed, f"Starting and ending `/bin/true` takes {ms(floor)} ms.",
    )


def warm(call, most, seconds):
    """How long calls take, one after the other: at most so many, for about so long, but five at least."""
    lasted, until = [], time.monotonic() + seconds
    while len(lasted) < most and (len(lasted) < 5 or time.monotonic() < until):
        answer, one = call()
        if not lasted:
            checked(answer)
        lasted.append(one)
    return lasted


def tools(run, cases):
    most, seconds = (100, 0.5) if run.quick else (1_000, 3)
    resident = []
    for case in cases:
        rows, missed = [], []
        first = {}
        times = 1 if run.quick or case is run.big else 3
        for tool, arguments in case.questions.items():
            each = []
            for _ in range(times):
                with stdio(case.serve) as (_, client):
                    answer, lasted = client.greet().call(tool, arguments)
                    checked(answer)
                    each.append(lasted)
            first[tool] = statistics.median(each)
        with contextlib.ExitStack() as both:
            process, over_stdio = both.enter_context(stdio(case.serve))
            served, address, _ = both.enter_context(http(case.over_http()))
            over_stdio.greet()
            over_http = Http(address)
            sizes, after_start = {}, [memory(process.pid), memory(served.pid)]
            for tool, arguments in case.questions.items():
                sizes[tool] = len(over_stdio.call(tool, arguments)[0])
                over_http.call(tool, arguments)
            after_each = [memory(process.pid), memory(served.pid)]
            floors = [
                warm(lambda: over_stdio.request("ping", {}), most, seconds),
                [over_http.get("/healthz")[1] for _ in range(most)],
            ]
            for tool, arguments in case.questions.items():
                used = cpu(process.pid)
                one = warm(lambda: over_stdio.call(tool, arguments), most, seconds)
                used = (cpu(process.pid) - used) / len(one)
                two = warm(lambda: over_http.call(tool, arguments), most, seconds)
                figures = [value for lasted in (one, two) for value in (percentile(lasted, 50), percentile(lasted, 99))]
                rows.append([
                    f"`{tool}`", f"{sizes[tool] / 1000:.1f}", ms(first[tool]), *map(ms, figures), ms(used), len(one),
                ])
                missed.append(max(figures[0], figures[2]) * 1e3 if case is cases[0] else None)
            numbers = itertools.count()
            other = warm(lambda: over_stdio.call("what_if", case.changes_never_asked(next(numbers))), most, seconds)
            rows.append(["`what_if`, others each time", "", "", ms(percentile(other, 50)), ms(percentile(other, 99)),
                         "", "", "", len(other)])
            missed.append(None)
            floor = [value for lasted in floors for value in (percentile(lasted, 50), percentile(lasted, 99))]
            rows.append(["`ping`, `/healthz`", "", "", *map(ms, floor), "", len(floors[0])])
            missed.append(None)
            after_all = [memory(process.pid), memory(served.pid)]
            owned = [own(process.pid), own(served.pid)]
        heads = ["tool", "kB", "first call", "stdio p50", "p99", "HTTP p50", "p99", "CPU per call", "calls"]
        beside(
            f"B. Tools on {case.name} ({case.size}), ms", heads, rows, TARGETS["p50"], missed,
            f"First calls are of fresh processes{f', the median of {times}' if times > 1 else ''}; the others are warm, "
            "of one client and one connection. The CPU time is the server's, over stdio. "
            "Of fewer than 100 calls, p99 is the worst.",
        )
        for way, index in {"stdio": 0, "HTTP": 1}.items():
            now = [one[index] for one in (after_start, after_each, after_all)]
            resident.append((case, way, now, owned[index]))
    heads = ["stack", "way", "after start", "after one call of each tool", "after all", "of it no file's", "most ever"]
    beside(
        "B. Memory (VmRSS; of it RssAnon; most ever: VmHWM), MiB", heads,
        [[case.name, way, *(mib(rss) for rss, _ in now), mib(owned), mib(now[-1][1])] for case, way, now, owned in resident],
        TARGETS["memory"],
        [now[-1][1] / 1024 if case is cases[0] else None for case, _, now, _ in resident],
    )


def rated(run, rounds, servers, clients, seconds):
    """Calls of each server, a name → (process, address, requests), one server after the other and again and again."""
    sums = {name: [] for name in servers}
    for _ in range(rounds):
        for name, (process, address, requests) in servers.items():
            used = cpu(process.pid)
            outcome = run.load(address, clients, requests, "--seconds", seconds)
            sums[name].append((outcome, cpu(process.pid) - used))
    figures = {}
    for name, outcomes in sums.items():
        calls = sum(outcome["calls"] for outcome, _ in outcomes)
        figures[name] = {
            "rate": statistics.median(outcome["calls"] / outcome["seconds"] for outcome, _ in outcomes),
            "p50": statistics.median(outcome["p50"] for outcome, _ in outcomes),
            "p99": statistics.median(outcome["p99"] for outcome, _ in outcomes),
            "turned_away": sum(outcome["turned_away"] for outcome, _ in outcomes) / sum(
                outcome["calls"] + outcome["turned_away"] for outcome, _ in outcomes
            ),
            "cpu": sum(used for _, used in outcomes) / calls * 1e6,
        }
    return figures


def pressed(run):
    rounds, seconds = (1, 0.5) if run.quick else (3, 2)
    rows = []
    with http(run.demo.over_http()) as (process, address, _):
        for tool in ("explain_flow", "pci_compliance_overview"):
            arguments = run.demo.questions[tool]
            result = checked(Http(address).call(tool, arguments)[0])
            given = run.folder / f"{tool}.json"
            given.write_text(json.dumps(result))
            with http([run.example("constant")], given) as (constant, its_address, _):
                servers = {
                    "ours": (process, address, [post(tool, arguments)]),
                    "constant": (constant, its_address, [post("constant", {})]),
                }
                for clients in CLIENTS:
                    of = rated(run, rounds, servers, clients, seconds)
                    ours, its = of["ours"], of["constant"]
                    rows.append([
                        f"`{tool}`", clients, f"{ours['rate']:,.0f}", f"{its['rate']:,.0f}",
                        f"{ours['rate'] / its['rate']:.2f}", f"{ours['cpu']:.0f}", f"{its['cpu']:.0f}",
                        f"{ours['p50']:.2f}", f"{ours['p99']:.2f}", f"{its['p50']:.2f}", f"{its['p99']:.2f}",
                        f"{ours['turned_away']:.0%}",
                    ])
    heads = ["tool", "clients", "calls/s", "constant", "ratio", "CPU µs/call", "constant", "p50 ms", "p99 ms",
             "constant p50", "p99", "turned away"]
    table(
        f"C. Under load, HTTP, demo: {rounds} rounds of {seconds} s each, one server after the other", heads, rows,
        "The constant is the same answer, of the same size, given by the SDK's service on plain axum. "
        "Ours logs each call, to a file. Who is turned away, since the server is busy, asks again after 10 ms, and is "
        "not among the calls.",
    )


def authorised(run):
    rounds, seconds = (1, 0.5) if run.quick else (3, 2)
    tool, rows = "explain_flow", []
    arguments = run.demo.questions[tool]
    tokens = run.folder / "tokens"
    tokens.write_text(TOKEN + "\n")
    tokens.chmod(0o600)
    with contextlib.ExitStack() as both:
        off, off_address, _ = both.enter_context(http(run.demo.over_http()))
        on, on_address, _ = both.enter_context(http(run.demo.over_http("--token-file", str(tokens))))
        servers = {
            "off": (off, off_address, [post(tool, arguments)]),
            "on": (on, on_address, [post(tool, arguments, TOKEN)]),
        }
        for clients in CLIENTS:
            of = rated(run, rounds, servers, clients, seconds)
            off_figures, on_figures = of["off"], of["on"]
            rows.append([
                clients, f"{off_figures['rate']:,.0f}", f"{on_figures['rate']:,.0f}",
                f"{on_figures['rate'] / off_figures['rate']:.2f}", f"{off_figures['cpu']:.0f}",
                f"{on_figures['cpu']:.0f}", f"{off_figures['p50']:.2f}", f"{on_figures['p50']:.2f}",
                f"{off_figures['p99']:.2f}", f"{on_figures['p99']:.2f}",
            ])
    heads = ["clients", "calls/s open", "with a token", "ratio", "CPU µs/call open", "with a token", "p50 ms open",
             "with a token", "p99 ms open", "with a token"]
    table(f"D. `{tool}` with a token file and without, HTTP, demo", heads, rows)


FASTMCP = """
import fastmcp
server = fastmcp.FastMCP("constant")
@server.tool
def constant() -> dict:
    return {"answer": "the same"}
server.run(show_banner=False)
"""


def ratio(ours, theirs):
    """The median of the ratios of what ran one right after the other."""
    return statistics.median(one / other for one, other in zip(ours, theirs))


def others(run):
    for which in ([], ["beside"]):
        subprocess.run([common.HERE / "tools", *which], check=True)
    program = common.ROOT / "target" / "checks-beside" / "bin" / "pci_dss_mcp"
    # It tells a server elsewhere of each call if it has a key: it has none, and nowhere to tell.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MEOK_")}
    os.environ.clear()
    os.environ.update(environment, MEOK_VERIFY_URL="http://127.0.0.1:9/")
    constant = run.folder / "fastmcp_constant.py"
    constant.write_text(FASTMCP)
    ours = "ours, demo"
    servers = {
        ours: (run.demo.serve, "pci_compliance_overview", {}),
        "pci-dss-mcp": ([program], "assess_pci_compliance", {"organization_name": "shop", "has_firewall": True}),
        "FastMCP": ([common.VENV / "bin" / "python", constant], "constant", {}),
    }
    times = 2 if run.quick else 10
    figures = {name: {"start": [], "first": [], "warm": [], "memory": []} for name in servers}
    for _ in range(times):
        for name, (command, tool, arguments) in servers.items():
            of, begun = figures[name], time.perf_counter()
            with stdio(command) as (process, client):
                client.greet()
                of["start"].append(time.perf_counter() - begun)
                answer, lasted = client.call(tool, arguments)
                checked(answer)
                of["first"].append(lasted)
                of["size"] = len(answer)
                calls = [client.call(tool, arguments) for _ in range(ITS_FREE_CALLS - 1)]
                if b"Free tier limit" in calls[-1][0]:
                    raise common.Wrong(f"{name} asks for money")
                of["warm"] += [lasted for _, lasted in calls]
                of["memory"].append(memory(process.pid))
    rows = [
        [name, f"`{servers[name][1]}`", f"{of['size'] / 1000:.1f}", ms(statistics.median(of["start"])),
         f"{ratio(figures[ours]['start'], of['start']):.3f}", ms(max(of["start"])), ms(statistics.median(of["first"])),
         ms(percentile(of["warm"], 50)), f"{ratio(figures[ours]['warm'], of['warm']):.3f}",
         ms(percentile(of["warm"], 99)), mib(statistics.median(rss for rss, _ in of["memory"])),
         mib(max(most for _, most in of["memory"]))]
        for name, of in figures.items()
    ]
    heads = ["server", "tool", "kB", "start, median ms", "ours to it", "worst", "first call ms", "p50 ms", "ours to it",
             "p99 ms", "VmRSS MiB", "VmHWM MiB"]
    table(
        f"E. Beside other servers, stdio: {times} processes of {ITS_FREE_CALLS} calls each", heads, rows,
        "The tool of `pci-dss-mcp` is given yes or no for each requirement, and reads no stack: it is the nearest that it has.",
    )


def lasting(run):
    marks = [200, 1_000, 2_000] if run.quick else [10_000, 50_000, 100_000]
    rows, done = [], 0
    with http(run.demo.over_http()) as (process, address, _):
        requests = [post(tool, arguments) for tool, arguments in run.demo.questions.items()]
        client = Http(address)
        rows.append([0, *map(mib, memory(process.pid)), "", ""])
        for tool, arguments in run.demo.questions.items():
            checked(client.call(tool, arguments)[0])
        rows.append([len(requests), *map(mib, memory(process.pid)), "", ""])
        for mark in marks:
            outcome = run.load(address, 4, requests, "--calls", mark - done)
            done = mark
            rate = f"{outcome['calls'] / outcome['seconds']:,.0f}"
            rows.append([f"{mark:,}", *map(mib, memory(process.pid)), rate, f"{outcome['p99']:.2f}"])
    table("F. Memory over many calls, HTTP, demo, all tools in turn, 4 clients", ["calls", "VmRSS MiB", "VmHWM MiB",
          "calls/s", "p99 ms"], rows)


def fleets(run):
    rows = []
    for stacks in [1, 10] if run.quick else [1, 10, 100]:
        folder = run.folder / f"stacks-{stacks}"
        for number in range(stacks):
            run.generated(100, 5, f"stack-{number}", folder / f"s{number}" / "stack-metadata.yaml")
        command = [run.program, "serve", "--stacks", folder, "--http", "0", "--rate", "0"]
        begun = time.perf_counter()
        with http(command) as (process, address, said):
            client = Http(address)
            client.get("/healthz")
            started = time.perf_counter() - begun
            after_start = memory(process.pid)[0]
            names = [f"stack-{number}" for number in range(stacks)]
            first = [client.call("explain_flow", {"stack": name, "from": "c0", "to": "c1"}) for name in names]
            for answer, _ in first:
                checked(answer)
            after_each = memory(process.pid)[0]
            answer, overview = client.call("pci_compliance_overview", {"stack": "*"})
            checked(answer)
            after_overview = memory(process.pid)
            calls = warm(
                lambda: client.call("explain_flow", {"stack": names[-1], "from": "c0", "to": "c1"}),
                100 if run.quick else 1_000, 3,
            )
            again = warm(lambda: client.call("pci_compliance_overview", {"stack": "*"}), 50, 2)
            # What was read at the start is looked at twice.
            time.sleep(1)
            idle_for = 2 if run.quick else 10
            used = cpu(process.pid)
            time.sleep(idle_for)
            idle = (cpu(process.pid) - used) / idle_for
            reloads = [reloaded(process, client, folder, names[0], said, number)
                       for number in range(1 if run.quick else 3)]
            seen, spent = (statistics.median(values) for values in zip(*reloads))
        rows.append([
            stacks, ms(started), *map(mib, (after_start, after_each, after_overview[0])), mib(after_overview[1]),
            ms(overview), ms(percentile(again, 50)), ms(percentile(calls, 50)), ms(seen), ms(spent), f"{idle:.2%}",
        ])
    heads = ["stacks", "start ms", "MiB after start", "after `explain_flow` of each", "after overview `*`", "most ever",
             "overview `*` first ms", "warm p50", "`explain_flow` p50 ms", "reload: seen ms", "its CPU ms",
             "watcher at rest, CPU"]
    table(
        "G. Several stacks of 100 components and 500 links each, HTTP", heads, rows,
        "Seen: from a stack's file being written to an answer of the new one, of which 200 to 400 ms are the watcher's "
        "patience. At rest: CPU time of one core.",
    )


def reloaded(process, client, folder, name, said, number):
    """From writing a file to an answer of it, and the server's CPU time meanwhile."""
    file = folder / "s0" / "stack-metadata.yaml"
    # A component moves to another namespace: rules, flows and proof are others.
    text = re.sub(r'"(ns|moved)-0(-\d+)?"', f'"moved-0-{number}"', file.read_text())
    aside = file.with_suffix(".new")
    aside.write_text(text)
    told, used, begun = said.read_bytes().count(b"read anew"), cpu(process.pid), time.perf_counter()
    aside.rename(file)
    # What it says costs the server nothing to be asked; a call then shows that it is so.
    while said.read_bytes().count(b"read anew") == told:
        if time.perf_counter() - begun > PATIENCE:
            raise common.Wrong("a changed file is not read")
        time.sleep(0.002)
    answer = checked(client.call("describe_stack", {"stack": name})[0])
    seen, spent = time.perf_counter() - begun, cpu(process.pid) - used
    if answer["structuredContent"]["inputs"]["stack"] != hashlib.sha256(text.encode()).hexdigest():
        raise common.Wrong("an answer is of the file before")
    return seen, spent


def swaps(run):
    test = ["cargo", "test", "--release", "--locked", "--quiet", "--target-dir", str(Path(run.program).parents[1])]
    subprocess.run([*test, "--no-run"], check=True, cwd=common.ROOT, stdout=subprocess.DEVNULL)
    counts = {"SWAPS": 600, "WATCHED_SWAPS": 5} if run.quick else {"SWAPS": 10_000, "WATCHED_SWAPS": 100}
    tests = {
        "SWAPS": ("by the reload function, under load", "under_load_no_answer_fails_and_none_mixes_two_states"),
        "WATCHED_SWAPS": ("by the watcher", "every_change_that_the_watcher_sees_is_the_last_one_made"),
    }
    rows = []
    for variable, (how, name) in tests.items():
        environment = {**os.environ, variable: str(counts[variable])}
        begun = time.perf_counter()
        ran = subprocess.run(
            [*test, "--", f"serving::reload::{name}"], cwd=common.ROOT, env=environment, capture_output=True, text=True,
        )
        lasted = time.perf_counter() - begun
        passed = sum(map(int, re.findall(r"(\d+) passed", ran.stdout)))
        if ran.returncode or passed != 1:
            raise common.Wrong(f"{name}: {passed} passed: {ran.stdout[-3000:]}{ran.stderr[-1000:]}")
        rows.append([how, f"{counts[variable]:,}", f"{lasted:.1f}", f"{lasted / counts[variable] * 1e3:.2f}"])
    table("H. Swaps of a stack's file; each answer is of one state or the other, a third of the files is broken",
          ["swapped", "swaps", "s", "ms each"], rows)


def machine():
    facts = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", facts)
    total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"{len(os.sched_getaffinity(0))} cores, {model[1] if model else platform.processor()}; "
          f"{total / 2**20:.1f} GiB of memory; {platform.system()} {platform.release()}, {platform.machine()}; "
          f"load average before: {load}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--only", metavar="A,B", help="these sections alone")
    parser.add_argument("--stack", metavar="FILE", action="append", default=[], help="another stack to measure")
    parser.add_argument("--quick", action="store_true", help="few calls: shows that it works, not what it costs")
    given = parser.parse_args()
    only = set(given.only.upper().split(",")) if given.only else set(SECTIONS) - ({"H"} if given.quick else set())
    if only - set(SECTIONS):
        parser.error(f"sections are {', '.join(SECTIONS)}")
    program = common.binary(given.binary or os.environ.get("PCM") or str(common.ROOT / "target/release/pci-compliance-mcp"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    atexit.register(lambda: [end(process) for process in list(RUNNING)])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(program, given.quick, folder)
        machine()
        try:
            cases = run.cases(given.stack) if only & {"A", "B"} else []
            sections = {
                "A": lambda: start(run, cases), "B": lambda: tools(run, cases), "C": lambda: pressed(run),
                "D": lambda: authorised(run), "E": lambda: others(run), "F": lambda: lasting(run),
                "G": lambda: fleets(run), "H": lambda: swaps(run),
            }
            for section in sorted(only):
                sections[section]()
        except (common.Wrong, OSError, subprocess.SubprocessError) as error:
            sys.exit(f"WRONG  {error}")
    print(f"\nThe whole run took {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
