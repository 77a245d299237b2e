"""What serving costs: time to start, per call and under load, and memory; as tables in Markdown.

usage: run serving [BINARY] [--only A,B] [--stack FILE]... [--quick]

A  start: from the process's start to its first answer
B  each tool: its first call in a fresh process, warm calls over stdio and over HTTP; memory
C  calls per second of 1, 10 and 100 clients, beside a server of the same SDK that answers a constant
D  the same with a token and without
E  beside `pci-dss-mcp` from PyPI, and a FastMCP server whose tool answers a constant
F  memory over 100,000 calls
G  1, 10 and 100 stacks of 100 components: memory, a reload, the watcher at rest
H  stacks swapped under load, by the tests (needs cargo; not part of --quick)

Each `--stack` is measured besides the demo and a generated stack of 1,000 components and 5,000 links. Clients and server
share the machine. An error in place of an answer ends the run: no figure is one of errors.
"""

import argparse
import atexit
import signal
import subprocess
import sys
import tempfile
import time

import fleets
import harness
import load
import one_client
import others
from processes import RUNNING, end, machine
from subjects import Run

SECTIONS = "ABCDEFGH"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--only", metavar="A,B", help="these sections alone")
    parser.add_argument("--stack", metavar="FILE", action="append", default=[], help="another stack to measure")
    parser.add_argument("--quick", action="store_true", help="few calls: shows that it works, not what it costs")
    given = parser.parse_args()
    only = set(given.only.upper().split(",")) if given.only else set(SECTIONS) - ({"H"} if given.quick else set())
    if only - set(SECTIONS):
        parser.error(f"sections are {', '.join(SECTIONS)}")
    program = harness.binary(given.binary)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    atexit.register(lambda: [end(process) for process in list(RUNNING)])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(program, given.quick, folder)
        machine()
        try:
            cases = run.cases(given.stack) if only & {"A", "B"} else []
            sections = {
                "A": lambda: one_client.start(run, cases), "B": lambda: one_client.tools(run, cases),
                "C": lambda: load.pressed(run), "D": lambda: load.authorised(run), "E": lambda: others.others(run),
                "F": lambda: load.lasting(run), "G": lambda: fleets.fleets(run), "H": lambda: fleets.swaps(run),
            }
            for section in sorted(only):
                sections[section]()
        except (harness.Wrong, OSError, subprocess.SubprocessError) as error:
            sys.exit(f"WRONG  {error}")
    print(f"\nThe whole run took {time.monotonic() - begun:.0f} s.")


main()
