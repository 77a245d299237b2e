"""Processes that end with the run, and what the kernel counts of them."""

import contextlib
import os
import platform
import re
import subprocess
import time
from pathlib import Path

RUNNING = set()


@contextlib.contextmanager
def running(command, **streams):
    """A process that is gone afterwards, whatever happens."""
    process = subprocess.Popen([str(part) for part in command], **streams)
    RUNNING.add(process)
    try:
        yield process
    finally:
        end(process)


def end(process):
    process.kill()
    process.wait()
    for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
        with contextlib.suppress(OSError):
            stream.close()
    RUNNING.discard(process)


def status(pid, *names):
    """What the kernel says of a process's memory under `names`, in KiB."""
    said = Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+)", said)[1]) for name in names]


def memory(pid):
    """Resident now and at most, in KiB."""
    return status(pid, "VmRSS", "VmHWM")


def own(pid):
    """What of the resident memory is no file's: the rest is the program itself, of which the kernel decides how much it
    maps around what is used, and which processes share; in KiB."""
    return status(pid, "RssAnon")[0]


def cpu(pid):
    """The CPU time of all of a process's threads so far, also of those that ended, in seconds."""
    return time.clock_gettime((~pid << 3) | 2)


def machine():
    facts = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", facts)
    total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(f"{len(os.sched_getaffinity(0))} cores, {model[1] if model else platform.processor()}; "
          f"{total / 2**20:.1f} GiB of memory; {platform.system()} {platform.release()}, {platform.machine()}; "
          f"load average before: {load}.")
