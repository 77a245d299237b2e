"""The server against the MCP inspector: its strict listing must have neither an error nor a warning, and a call an answer."""

import json
import os
import tempfile
from pathlib import Path

import harness
from harness.ways import ways

HERE = Path(__file__).parent
LAUNCHER = HERE / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def ask(target, *arguments):
    """Runs the inspector and returns its answer. Any line on standard error fails the check."""
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "log"
        with log.open("w") as errors:
            command = [harness.node(HERE), LAUNCHER, "--cli", *target, *arguments]
            answer = harness.run(
                *command, capture_output=False, stdout=-1, stderr=errors, timeout=120, env={**os.environ, "HOME": home}
            )
        harness.require(not log.read_text().strip(), log.read_text())
    return json.loads(answer)


def inspect(target, era):
    flags = ["--protocol-era", era]
    tools = ask(target, *flags, "--method", "tools/list", "--strict")["tools"]
    harness.require(tools, "no tools")
    named = ["--tool-name", "pci_compliance_requirement", "--tool-arg", "requirement=10"]
    answer = ask(target, *flags, "--method", "tools/call", *named)
    harness.require(not answer.get("isError") and answer["structuredContent"]["requirement"] == 10, f"odd: {answer}")
    return f"{len(tools)} tools, strictly without error or warning; one called"


def main():
    program, report = harness.binary(), harness.Report()
    for what, (transport, *where) in ways(program):
        if transport == "sse":
            continue
        # The inspector repeats the server's log on its standard error.
        target = ["-e", "RUST_LOG=off", where[0], *where[1]] if transport == "stdio" else where
        for era in ("legacy", "modern"):
            report.check(f"{what}, inspector ({era})", lambda _: inspect(target, era))
    report.end()


main()
