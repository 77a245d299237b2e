#!/usr/bin/env python3
"""The tools' descriptions against a scanner for prompt injection and the like: Cisco's mcp-scanner, by its YARA rules.

usage: scanner.py [BINARY]

It must list every tool that the server has, and call each of them safe.
"""

import json
import os
import subprocess
import tempfile

import common

common.with_packages()


def main():
    program, report = common.binary(), common.Report()
    scanner = common.SCANNER / "bin" / "mcp-scanner"
    # Without the variable one of its libraries asks the internet for the prices of models.
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [scanner, "--analyzers", "yara", "--format", "raw", "stdio", "--stdio-command", program]
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [*command, "--stdio-arg=serve", "--stdio-arg=--demo"],
            capture_output=True, text=True, timeout=300, env=environment, cwd=folder,
        )
    try:
        # Lines of its own may come before the object.
        items = json.loads(run.stdout[run.stdout.index("{"):])["scan_results"]
    except (ValueError, KeyError):
        items = []
    listed = {tool["name"] for tool in common.tools(program)}
    scanned = {item["tool_name"] for item in items}
    if run.returncode != 0 or not listed or scanned != listed:
        detail = f"exit {run.returncode}, scanned {sorted(scanned)} of {sorted(listed)}: {run.stderr[-2000:]}"
        report.fail("scanner", detail)
    for item in items:
        is_scanned = item.get("status") == "completed" and "yara_analyzer" in item.get("findings", {})
        if not is_scanned or item.get("is_safe") is not True:
            report.fail("scanner", f"{item['tool_name']}: {json.dumps(item.get('findings'))}")
    if not report.wrong:
        report.good("scanner", f"{len(items)} tools, all safe")
    report.end()


main()
