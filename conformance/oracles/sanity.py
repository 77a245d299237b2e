"""Strict policies against an analyser that others wrote: `nca --sanity` of network-config-analyzer.

It reports policies and rules that are empty, or that could go without a change of what is allowed. Of ours, only these
may: a default-deny (each other policy of its namespace and direction isolates as well), and what the manifest itself
marks `dead-letter` or `depends`. Every other line that it prints fails the check. A rule with its counterpart missing
is such a line, since alone it allows nothing.

The cluster is made up from the manifest: each namespace that it manages or names, kube-system and default, with a pod
each; the one of kube-system is CoreDNS. The API server and addresses are no pods here. IPv6 is analysed as IPv4 is.

The analyser's time grows with the cube of the policies. So it runs once per namespace, on that namespace's policies
and, of each neighbour, on its default-deny, its rules by address and what names the first: all that can change what the
first's policies allow: no peer of ours is wider than a namespace, and a peer by address selects no pod. Both are
checked, not assumed. A line counts in the run of its own namespace; in the others its surroundings are not there.
"""

import functools
import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import harness
from harness.kubernetes import LABEL, listing, namespace_object, peer_namespaces as peers

STACKS = ["demo (embedded)", "fixtures/full-form.yaml"]
# The frame of a report; whatever else stands in it is a finding.
FRAME = re.compile(
    r"global: cluster has \d+ unique endpoints, \d+ namespaces"
    r"|NetworkConfig \S+ (?:passed sanity check|failed sanity check:)"
    r"|Total run time: .*"
)
# The policy that a line of the report is about.
ABOUT = re.compile(
    r"(?:(?:Ingress|Egress|ingress|egress) rule no\. \d+ in )?(?:K8s)?NetworkPolicy ([^\s/]+/[^\s/]+)"
    r" (?:is redundant|is empty|does not select)"
)


def surroundings(policies, namespace):
    """The policies that decide what those of `namespace` allow."""
    chosen = [policy for policy in policies if policy["metadata"]["namespace"] == namespace]
    near = set().union(*map(peers, chosen))
    for policy in policies:
        if policy["metadata"]["namespace"] == namespace:
            continue
        if namespace in peers(policy):
            near.add(policy["metadata"]["namespace"])
    for policy in policies:
        owner = policy["metadata"]["namespace"]
        if owner != namespace and owner in near and (not peers(policy) or namespace in peers(policy)):
            chosen.append(policy)
    return chosen, near | {namespace, "kube-system", "default"}


def analyse(policies, namespace):
    """The lines of the analyser's report that are about policies of `namespace`, or that are not understood."""
    chosen, namespaces = surroundings(policies, namespace)
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "policies": chosen,
            "namespaces": [namespace_object(name, {LABEL: name}) for name in sorted(namespaces)],
            "pods": [
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {
                        "name": "coredns" if name == "kube-system" else "pod",
                        "namespace": name,
                        "labels": {"k8s-app": "kube-dns"} if name == "kube-system" else {},
                    },
                    "spec": {"containers": [{"name": "main", "image": "main"}]},
                }
                for name in sorted(namespaces)
            ],
        }
        paths = {}
        for name, items in files.items():
            paths[name] = Path(folder) / f"{name}.json"
            paths[name].write_text(listing(items))
        command = [harness.installed("nca"), "--sanity", paths["policies"], "-n", paths["namespaces"], "-p", paths["pods"]]
        run = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    lines = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
    if not any("sanity check" in line for line in lines):
        raise harness.Wrong("the analyser came to no end: " + "\n".join(lines)[-2000:])
    if f"cluster has {len(namespaces)} unique endpoints" not in run.stdout:
        raise harness.Wrong(f"the analyser does not see {len(namespaces)} pods: {lines[0]}")
    kept = []
    for line in lines:
        about = ABOUT.match(line)
        owner = about and about[1].split("/")[0]
        if not FRAME.fullmatch(line) and (owner is None or owner == namespace):
            kept.append((line, about and about[1]))
    return kept


def check(program, stack, fail):
    with tempfile.TemporaryDirectory() as folder:
        manifest = harness.generate(program, stack, "pci_dss_strict", folder)
        policies = [json.loads((Path(folder) / policy["file"]).read_text()) for policy in manifest["policies"]]
    known = {f"{policy['namespace']}/{policy['name']}": policy for policy in manifest["policies"]}
    namespaces = sorted({policy["namespace"] for policy in manifest["policies"]})
    for policy in policies:
        if policy["spec"]["podSelector"] != {}:
            raise harness.Wrong(f"{policy['metadata']['name']} does not select all pods of its namespace")
    kinds = {(policy["kind"], policy["namespace"], policy["direction"]) for policy in manifest["policies"]}
    for namespace in namespaces:
        for direction in ("ingress", "egress"):
            if ("default-deny", namespace, direction) not in kinds:
                fail(f"{namespace} has no default-deny for {direction}")

    expected = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lambda namespace: analyse(policies, namespace), namespaces):
            for line, name in lines:
                policy = known.get(name)
                if policy and (policy["kind"] == "default-deny" or policy["reach"] != "live"):
                    expected += 1
                else:
                    fail(line)
    return f"{len(policies)} policies of {len(namespaces)} namespaces; {expected} redundant, as expected"


def main():
    program, report = harness.binary(), harness.Report()
    for name in STACKS:
        report.check(name, functools.partial(check, program, harness.stacks()[name]))
    report.end()


main()
