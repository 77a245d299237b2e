"""Connectivity against an analyser that others wrote: the engine of `nca --connectivity` of network-config-analyzer.

options: [BINARY] [--sets N] [--seed S]

- N random sets of manifests (200 by default): a few namespaces and workloads, up to eight policies. A set is drawn from
  its own seed: S for the first, S + 1 for the second and so on. So `--sets 1 --seed` with the seed that a difference
  names draws that set again.
- Two larger sets, of those whose speed is measured.
- The policies that `generate` makes of the demo and of fixtures/full-form.yaml, at both levels, whole: each namespace
  that they manage or name gets a Pod and a Deployment; so does one that they don't know.

Both answers are brought to one form: for each source, destination and protocol the ports, with addresses cut where
either side cuts them. Any difference fails the check. Connections of a workload to itself are left out: for a
Deployment of two replicas the analyser lists them, the command leaves them out by design. Protocols other than TCP, UDP
and SCTP are left out as well: a NetworkPolicy can't name them. `--ip-blocks-match-pods` is not checked here, since the
analyser has nothing like it.
"""

import argparse
import faulthandler
import json
import tempfile
from pathlib import Path

import harness
import yaml
from analyser import analyse
from answers import differences
from command import ask
from harness.kubernetes import LABEL, listing, namespace_object, peer_namespaces
from large_sets import SMALLER, large_set
from random_sets import random_set
from workloads import KINDS, workload_object

STACKS = ["demo (embedded)", "fixtures/full-form.yaml"]
LEVELS = ["pci_dss_strict", "standard"]
# The differences of one set that are printed, and the sets that differ before the check gives up.
SHOWN, ENOUGH = 12, 5


def compare(objects, ours):
    """What is wrong, as lines, and on how many connections both agree."""
    try:
        lines, count = differences(ours(), analyse(objects))
    except harness.Wrong as error:
        return [str(error)], 0
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return lines[:SHOWN] + more, count


def as_yaml(objects):
    return yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None)


def part_that_differs(program, objects):
    """What is left when no object can be left out any more without the answers agreeing; with what is then wrong."""

    def wrong(some):
        return compare(some, lambda: ask(program, "-", listing(some)))[0]

    if not wrong(objects):
        return None
    for one in list(objects):
        without = [other for other in objects if other is not one]
        if any(other["kind"] in KINDS for other in without) and wrong(without):
            objects = without
    return objects, wrong(objects)


def check_random(program, report, seed):
    """One random set, given to the command in one of the three ways in which it reads. Returns the connections."""
    objects = random_set(seed)
    way = seed % 3
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        half = len(objects) // 2
        files = [
            {"some.yaml": as_yaml(objects[:half]), "others.json": listing(objects[half:])},
            {"all.yaml": as_yaml(objects)},
            {"standard input": listing(objects)},
        ][way]
        if way < 2:
            for name, text in files.items():
                (folder / name).write_text(text)
        argument, text = [(folder, None), (folder / "all.yaml", None), ("-", files.get("standard input"))][way]
        wrong, count = compare(objects, lambda: ask(program, argument, text))
    if wrong:
        told = [*wrong, *(f"--- {name}\n{content}" for name, content in files.items())]
        part = part_that_differs(program, objects)
        if part:
            told += ["--- a part of it that differs as well, in one list", as_yaml(part[0]), *part[1]]
        report.fail(f"the set with the seed {seed}", "\n".join(told))
    return count


def check_large(program, report, count, policies, seed):
    what = f"{count} workloads"
    with tempfile.TemporaryDirectory() as folder:
        by_namespace = large_set(count, policies, seed)
        for name, some in by_namespace.items():
            (Path(folder) / f"{name}.yaml").write_text(as_yaml(some))
        objects = [one for some in by_namespace.values() for one in some]
        wrong, connections = compare(objects, lambda: ask(program, folder))
    if wrong:
        report.fail(what, "\n".join(wrong))
    else:
        report.good(what, f"{policies} policies, {len(by_namespace)} namespaces, {connections:,} connections")


def check_generated(program, report, name, level):
    """What `generate` makes of one stack, with workloads that we made up."""
    what = f"{name} at {level}"
    with tempfile.TemporaryDirectory() as folder:
        made, folder = Path(folder) / "generated", Path(folder) / "set"
        folder.mkdir()
        policies, namespaces = [], {"elsewhere"}
        try:
            manifest = harness.generate(program, harness.stacks()[name], level, made)
            for entry in manifest["policies"]:
                text = (made / entry["file"]).read_text()
                (folder / entry["file"]).write_text(text)
                policies.append(json.loads(text))
                namespaces |= {policies[-1]["metadata"]["namespace"], *peer_namespaces(policies[-1])}
        except harness.Wrong as error:
            report.fail(what, error)
            return
        cluster = []
        for namespace in sorted(namespaces):
            cluster.append(namespace_object(namespace, {LABEL: namespace}))
            cluster.append(workload_object("Pod", namespace, "one", {"app": "one"}))
            cluster.append(workload_object("Deployment", namespace, "two", {"app": "two"}, replicas=2))
        (folder / "cluster.yaml").write_text(as_yaml(cluster))
        wrong, count = compare([*cluster, *policies], lambda: ask(program, folder))
    if wrong:
        report.fail(what, "\n".join(wrong))
    else:
        report.good(what, f"{len(policies)} policies, {len(namespaces)} namespaces, {count:,} connections")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    program, report = harness.binary(args.binary), harness.Report()

    # The analyser runs in this process: were it to hang, nothing else would stop it.
    faulthandler.dump_traceback_later(900, exit=True)
    connections = 0
    for seed in range(args.seed, args.seed + args.sets):
        connections += check_random(program, report, seed)
        if report.wrong >= ENOUGH:
            report.end()
    if not report.wrong:
        report.good("random sets", f"{args.sets} sets, {connections:,} connections")
    for count, policies in SMALLER:
        check_large(program, report, count, policies, args.seed)
    for name in STACKS:
        for level in LEVELS:
            check_generated(program, report, name, level)
    report.end()


main()
