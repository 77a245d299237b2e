"""The server against the conformance suite of the protocol's makers.

Two servers, each with sessions and without, by the handshake of 2025-11-25 and by the stateless 2026-07-28: the
product's, and the suite's own fixtures on the product's transport (`examples/conformance.rs`), since the suite asks
little of a server that has none of its tools. What fails or is warned of must stand in `SERVER-VERSION.yml`
with its reason, and what stands there must fail, in one of the two ways at least. Of what the transport answers for,
nothing may fail for the fixtures, and each of it must have been asked for: a scenario that finds nothing to check is
no pass.

Cancellation, which the suite leaves out, is in `cancelling.py`.
"""

import collections
import json
import re
import subprocess
import tempfile
from pathlib import Path

import harness
from cancelling import STATELESS, Asker, leave

HERE = Path(__file__).parent

MODES = {"without sessions": [], "with sessions": ["--sessions"]}
HANDSHAKE = "2025-11-25"

# The scenarios that are about the transport: messages, progress, errors, headers, statelessness.
OF_TRANSPORT = {
    HANDSHAKE: {
        "server-initialize",
        "ping",
        "tools-list",
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "dns-rebinding-protection",
    },
    STATELESS: {
        "server-stateless",
        "tools-list",
        "tools-call-simple-text",
        "tools-call-error",
        "tools-call-with-progress",
        "server-sse-multiple-streams",
        "sep-2164-resource-not-found",
        "dns-rebinding-protection",
        "http-header-validation",
        "http-custom-header-server-validation",
    },
}
# Those that need a session to find anything.
OF_SESSIONS = {
    HANDSHAKE: {"server-session-lifecycle", "server-sse-polling", "server-sse-multiple-streams"},
    STATELESS: set(),
}
# What the suite counts as failed.
FAILED = {"FAILURE", "WARNING"}
# Checks that go with every scenario, and say nothing of it.
OF_ALL = {"wire-schema-valid", "wire-schema-harness-error"}
# How many scenarios the suite has at least, so that it can't pass by having none.
LEAST = {HANDSHAKE: 30, STATELESS: 38}


def suite(url, version, expected, results):
    """Runs the suite, and gives how it ended, what it said, and its checks by scenario."""
    program = HERE / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    command = [harness.node(HERE), program, "server", "--url", url, "--suite", "all", "--spec-version", version]
    run = subprocess.run(
        [*command, "--expected-failures", expected, "-o", results],
        capture_output=True, text=True, timeout=600, cwd=results,
    )
    said = run.stdout + run.stderr
    names = [line.split()[3] for line in said.splitlines() if line.startswith("=== Running scenario: ")]
    checks = {}
    for name in names:
        # A folder is called by its scenario and by the time, and one scenario's name may begin as another's.
        begins = f"server-{name}-"
        folders = [one for one in Path(results).glob(f"{begins}*") if one.name.removeprefix(begins).startswith("20")]
        if len(folders) != 1:
            raise harness.Wrong(f"{len(folders)} results of {name}: {said[-2000:]}")
        checks[name] = json.loads((folders[0] / "checks.json").read_text())
    return run.returncode, said, checks


def baseline(server, version):
    """The file of what may fail."""
    return HERE / f"{server}-{version}.yml"


def entries(server, version):
    return set(re.findall(r"^  - (\S+)", baseline(server, version).read_text(), re.MULTILINE))


def run(server, url, version, has_sessions, fail):
    """Runs the suite, and gives what failed and how much did not."""
    with tempfile.TemporaryDirectory() as results:
        code, said, checks = suite(url, version, baseline(server, version), results)
    if len(checks) < LEAST[version]:
        fail(f"the suite ran {len(checks)} scenarios: {said[-2000:]}")
    failed = collections.defaultdict(list)
    for name, those in checks.items():
        for check in those:
            if check["status"] in FAILED:
                failed[f"{name}:{check['id']}"].append(check.get("errorMessage"))
    unexpected = sorted(failed.keys() - entries(server, version))
    for name in unexpected:
        fail(f"{name}: {'; '.join(map(str, failed[name]))}")
    # Lines that are out of date are told of once, of both ways together.
    if code != 0 and not unexpected and "Stale baseline" not in said:
        fail(f"the suite ends with {code}: {said[-2000:]}")

    if server == "fixtures":
        for name in sorted(OF_TRANSPORT[version] | (OF_SESSIONS[version] if has_sessions else set())):
            own = [check for check in checks.get(name, []) if check["id"] not in OF_ALL]
            if not any(check["status"] == "SUCCESS" for check in own):
                fail(f"{name} found nothing to check")
            for check in own:
                if check["status"] in FAILED:
                    fail(f"{name} is about the transport, and {check['id']} says {check.get('errorMessage')}")
    counts = collections.Counter(check["status"] for those in checks.values() for check in those)
    whole = sum(not any(check["status"] in FAILED for check in those) for those in checks.values())
    good = (
        f"{whole} of {len(checks)} scenarios hold; of checks {counts['SUCCESS']} hold, {counts['FAILURE']} fail and "
        f"{counts['WARNING']} warn as expected, {counts['SKIPPED']} do not apply"
    )
    return failed.keys(), good


def main():
    program, report = harness.binary(), harness.Report()
    commands = {"fixtures": [harness.example(program, "conformance"), "0"], "product": [program, "serve", "--demo", "--http", "0"]}
    for server, command in commands.items():
        failed = {HANDSHAKE: set(), STATELESS: set()}
        for mode, flags in MODES.items():
            what = f"{server} {mode}"
            try:
                with harness.served([*command, *flags]) as address:
                    for version in (HANDSHAKE, STATELESS):
                        what, before = f"{server} {mode}, {version}", report.wrong
                        names, good = run(
                            server, f"{address}/mcp", version, bool(flags), lambda detail: report.fail(what, detail)
                        )
                        failed[version] |= names
                        if server == "fixtures":
                            has_session = bool(flags) and version == HANDSHAKE
                            asker = Asker(f"{address}/mcp", version, has_session)
                            leave(asker, lambda detail: report.fail(what, detail))
                            good += "; a cancelled call ends"
                        if report.wrong == before:
                            report.good(what, good)
            except harness.Wrong as error:
                report.fail(what, error)
        for version, names in failed.items():
            # The suite itself lets a line stand whose check was never made.
            for name in sorted(entries(server, version) - names):
                report.fail(server, f"{name} fails no more: take it out of {baseline(server, version).name}")
    report.end()


main()
