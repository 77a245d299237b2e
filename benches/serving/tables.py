"""Tables in Markdown, and the figures in them."""

import statistics
import sys

# The program keeps these on the demo: ms to start, ms for a call, MiB of memory.
TARGETS = {"start": 20, "p50": 1, "memory": 30}


def table(title, heads, rows, *notes):
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|---" + "|---:" * (len(heads) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    for note in notes:
        print(f"\n{note}")
    sys.stdout.flush()


def with_target(title, heads, rows, target, which, *notes):
    """A table with a column for the target of the first stack's rows, and whether they keep it."""
    rows = [[*row, f"≤ {target}" + (" **missed**" if value > target else "") if value is not None else ""]
            for row, value in zip(rows, which)]
    table(title, [*heads, "target"], rows, *notes)


def ms(seconds):
    return f"{seconds * 1e3:.2f}" if seconds < 0.1 else f"{seconds * 1e3:.0f}"


def mib(kib):
    return f"{kib / 1024:.1f}"


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def ratio(ours, theirs):
    """The median of the ratios of what ran one right after the other."""
    return statistics.median(one / other for one, other in zip(ours, theirs))
