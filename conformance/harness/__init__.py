"""Shared by all checks in Python: the program under test, its stacks, servers, and reports."""

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Wrong(Exception):
    """Ends one check as failed."""


def require(holds, detail):
    if not holds:
        raise Wrong(detail)


class Report:
    """Prints one line per check and counts failures."""

    def __init__(self):
        self.wrong = 0

    def fail(self, what, detail):
        self.wrong += 1
        print(f"WRONG  {what}: {detail}", flush=True)

    def good(self, what, detail):
        print(f"ok     {what}: {detail}", flush=True)

    def check(self, what, work):
        """Runs `work(fail)`. What it returns is printed if it raised nothing and never called `fail`."""
        before = self.wrong
        try:
            good = work(lambda detail: self.fail(what, detail))
        except Exception as error:  # noqa: BLE001
            self.fail(what, flat(error))
            return
        if self.wrong == before:
            self.good(what, good)

    def end(self):
        if self.wrong:
            sys.exit(f"{self.wrong} wrong")


def flat(error):
    """The text of an exception, with the exceptions of a group."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(flat(inner) for inner in error.exceptions)
    return str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"


def binary(named=None):
    """The program under test: `named`, or the first argument, or $PCM, or the release build."""
    first = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None
    named = named or first or os.environ.get("PCM")
    path = Path(named or ROOT / "target" / "release" / "pci-compliance-mcp").resolve()
    if not path.is_file():
        sys.exit(f"no binary at {path}: name one as the first argument or in PCM")
    return str(path)


@functools.cache
def example(program, name):
    """A Cargo example, built in the same target folder and profile as the program."""
    folder = Path(program).parent
    profile = [] if folder.name == "debug" else ["--release"]
    command = ["cargo", "build", "--locked", "--quiet", "--example", name, "--target-dir", folder.parent]
    subprocess.run([*command, *profile], check=True, cwd=ROOT)
    return str(folder / "examples" / name)


def installed(name):
    """A command of the packages that this check runs with."""
    return Path(sys.prefix) / "bin" / name


def node(folder):
    """The node that a folder's packages bring for Linux, or else the machine's."""
    return next(Path(folder).glob("node_modules/node-*/bin/node"), "node")


def run(*command, **options):
    """The standard output of a command, which must end with 0."""
    command = [str(word) for word in command]
    done = subprocess.run(command, **{"capture_output": True, "text": True, "timeout": 600, **options})
    if done.returncode != 0:
        raise Wrong(f"`{' '.join(command)}` ended with {done.returncode}: {done.stdout or ''}{done.stderr or ''}")
    return done.stdout


@contextlib.contextmanager
def served(command, wait=30):
    """Runs a server that prints its address on standard error, and yields the address. SIGINT must stop it."""
    words = " ".join(map(str, command))
    with tempfile.NamedTemporaryFile("w+") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        text = Path(log.name).read_text
        try:
            deadline = time.monotonic() + wait
            while not (address := re.search(r"serving at (http://\S+)/mcp", text())):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise Wrong(f"`{words}` does not serve: {text()[-2000:]}")
                time.sleep(0.05)
            yield address[1]
            server.send_signal(signal.SIGINT)
            if server.wait(wait) != 0:
                raise Wrong(f"`{words}` ends with {server.returncode}: {text()[-2000:]}")
        except subprocess.TimeoutExpired:
            raise Wrong(f"`{words}` does not stop when interrupted") from None
        finally:
            server.kill()
            server.wait()


def tools(command):
    """The tools that a server lists over standard input and output. It must answer a call as well."""
    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "check", "version": "0"}}
    messages = [
        {"id": 1, "method": "initialize", "params": opening},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "describe_stack", "arguments": {}}},
        {"id": 3, "method": "tools/list"},
    ]
    text = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages)
    answers = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        server.stdin.write(text)
        server.stdin.flush()
        # Standard input stays open until both answers are there: closing it ends the server.
        for line in server.stdout:
            answer = json.loads(line)
            answers[answer.get("id")] = answer
            if {2, 3} <= answers.keys():
                break
        server.stdin.close()
    if not {2, 3} <= answers.keys() or answers[2].get("result", {}).get("isError", True):
        raise Wrong(f"`{' '.join(map(str, command))}` does not answer: {answers.get(2)}")
    return answers[3]["result"]["tools"]


def stacks():
    """All stacks to check: name to command-line arguments."""
    found = {"demo (embedded)": ["--demo"]}
    files = [*ROOT.glob("fixtures/*.yaml"), *ROOT.glob("fixtures/*/stack-metadata.yaml")]
    for file in sorted(file for file in files if not file.name.startswith("pci-")):
        found[str(file.relative_to(ROOT))] = ["--stack", str(file)]
    return found


def generate(program, stack, level, out):
    """Generates into `out` and returns the manifest."""
    run(program, "generate", *stack, "--level", level, "--out", out)
    return json.loads((Path(out) / "networkpolicy-manifest.json").read_text())
