"""The tools' descriptions against a scanner for prompt injection: Cisco's mcp-scanner, by its YARA rules.

The scanner must list every tool that the server has, and call each of them safe.
"""

import json
import os
import subprocess
import tempfile

import harness


def main():
    program, report = harness.binary(), harness.Report()
    command = [harness.installed("mcp-scanner"), "--analyzers", "yara", "--format", "raw", "stdio", "--stdio-command"]
    # Without the variable one of its libraries asks the internet for the prices of models.
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}

    def check(fail):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [*command, program, "--stdio-arg=serve", "--stdio-arg=--demo"],
                capture_output=True, text=True, timeout=300, env=environment, cwd=folder,
            )
        # Lines of its own may come before the object.
        start = run.stdout.find("{")
        harness.require(run.returncode == 0 and start >= 0, f"exit {run.returncode}: {run.stderr[-2000:]}")
        items = json.loads(run.stdout[start:])["scan_results"]
        listed = {tool["name"] for tool in harness.tools([program, "serve", "--demo"])}
        scanned = {item["tool_name"] for item in items}
        harness.require(listed and scanned == listed, f"scanned {sorted(scanned)} of {sorted(listed)}")
        for item in items:
            is_scanned = item.get("status") == "completed" and "yara_analyzer" in item.get("findings", {})
            if not is_scanned or item.get("is_safe") is not True:
                fail(f"{item['tool_name']}: {json.dumps(item.get('findings'))}")
        return f"{len(items)} tools, all safe"

    report.check("scanner", check)
    report.end()


main()
