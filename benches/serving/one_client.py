"""A and B: the start, and each tool asked by one client."""

import contextlib
import itertools
import os
import re
import statistics
import subprocess
import time

import harness
from mcp_clients import HANDSHAKE, Http, checked, http, stdio
from processes import cpu, memory, own, running
from tables import TARGETS, mib, ms, percentile, with_target


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
                        raise harness.Wrong(f"{case.name} is not served: {said}")
                    said += read
                Http(address[1].decode()).get("/healthz")
                over_http.append(time.perf_counter() - begun)
        for way, lasted in {"stdio: `initialize`": over_stdio, "HTTP: `/healthz`": over_http}.items():
            median = statistics.median(lasted)
            rows.append([f"{case.name} ({case.size})", way, ms(median), ms(max(lasted))])
            missed.append(median * 1e3 if case is cases[0] else None)
    with_target(
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
        with_target(
            f"B. Tools on {case.name} ({case.size}), ms", heads, rows, TARGETS["p50"], missed,
            f"First calls are of fresh processes{f', the median of {times}' if times > 1 else ''}; the others are warm, "
            "of one client and one connection. The CPU time is the server's, over stdio. "
            "Of fewer than 100 calls, p99 is the worst.",
        )
        for way, index in {"stdio": 0, "HTTP": 1}.items():
            now = [one[index] for one in (after_start, after_each, after_all)]
            resident.append((case, way, now, owned[index]))
    heads = ["stack", "way", "after start", "after one call of each tool", "after all", "of it no file's", "most ever"]
    with_target(
        "B. Memory (VmRSS; of it RssAnon; most ever: VmHWM), MiB", heads,
        [[case.name, way, *(mib(rss) for rss, _ in now), mib(owned), mib(now[-1][1])] for case, way, now, owned in resident],
        TARGETS["memory"],
        [now[-1][1] / 1024 if case is cases[0] else None for case, _, now, _ in resident],
    )
