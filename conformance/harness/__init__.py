"""What the checks in Python share: their packages, the binary, the stacks, and how they say what is wrong."""

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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / "target" / "checks-venv"
SCANNER = ROOT / "target" / "checks-scanner"
NPM = ROOT / "target" / "checks-npm" / "node_modules"


def with_packages():
    """Goes on in the checks' own Python, which has their packages."""
    sys.dont_write_bytecode = True
    if Path(sys.prefix).resolve() != VENV.resolve():
        subprocess.run([HERE / "tools"], check=True)
        python = str(VENV / "bin" / "python")
        os.execv(python, [python, "-B", *sys.argv])


def binary(named=None):
    """The program to check: as named, or the first argument, or $PCM, or the release build."""
    named = named or (sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PCM"))
    path = Path(named or ROOT / "target" / "release" / "pci-compliance-mcp").resolve()
    if not path.is_file():
        sys.exit(f"no binary at {path}: name one as the first argument or in PCM")
    return str(path)


@functools.cache
def example(program, name):
    """An example, built as the program was."""
    folder = Path(program).parent
    profile = [] if folder.name == "debug" else ["--release"]
    command = ["cargo", "build", "--locked", "--example", name, "--target-dir", folder.parent]
    subprocess.run([*command, *profile], check=True, cwd=ROOT)
    return str(folder / "examples" / name)


def node():
    """The node that the npm packages bring, newer than the machine's need be."""
    return next(NPM.glob("node-*/bin/node"))


@contextlib.contextmanager
def served(command, wait=30):
    """Runs a server that tells its address on standard error, and gives the address. It must stop when interrupted."""
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)

        def words():
            said.seek(0)
            return said.read()

        try:
            until = time.monotonic() + wait
            while not (address := re.search(r"serving at (http://\S+)/mcp", words())):
                if server.poll() is not None or time.monotonic() > until:
                    raise Wrong(f"`{' '.join(map(str, command))}` does not serve: {words()[-2000:]}")
                time.sleep(0.05)
            yield address[1]
            server.send_signal(signal.SIGINT)
            if server.wait(wait) != 0:
                raise Wrong(f"`{' '.join(map(str, command))}` ends with {server.returncode}: {words()[-2000:]}")
        except subprocess.TimeoutExpired:
            raise Wrong(f"`{' '.join(map(str, command))}` does not stop when interrupted") from None
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


def tools(program):
    """The tools that the server lists over standard input and output."""
    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "check", "version": "0"}}
    messages = [
        {"id": 1, "method": "initialize", "params": opening},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
    ]
    with subprocess.Popen(
        [program, "serve", "--demo"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:
        server.stdin.write("".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages))
        server.stdin.flush()
        for line in server.stdout:
            answer = json.loads(line)
            if answer.get("id") == 2:
                server.stdin.close()
                return answer["result"]["tools"]
    raise Wrong("the server lists no tools")


def stacks():
    """Every stack there is to check, by name: the arguments that choose it."""
    found = {"demo (embedded)": ["--demo"]}
    files = [*ROOT.glob("fixtures/*.yaml"), *ROOT.glob("fixtures/*/stack-metadata.yaml")]
    for file in sorted(file for file in files if not file.name.startswith("pci-")):
        found[str(file.relative_to(ROOT))] = ["--stack", str(file)]
    return found


def generate(program, stack, level, out):
    """Generates into `out` and returns the manifest."""
    command = [program, "generate", *stack, "--level", level, "--out", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if run.returncode != 0:
        raise Wrong(f"`{' '.join(command)}` ended with {run.returncode}: {run.stdout}{run.stderr}")
    return json.loads((Path(out) / "networkpolicy-manifest.json").read_text())


class Wrong(Exception):
    """Something is wrong that ends the check of one stack."""


class Report:
    """Collects what is wrong, under the heading of what is being checked."""

    def __init__(self):
        self.wrong = 0

    def fail(self, what, detail):
        self.wrong += 1
        print(f"WRONG  {what}: {detail}", flush=True)

    def good(self, what, detail):
        print(f"ok     {what}: {detail}", flush=True)

    def end(self):
        if self.wrong:
            sys.exit(f"{self.wrong} wrong")
