"""What others take for the same work, in the same run; as tables in Markdown.

usage: run compare [BINARY] [--only generating,connectivity,servers] [--quick]

Generating    from a stack's file to policies, proof and assessment, beside PyYAML's C loader, which reads the same file
              and does nothing more; and written to memory, beside `cp -r` of the same folder and `sync -f`
Connectivity  of up to 961 workloads under 1,600 policies, beside network-config-analyzer
Servers       start and calls, as section E of tables.py has them

Each figure is a median, and each ratio the median of the ratios of pairs that ran one right after the other; calls are
paired by their place in the row of calls.
"""

import argparse
import atexit
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import harness
import others
import processes
import tables
import yaml
from large_sets import SMALLER, large_set
from subjects import Run

# Memory where there is some, so that no disk is measured.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


def timed(work):
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def quietly(*command):
    run = subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if run.returncode:
        raise harness.Wrong(f"`{' '.join(map(str, command))}` ended with {run.returncode}: {run.stderr[-2000:]}")


def interleaved(rounds, *works):
    """How long each of `works` takes, one after the other and again and again; once before it counts."""
    for work in works:
        work()
    return list(zip(*([timed(work) for work in works] for _ in range(rounds))))


def median(times):
    return tables.ms(statistics.median(times))


def generating(program, sizes, rounds, folder):
    rows = []
    for components in sizes:
        file, out, copy = folder / f"{components}.yaml", folder / "policies", folder / "copy"
        stack = [harness.example(program, "big_stack"), str(components), "5"]
        file.write_bytes(subprocess.run(stack, capture_output=True, check=True).stdout)
        generate = [program, "generate", "--stack", file, "--out", out]

        def anew(target):
            shutil.rmtree(target, ignore_errors=True)

        def copied():
            quietly("cp", "-r", out, copy)
            quietly("sync", "-f", copy)

        anew(out)
        # Removing what was written before is not part of either.
        dry, written, read, copying = [], [], [], []
        for at in range(rounds + 1):
            one = timed(lambda: quietly(*generate, "--dry-run"))
            two = timed(lambda: yaml.load(file.read_bytes(), yaml.CSafeLoader))
            anew(out)
            three = timed(lambda: quietly(*generate))
            anew(copy)
            four = timed(copied)
            if at:
                for kept, value in zip((dry, read, written, copying), (one, two, three, four)):
                    kept.append(value)
        anew(out)
        anew(copy)
        rows.append([
            f"{components:,}", median(read), median(dry), f"{tables.ratio(dry, read):.3f}", median(written),
            f"{tables.ratio(written, read):.3f}", median(copying),
        ])
    heads = ["components, 5 links each", "PyYAML reads, ms", "`--dry-run`, ms", "ratio", "with writing, ms", "ratio",
             "`cp -r`, `sync -f`, ms"]
    tables.table(
        f"Generating, whole processes, {'in memory' if MEMORY else 'on disk'}; medians of {rounds} rounds", heads, rows,
        "Targets at 1,000 components: at most 0.15, and 0.25 with writing.",
    )


def connecting(program, quick, rounds, folder):
    rows = []
    for count, policies in SMALLER if quick else [*SMALLER, (961, 1_600)]:
        texts, place = {}, folder / str(count)
        place.mkdir()
        for name, objects in large_set(count, policies, 1).items():
            texts[name] = yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None)
            (place / f"{name}.yaml").write_text(texts[name])
        ours, read = interleaved(
            rounds,
            lambda: quietly(program, "connectivity", place, "--json"),
            lambda: [list(yaml.load_all(one, yaml.CSafeLoader)) for one in texts.values()],
        )
        # Its format with the least work; `txt`, the default, also looks for few rules that say the same.
        nca = [harness.installed("nca"), "--connectivity", "-r", place, "-o", "txt_no_fw_rules"]
        theirs = timed(lambda: quietly(*nca))
        rows.append([count, f"{policies:,}", median(ours), median(read), f"{tables.ratio(ours, read):.3f}",
                     f"{theirs:.1f}", f"{theirs / statistics.median(ours):,.0f}"])
    heads = ["workloads", "policies", "ours, ms", "PyYAML reads, ms", "ratio", "NCA, s, once", "times ours"]
    tables.table("Connectivity", heads, rows, "Target at 961: at most a thousandth of NCA's time.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--quick", action="store_true", help="small and few: shows that it works, not what it costs")
    parser.add_argument("--only", metavar="A,B", default="generating,connectivity,servers", help="these parts alone")
    given = parser.parse_args()
    only = given.only.split(",")
    program = harness.binary(given.binary)
    atexit.register(lambda: [processes.end(process) for process in list(processes.RUNNING)])
    processes.machine()
    rounds = 2 if given.quick else 9
    try:
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            folder = Path(folder)
            if "generating" in only:
                generating(program, [100] if given.quick else [100, 1_000, 5_000], rounds, folder)
            if "connectivity" in only:
                connecting(program, given.quick, rounds, folder)
            if "servers" in only:
                others.others(Run(program, given.quick, folder))
    except (harness.Wrong, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"WRONG  {error}")


main()
