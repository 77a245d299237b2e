"""G and H: several stacks, and stacks that change."""

import hashlib
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

import harness
from mcp_clients import PATIENCE, Http, checked, http
from one_client import warm
from processes import cpu, memory
from tables import mib, ms, percentile, table


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
            raise harness.Wrong("a changed file is not read")
        time.sleep(0.002)
    answer = checked(client.call("describe_stack", {"stack": name})[0])
    seen, spent = time.perf_counter() - begun, cpu(process.pid) - used
    if answer["structuredContent"]["inputs"]["stack"] != hashlib.sha256(text.encode()).hexdigest():
        raise harness.Wrong("an answer is of the file before")
    return seen, spent


def swaps(run):
    test = ["cargo", "test", "--release", "--locked", "--quiet", "--target-dir", str(Path(run.program).parents[1])]
    subprocess.run([*test, "--no-run"], check=True, cwd=harness.ROOT, stdout=subprocess.DEVNULL)
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
            [*test, "--", f"serving::reload::{name}"], cwd=harness.ROOT, env=environment, capture_output=True, text=True,
        )
        lasted = time.perf_counter() - begun
        passed = sum(map(int, re.findall(r"(\d+) passed", ran.stdout)))
        if ran.returncode or passed != 1:
            raise harness.Wrong(f"{name}: {passed} passed: {ran.stdout[-3000:]}{ran.stderr[-1000:]}")
        rows.append([how, f"{counts[variable]:,}", f"{lasted:.1f}", f"{lasted / counts[variable] * 1e3:.2f}"])
    table("H. Swaps of a stack's file; each answer is of one state or the other, a third of the files is broken",
          ["swapped", "swaps", "s", "ms each"], rows)
