#!/usr/bin/env python3
"""Generated policies against the tools that will read them.

usage: policies.py [BINARY]

For every stack under fixtures/ and the embedded demo, at both levels that make policies:
- generating twice gives the same files with the same bytes;
- `kubectl kustomize` takes the folder and yields the policies that the manifest lists, no more and no fewer;
- each policy is what the Kubernetes API accepts, with no field it doesn't know, in the oldest and the newest version
  that kubernetes-validate has.
"""

import functools
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import common

common.with_packages()

import yaml
from kubernetes_validate import utils as kubernetes

LEVELS = ["pci_dss_strict", "standard"]

# It reads the same large schema again for each object otherwise.
kubernetes.schema_contents = functools.cache(kubernetes.schema_contents)
VERSIONS = [kubernetes.all_versions()[0], kubernetes.all_versions()[-1]]


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(policies):
    return sorted((policy["metadata"]["namespace"], policy["metadata"]["name"]) for policy in policies)


def check(program, stack, level, folder, fail):
    first, second = folder / "first", folder / "again"
    manifest = common.generate(program, stack, level, first)
    common.generate(program, stack, level, second)

    files, again = content(first), content(second)
    for file in sorted(files.keys() | again.keys()):
        if files.get(file) != again.get(file):
            fail(f"{file} is not the same when generated twice")

    listed = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    for file in sorted(listed.keys() | files.keys() - {"networkpolicy-manifest.json"}):
        if file not in files:
            fail(f"the manifest lists {file}, which is not there")
        elif file not in listed:
            fail(f"{file} is there, and the manifest does not list it")
        elif hashlib.sha256(files[file]).hexdigest() != listed[file]:
            fail(f"{file} has another SHA-256 than the manifest says")

    kustomized = subprocess.run(["kubectl", "kustomize", str(first)], capture_output=True, text=True, timeout=300)
    if kustomized.returncode != 0:
        fail(f"kubectl kustomize refuses the folder: {kustomized.stderr.strip()}")
    else:
        objects = [one for one in yaml.load_all(kustomized.stdout, Loader=yaml.CSafeLoader) if one]
        for one in objects:
            if one["kind"] != "NetworkPolicy":
                fail(f"kubectl kustomize yields a {one['kind']}")
        wanted = sorted((policy["namespace"], policy["name"]) for policy in manifest["policies"])
        found = names(one for one in objects if one["kind"] == "NetworkPolicy")
        for policy in sorted(set(wanted) ^ set(found)):
            fail(f"{'/'.join(policy)} is {'not ' if policy in wanted else ''}among what kubectl kustomize yields")
        if len(wanted) != len(found):
            fail(f"kubectl kustomize yields {len(found)} policies, the manifest lists {len(wanted)}")

    for policy in manifest["policies"]:
        parsed = json.loads(files[policy["file"]])
        for version in VERSIONS:
            try:
                kubernetes.validate(parsed, version, strict=True)
            except kubernetes.ValidationError as error:
                where = ".".join(map(str, error.path))
                fail(f"{policy['file']} is not valid in Kubernetes {version}: {where}: {error.message}")
    if not manifest["policies"]:
        fail("no policies at all")
    return len(manifest["policies"])


def main():
    if shutil.which("kubectl") is None:
        sys.exit("kubectl is missing: this check needs `kubectl kustomize`, and does not pass without it")
    program, report = common.binary(), common.Report()
    for name, stack in common.stacks().items():
        for level in LEVELS:
            what, before = f"{name} at {level}", report.wrong
            with tempfile.TemporaryDirectory() as folder:
                try:
                    count = check(program, stack, level, Path(folder), lambda detail: report.fail(what, detail))
                except common.Wrong as error:
                    report.fail(what, error)
            if report.wrong == before:
                report.good(what, f"{count} policies")
    report.end()


main()
