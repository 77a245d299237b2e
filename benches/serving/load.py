"""C, D and F: many clients at once, and many calls."""

import contextlib
import json
import statistics

from mcp_clients import Http, checked, http, post
from processes import cpu, memory
from tables import mib, table

TOKEN = "figures-0123456789abcdef0123456789abcdef"
CLIENTS = [1, 10, 100]


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
