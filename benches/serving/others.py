"""E: beside other servers."""

import os
import statistics
import sys
import time
from pathlib import Path

import harness
from mcp_clients import checked, stdio
from processes import memory
from tables import mib, ms, percentile, ratio, table

# How often `pci-dss-mcp` answers one caller before it asks for money.
ITS_FREE_CALLS = 50
FASTMCP = """
import fastmcp
server = fastmcp.FastMCP("constant")
@server.tool
def constant() -> dict:
    return {"answer": "the same"}
server.run(show_banner=False)
"""


def others(run):
    folder = Path(__file__).parents[1] / "pci-dss-mcp"
    harness.run(harness.ROOT / "conformance" / "install", folder)
    program = folder / ".venv" / "bin" / "pci_dss_mcp"
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
        "FastMCP": ([sys.executable, constant], "constant", {}),
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
                    raise harness.Wrong(f"{name} asks for money")
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
